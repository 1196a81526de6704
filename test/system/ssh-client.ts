/** OpenSSH's own client, as system tests use it: no file of its user's is read, every byte of its output is kept. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { EventLog } from '../testkit/event-log.ts';
import { type Daemon, run } from './daemon.ts';

export interface SshResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Where the daemon says that it serves SSH. */
export async function sshPort(daemon: Daemon): Promise<number> {
  const port = /\bssh 127\.0\.0\.1:(\d+)/.exec(await daemon.ready())?.[1];
  if (port === undefined) throw new Error('the daemon serves no SSH');
  return Number(port);
}

/** One key, and one server to show it to. */
export class SshClient {
  readonly key: string;
  readonly port: number;

  private constructor(key: string, port: number) {
    this.key = key;
    this.port = port;
  }

  /** Makes a key below the folder. */
  static async make(folder: string, name: string, port: number): Promise<SshClient> {
    const key = join(folder, `key-${name}`);
    const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key]);
    if (made.code !== 0) throw new Error(made.stderr);
    return new SshClient(key, port);
  }

  /** The same key, at another port. */
  at(port: number): SshClient {
    return new SshClient(this.key, port);
  }

  get publicKey(): string {
    return readFileSync(`${this.key}.pub`, 'utf8');
  }

  /** The words before the user's name, for ssh, scp and sftp. */
  options(...more: string[]): string[] {
    return [
      ...['-F', 'none', '-i', this.key, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'],
      ...['-o', `Port=${this.port}`, ...more],
    ];
  }

  start(user: string, words: readonly string[], ...options: string[]): Session {
    return new Session('ssh', [...this.options(...options), '-l', user, '127.0.0.1', ...words]);
  }

  /** Says one thing and waits for the end, with this on its standard input. */
  async say(user: string, words: readonly string[], input = '', ...options: string[]): Promise<SshResult> {
    const session = this.start(user, words, ...options);
    session.stdin.end(input);
    return await session.ended;
  }
}

/** A client that runs. */
export class Session {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly ended: Promise<SshResult>;
  /** What came so far; told at each piece. */
  readonly told = new EventLog<string>();
  #stdout: Buffer[] = [];
  #stderr: Buffer[] = [];

  constructor(program: string, words: readonly string[], reads = true) {
    this.child = spawn(program, words, {
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: 90_000,
      killSignal: 'SIGKILL',
      // No agent and no window of whoever runs the tests.
      env: { PATH: process.env.PATH, HOME: '/nonexistent', TERM: 'xterm' },
    });
    this.child.stdin.on('error', () => undefined); // it may leave before it has read all
    if (reads) {
      this.child.stdout.on('data', (bytes: Buffer) => this.#take(this.#stdout, bytes));
      this.child.stderr.on('data', (bytes: Buffer) => this.#take(this.#stderr, bytes));
    }
    this.ended = once(this.child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: Buffer.concat(this.#stdout),
      stderr: this.stderr,
    }));
  }

  get stdin(): Writable {
    return this.child.stdin;
  }

  get stdout(): string {
    return Buffer.concat(this.#stdout).toString();
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr).toString();
  }

  /** Resolves when this stands in what came on stdout or stderr. */
  async shows(text: string): Promise<void> {
    const there = (): boolean => this.stdout.includes(text) || this.stderr.includes(text);
    if (there()) return;
    await this.told.first(`"${text}" from the client`, there, 30_000);
  }

  /** Ends the client with nothing said to the server. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    // A pipe that nobody reads is never closed.
    for (const stream of [this.child.stdout, this.child.stderr]) stream.resume();
    await this.ended;
  }

  #take(into: Buffer[], bytes: Buffer): void {
    into.push(bytes);
    this.told.push(bytes.toString());
  }
}
