/**
 * The real daemon for system tests: started through bin/nightshift on a data folder of its own, spoken to by the command
 * line, killed and started again, and removed without a trace. Whatever a test leaves running is an error of that test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { EventLog } from '../testkit/event-log.ts';
import { isRoot, leftovers, nobody, remnantGroups } from './machine.ts';

export const checkout = join(import.meta.dirname, '..', '..');
export const nightshift = join(checkout, 'bin', 'nightshift');

/** Beside other tests on a busy machine. */
const readyWithinMs = 60_000;

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LogLine {
  readonly time: string;
  readonly job: string;
  readonly run: string;
  readonly level: 'INFO' | 'ERR';
  readonly message: string;
}

export interface RunRow {
  readonly id: string;
  readonly job: string | null;
  readonly trigger: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly leftovers?: readonly { readonly command: string }[];
}

/** Runs a program to its end; what it prints is kept, standard input is empty. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<CommandResult> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A command that does not come to its end must not outlive the tests.
    timeout: 60_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** A folder for one test: the data folder, and the roots of its environments beside it. */
export class Stage {
  readonly folder: string;
  readonly data: string;
  /** What is run as the daemon and as its command line. */
  program = nightshift;
  readonly #suffix = Math.random().toString(36).slice(2, 8);
  #environments: string[] = [];
  #daemons: Daemon[] = [];

  constructor() {
    // Not below /tmp for root: runs have a private one.
    this.folder = realpathSync(mkdtempSync(join(isRoot ? '/srv' : tmpdir(), 'nightshift-test-')));
    chmodSync(this.folder, 0o711);
    this.data = join(this.folder, 'data');
  }

