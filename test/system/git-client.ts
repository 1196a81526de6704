/** Debian's git over OpenSSH's own client, as system tests use them: nobody's configuration, one key, one working copy. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EventLog } from '../testkit/event-log.ts';
import { type CommandResult, type Daemon, run } from './daemon.ts';
import { has } from './machine.ts';

export const canPush = has('git') && has('ssh') && has('ssh-keygen');
export const whyNot = canPush ? '' : ' (skipped: git or the OpenSSH client is not on PATH)';

/** Where the daemon says that it serves SSH. */
export async function sshPortOf(daemon: Daemon): Promise<string> {
  const port = /\bssh 127\.0\.0\.1:(\d+)/.exec(await daemon.ready())?.[1];
  if (port === undefined) throw new Error('the daemon serves no SSH');
  return port;
}

/** Text or bytes; `null` removes; `link` makes a symbolic link, `run` an executable. */
export type Content = string | Uint8Array | null | { readonly link: string } | { readonly run: string };

export class GitClient {
  readonly folder: string;
  readonly key: string;
  #port = '0';

  private constructor(folder: string, key: string) {
    this.folder = folder;
    this.key = key;
  }

  /** A working copy with a key of its own, which is given to these environments. */
  static async make(
    folder: string,
    name: string,
    daemon: Daemon,
    ...environments: string[]
  ): Promise<GitClient> {
    const key = join(folder, `key-${name}`);
    const made = await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key]);
    if (made.code !== 0) throw new Error(made.stderr);
    const client = new GitClient(join(folder, name), key);
    mkdirSync(client.folder);
    await client.do('init', '-q', '-b', 'main');
    for (const environment of environments) await daemon.do('key', 'add', environment, `${key}.pub`);
    client.reach(await sshPortOf(daemon));
    return client;
  }

  /** The port of the daemon that is there now. */
  reach(port: string): void {
    this.#port = port;
  }

  url(environment: string, path = '/app.git'): string {
    return `ssh://${environment}@127.0.0.1:${this.#port}${path}`;
  }

  get env(): NodeJS.ProcessEnv {
    const options = [
      ...['-F none', `-i ${this.key}`, '-o IdentitiesOnly=yes', '-o BatchMode=yes', '-o LogLevel=ERROR'],
      ...['-o StrictHostKeyChecking=no', '-o UserKnownHostsFile=/dev/null'],
    ];
    return {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_SSH_COMMAND: `ssh ${options.join(' ')}`,
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.org',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.org',
    };
  }

  git(...args: string[]): Promise<CommandResult> {
    return run('git', args, { cwd: this.folder, env: this.env });
  }

  /** A command that must succeed; what it printed, without its last newline. */
  async do(...args: string[]): Promise<string> {
    const result = await this.git(...args);
    if (result.code !== 0) throw new Error(`git ${args.join(' ')} (${result.code}): ${result.stderr}`);
    return result.stdout.trimEnd();
  }

  /** Writes files and commits them; the id of the commit. */
  async commit(message: string, files: Readonly<Record<string, Content>>): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.folder, path);
      rmSync(file, { recursive: true, force: true });
      if (content === null) continue;
      mkdirSync(dirname(file), { recursive: true });
      if (typeof content === 'string' || content instanceof Uint8Array) writeFileSync(file, content);
      else if ('link' in content) symlinkSync(content.link, file);
      else {
        writeFileSync(file, content.run);
        chmodSync(file, 0o755);
      }
    }
    await this.do('add', '-A', '.');
    await this.do('commit', '-q', '--allow-empty', '-m', message);
    return await this.do('rev-parse', 'HEAD');
  }

  push(environment: string, what = 'main', ...options: string[]): Promise<CommandResult> {
    return this.git('push', ...options, this.url(environment), what);
  }

  /** A push that is looked at while it goes on. */
  pushing(environment: string, what = 'main'): Pushing {
    return new Pushing(this, this.url(environment), what);
  }
}

export class Pushing {
  readonly child: ChildProcess;
  readonly lines = new EventLog<string>();
  readonly ended: Promise<number | null>;

  constructor(client: GitClient, url: string, what: string) {
    const child = spawn('git', ['push', url, what], {
      cwd: client.folder,
      env: client.env,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 90_000,
      killSignal: 'SIGKILL',
      // With the ssh that it starts, so that both can be ended.
      detached: true,
    });
    this.child = child;
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.lines.push(line.trimEnd());
    });
    this.ended = once(child, 'close').then(([code]) => code as number | null);
  }

  shows(text: string): Promise<string> {
    return this.lines.first(`"${text}" on the pusher's screen`, (line) => line.includes(text), 30_000);
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGINT');
  }
}
