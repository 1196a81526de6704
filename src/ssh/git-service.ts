/** What git over SSH needs of whoever serves repositories: handed in by the composition root. */
import type { Readable, Writable } from 'node:stream';
import type { Actor } from '../control/control.ts';

export interface GitRequest {
  /** Who pushes or fetches; what they may do is decided in `control`. */
  readonly actor: Actor;
  readonly environment: string;
  readonly service: 'git-receive-pack' | 'git-upload-pack';
  /** As the client wrote it: `/app.git`. */
  readonly path: string;
  /** The version of git's own protocol that the client would like, as `version=2`; null when it says nothing. */
  readonly protocol: string | null;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborts when the client has left. */
  readonly signal: AbortSignal;
}

/** Resolves with the exit code that the client gets; a Refusal is told to it as a sentence, with exit code 1. */
export type GitService = (request: GitRequest) => Promise<number>;