  /** What a daemon's groups and run-time folders are called after; `src/main/data-folder.ts` has the rule. */
  get #instance(): string {
    return createHash('sha256').update(this.data).digest('hex').slice(0, 8);
  }

  /** An environment's name that no other test uses: groups and users of the machine carry it. */
  name(word: string): string {
    const name = `${word}-${this.#suffix}`;
    this.#environments.push(name);
    return name;
  }

  /** An empty root folder, owned by somebody without rights, so that no system user has to be made. */
  root(name: string): string {
    const root = join(this.folder, name);
    mkdirSync(root, { recursive: true });
    if (isRoot) chownSync(root, nobody().uid, nobody().gid);
    return root;
  }

  /** Starts the daemon on the stage's data folder; the one before must have ended. */
  async start(...options: string[]): Promise<Daemon> {
    const daemon = new Daemon(this.data, options, {}, this.program);
    this.#daemons.push(daemon);
    await daemon.ready();
    return daemon;
  }

  /** The same, with faults that it plays on itself (docs/reference/faults.md). */
  startWithFaults(faults: string, ...options: string[]): Promise<Daemon> {
    return this.startWith({ NIGHTSHIFT_FAULTS: faults }, ...options);
  }

  /** The same, with further variables. */
  async startWith(variables: NodeJS.ProcessEnv, ...options: string[]): Promise<Daemon> {
    const daemon = new Daemon(this.data, options, variables, this.program);
    this.#daemons.push(daemon);
    await daemon.ready();
    return daemon;
  }

  /** An environment on plan M (or the one named), ready for jobs. */
  async environment(daemon: Daemon, word: string, plan = 'M'): Promise<{ name: string; root: string }> {
    const name = this.name(word);
    const root = this.root(name);
    await daemon.do('env', 'create', name, '--root', root);
    await daemon.do('book', name, plan);
    return { name, root };
  }

  /** Ends and removes everything, and fails when something was left that is not ours to leave. */
  async dispose(): Promise<void> {
    try {
      if (this.#daemons.length > 0) {
        const daemon = this.#daemons.find((each) => each.runs) ?? (await this.start());
        for (const { name } of await daemon.json<{ name: string }[]>('env', 'list')) {
          await daemon.do('env', 'remove', name, '--yes');
        }
        await daemon.terminate();
      }
      expect(leftovers([this.data, ...this.#environments]), 'processes that are left').toEqual([]);
      expect(remnantGroups([this.#instance, ...this.#environments]), 'cgroups that are left').toEqual([]);
    } finally {
      for (const daemon of this.#daemons) await daemon.kill();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

/** One process of the daemon, from its start to its end. */
export class Daemon {
  readonly data: string;
  readonly child: ChildProcess;
  readonly lines = new EventLog<string>();
  readonly #ended: Promise<CommandResult>;
  readonly #program: string;
  #stderr = '';

  constructor(data: string, options: readonly string[], env: NodeJS.ProcessEnv = {}, program = nightshift) {
    this.data = data;
    this.#program = program;
    // Tests that run beside each other would argue about the usual port.
    const listen = ['--listen', '--ssh'].flatMap((way) => (options.includes(way) ? [] : [way, 'none']));
    this.child = spawn(program, ['serve', '--data', data, ...listen, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('the daemon has no pipes');
    createInterface({ input: stdout }).on('line', (line) => this.lines.push(line));
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = once(this.child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.lines.all.join('\n'),
      stderr: this.#stderr,
    }));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the daemon could not be started');
    return this.child.pid;
  }

  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves with the `ready:` line; rejects when the daemon ends before it. */
  ready(): Promise<string> {
    const early = this.#ended.then((result) => {
      throw new Error(`the daemon ended before it was ready (${result.code}): ${result.stderr}`);
    });
    const ready = this.lines.first('the ready line', (line) => line.startsWith('ready:'), readyWithinMs);
    return Promise.race([ready, early]);
  }

  ended(): Promise<CommandResult> {
    return this.#ended;
  }

  async kill(): Promise<void> {
    if (!this.runs) return;
    this.child.kill('SIGKILL');
    await this.#ended;
  }

  async terminate(): Promise<CommandResult> {
    if (this.runs) this.child.kill('SIGTERM');
    return this.#ended;
  }

  cli(...args: string[]): Promise<CommandResult> {
    return run(this.#program, args, { env: { NIGHTSHIFT_DATA: this.data } });
  }

  /** A command that must succeed; its output. */
  async do(...args: string[]): Promise<string> {
    const result = await this.cli(...args);
    if (result.code !== 0) throw new Error(`nightshift ${args.join(' ')} (${result.code}): ${result.stderr}`);
    return result.stdout;
  }

  async json<T>(...args: string[]): Promise<T> {
    const separator = args.indexOf('--');
    const all = separator < 0 ? [...args, '--json'] : args.toSpliced(separator, 0, '--json');
    return JSON.parse(await this.do(...all)) as T;
  }

  /** A document of the API, without the command line: for tests that look often. */
  async get<T>(path: string): Promise<T> {
    const request = httpGet({ socketPath: join(this.data, 'nightshift.sock'), path: `/api/v1${path}` });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return JSON.parse(await text(response)) as T;
  }

  /** Newest first. */
  runsOf(environment: string, job: string): Promise<RunRow[]> {
    return this.json<RunRow[]>('runs', environment, '--job', job);
  }

  follow(environment: string): Follower {
    return new Follower(this.data, environment);
  }
}

/** `nightshift logs -f`: what tests wait for. */
export class Follower {
  readonly lines = new EventLog<LogLine>();
  readonly #child: ChildProcess;

  constructor(data: string, environment: string) {
    this.#child = spawn(nightshift, ['logs', environment, '-f', '-n', '1000', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NIGHTSHIFT_DATA: data },
    });
    if (this.#child.stdout === null) throw new Error('the follower has no pipe');
    createInterface({ input: this.#child.stdout }).on('line', (line) =>
      this.lines.push(JSON.parse(line) as LogLine),
    );
  }

  /** The first line of the job that holds this text, of a run that is not one of `not`. */
  line(job: string, text: string, not: readonly string[] = []): Promise<LogLine> {
    return this.lines.first(
      `a line "${text}" of ${job}`,
      (line) => line.job === job && line.message.includes(text) && !not.includes(line.run),
    );
  }

  messages(run: string): string[] {
    return this.lines.all.filter((line) => line.run === run).map((line) => line.message);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'close');
  }
}
