import type { Clock } from '../../domain/clock.ts';
import { type CommandResult, runCommand } from './command.ts';
import { containerId } from './state-folder.ts';

const timeoutMs = 10_000;

export type ContainerStatus =
  /** `created`, `running`, `paused` or `stopped`. */
  | { readonly kind: 'known'; readonly status: string }
  /** It has no such container, or could not say; it says both in words of its own. */
  | { readonly kind: 'unknown'; readonly why: string };

/** `crun` or `runc`: the calls that are not conmon's. */
export class OciRuntime {
  readonly name: string;
  readonly path: string;
  readonly #root: string;
  readonly #clock: Clock;

  constructor(path: string, root: string, clock: Clock) {
    this.name = path.slice(path.lastIndexOf('/') + 1);
    this.path = path;
    this.#root = root;
    this.#clock = clock;
  }

  /** Lets a created container's init go on. */
  start(runId: string): Promise<CommandResult> {
    return this.#call('start', containerId(runId));
  }

  /** Removes a container, whatever state it is in; one that is not there is no error. */
  async remove(runId: string): Promise<CommandResult> {
    return this.#call('delete', '--force', containerId(runId));
  }

  async status(runId: string): Promise<ContainerStatus> {
    const result = await this.#call('state', containerId(runId));
    if (result.code !== 0) return { kind: 'unknown', why: complaint(result) };
    try {
      const status = (JSON.parse(result.stdout) as { status?: unknown }).status;
      if (typeof status === 'string') return { kind: 'known', status };
    } catch {
      // Told below.
    }
    return { kind: 'unknown', why: 'it answered with something else' };
  }

  #call(...words: string[]): Promise<CommandResult> {
    return runCommand(this.#clock, this.path, [`--root=${this.#root}`, ...words], timeoutMs);
  }
}

/** What a failed call said, in one line. */
export function complaint(result: CommandResult): string {
  if (result.timedOut) return 'it did not answer in time';
  const said = result.stderr.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
  return said === '' ? `it ended with code ${result.code}` : said;
}
