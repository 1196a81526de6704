/** The examples as an app's own folder: laid out as a deployment would, with programs that they wait for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '../testkit/free-port.ts';
import { listening } from '../testkit/listening.ts';

const examples = join(import.meta.dirname, '../../examples');

/** Copies an example into a root folder, as files of whoever owns that. */
export function layOut(example: string, root: string): void {
  cpSync(join(examples, example), root, { recursive: true });
  const { uid, gid } = lstatSync(root);
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    chownSync(join(root, path), uid, gid);
}

/** A server that a test starts beside the daemon and ends itself. */
export class Beside {
  readonly port: number;
  readonly child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.child = child;
  }

  /** @param words what to run, with the port that it is to listen at */
  static async start(
    words: (port: number) => readonly [string, ...string[]],
    options: {
      readonly cwd: string;
      readonly env?: NodeJS.ProcessEnv;
      readonly uid?: number;
      readonly gid?: number;
    },
  ): Promise<Beside> {
    const port = await findFreePort();
    const [program, ...args] = words(port);
    const child = spawn(program, args, {
      stdio: 'ignore',
      ...options,
      env: { ...process.env, ...options.env },
    });
    const failed = once(child, 'exit').then(() => {
      throw new Error(`${program} ended before it listened`);
    });
    await Promise.race([listening(port), failed]);
    failed.catch(() => undefined); // its end is awaited below
    return new Beside(port, child);
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await once(this.child, 'close');
  }
}
