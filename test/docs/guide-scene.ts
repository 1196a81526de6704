/** A guide's own words at a real daemon: the app that a guide speaks of, and its lines run one by one as they are written. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from 'vitest';
import { Client } from '../../src/cli/client.ts';
import { checkout, type Daemon, run, type Stage } from '../system/daemon.ts';
import { isRoot, nobody } from '../system/machine.ts';
import type { Line } from './pages.ts';

/** Below the root of the environment, with what is in them. */
export type Files = Readonly<Record<string, string>>;

export class Scene {
  readonly stage: Stage;
  readonly daemon: Daemon;
  /** For what a guide takes for granted: quicker than the command line, which is for its own lines. */
  readonly client: Client;
  /** What the guide calls the environment. */
  readonly word: string;
  readonly environment: string;
  readonly root: string;
  /** Where the lines are run: a folder of nobody else. */
  readonly folder: string;
  /** What stands in the guide, and what stands for it here. */
  readonly stands = new Map<string, string>();
  readonly printed: string[] = [];
  env: NodeJS.ProcessEnv = {};
  /** Where a guide is read in another folder than its own. */
  cwd: string | undefined;

  /** @param page each guide has an environment of its own */
  constructor(stage: Stage, daemon: Daemon, word: string, page: string) {
    this.stage = stage;
    this.daemon = daemon;
    this.client = new Client(join(daemon.data, 'nightshift.sock'));
    this.word = word;
    this.environment = stage.name(`${word}-${basename(page, '.md').toLowerCase()}`);
    this.root = stage.root(this.environment);
    this.folder = join(stage.folder, `desk-${this.environment}`);
    mkdirSync(this.folder);
    this.stands.set(`/srv/${word}`, this.root);
  }

  /** Lays files into the root, as the environment's user has them. */
  lay(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: 0o755 });
      if (!isRoot) continue;
      for (let at = file; at !== this.root; at = dirname(at)) chownSync(at, nobody().uid, nobody().gid);
    }
  }

  /** Lays a file beside, which the guide has at `path`. */
  beside(path: string, text: string): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    this.stands.set(path, file);
    return file;
  }

  /** The environment as a guide takes it for granted. */
  async isThere(plan = 'XL'): Promise<void> {
    await this.client.call('POST', '/environments', {}, { name: this.environment, root: this.root });
    await this.client.call('PUT', `/environments/${this.environment}/component`, {}, { plan });
  }

  worker(name: string, command: string): Promise<unknown> {
    return this.#add({ name, type: 'worker', command });
  }

  cron(name: string, command: string): Promise<unknown> {
    return this.#add({ name, type: 'cron', command, interval: '1mo' });
  }

  #add(job: object): Promise<unknown> {
    return this.client.call('POST', `/environments/${this.environment}/jobs`, {}, job);
  }

  /** The line as it can be said here. */
  #here(text: string): string {
    const longestFirst = [...this.stands.keys()].sort((a, b) => b.length - a.length);
    const any = longestFirst.map((each) => each.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|');
    const line = text.replaceAll(new RegExp(any, 'g'), (there) => this.stands.get(there) ?? there);
    // A word of its own, or who logs in: not a part of a path or of an address of mail.
    const word = new RegExp(`(?<=^|[\\s=]|ssh://)${this.word}(?=$|\\s|@host|@127)`, 'g');
    return line.replaceAll(word, this.environment);
  }

  async say({ where, text }: Line): Promise<void> {
    const line = this.#here(text);
    const env = {
      ...{ NIGHTSHIFT_DATA: this.daemon.data, PATH: `${checkout}/bin:${process.env['PATH']}` },
      ...this.env,
    };
    const cwd = this.cwd ?? this.folder;
    if (/ -f\b|\btail\b/.test(line)) return await this.#listen(where, line, { env, cwd });
    const { code, stdout, stderr } = await run('sh', ['-ec', line], { env, cwd });
    expect({ where, line, code, stderr }).toEqual({ where, line, code: 0, stderr: expect.anything() });
    this.printed.push(stdout);
  }

  /** What goes on until somebody ends it: its first line is enough. */
  async #listen(
    where: string,
    line: string,
    { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string },
  ): Promise<void> {
    const child = spawn('sh', ['-c', `exec ${line}`], {
      ...{ cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 },
    });
    const ended = once(child, 'close');
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const first = once(child.stdout.setEncoding('utf8'), 'data').then(([text]) => String(text));
    const shown = await Promise.race([first, ended.then(() => null)]);
    expect({ where, line, shown, stderr }).toMatchObject({ shown: expect.stringContaining('\n') });
    this.printed.push(shown ?? '');
    child.kill('SIGINT');
    await ended;
  }

  get all(): string {
    return this.printed.join('');
  }

  /** So that what the next guide does has the machine for itself. */
  async remove(): Promise<void> {
    await this.client.call('DELETE', `/environments/${this.environment}`);
  }
}
