/**
 * A PostgreSQL of a test file's own: made in a temporary folder by Debian's programs, on a free port and a socket in that folder,
 * ended and removed afterwards. As root it runs as somebody without rights, as PostgreSQL demands.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { findFreePort } from './free-port.ts';
import { makeTempFolder, type TempFolder } from './temp-folder.ts';
import { testUser } from './test-user.ts';

const startsWithinMs = 60_000;

/** Where initdb and postgres are; undefined where PostgreSQL is not installed. */
export const postgresPrograms: string | undefined = [
  ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
  ...(process.env.PATH ?? '').split(':'),
].find((folder) => existsSync(join(folder, 'initdb')));

/** For the title of what needs it. */
export const skippedWithoutPostgres =
  postgresPrograms === undefined ? ' (skipped: no PostgreSQL; apt-get install postgresql)' : '';

export interface ClusterWishes {
  /** Commits reach the disk, as in production; off is quicker. */
  readonly fsync: boolean;
}

export class Cluster {
  readonly port: number;
  readonly password = 'a-password/with:@letters';
  readonly #folder: TempFolder;
  readonly #wishes: ClusterWishes;
  #server: ChildProcess | undefined;
  #made = 0;

  private constructor(folder: TempFolder, port: number, wishes: ClusterWishes) {
    this.#folder = folder;
    this.port = port;
    this.#wishes = wishes;
  }

  static async start(wishes: ClusterWishes = { fsync: false }): Promise<Cluster> {
    const folder = await makeTempFolder('postgres');
    const { uid, gid } = testUser();
    chownSync(folder.path, uid, gid);
    const cluster = new Cluster(folder, await findFreePort(), wishes);
    const options = ['--encoding=UTF8', '--locale=C.UTF-8', '--username=nightshift', '--no-sync'];
    const trust = ['--auth-local=trust', '--auth-host=scram-sha-256'];
    execFileSync(cluster.#program('initdb'), ['-D', cluster.#data, ...options, ...trust], {
      ...{ uid, gid, stdio: ['ignore', 'pipe', 'pipe'], cwd: folder.path },
    });
    try {
      await cluster.up();
      await cluster.query(`ALTER USER nightshift PASSWORD '${cluster.password}'`);
      return cluster;
    } catch (error) {
      await cluster.dispose();
      throw error;
    }
  }

  /** By the socket, where no password is asked for. */
  address(database: string): string {
    return `postgres://nightshift@/${database}?host=${this.#folder.path}&port=${this.port}`;
  }

  /** By TCP. */
  addressWithPassword(database: string, password = this.password): string {
    return `postgres://nightshift:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${database}`;
  }

  /** Makes an empty database; answers its name. */
  async database(): Promise<string> {
    this.#made += 1;
    const name = `made_${this.#made}`;
    await this.query(`CREATE DATABASE ${name} TEMPLATE template0`);
    return name;
  }

  async query(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.address(database) });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Starts the server, and waits until it answers. */
  async up(): Promise<void> {
    const { uid, gid } = testUser();
    const settings = Object.entries({
      fsync: this.#wishes.fsync ? 'on' : 'off',
      full_page_writes: this.#wishes.fsync ? 'on' : 'off',
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: this.#folder.path,
      shared_buffers: '16MB',
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#server = spawn(this.#program('postgres'), ['-D', this.#data, ...settings], {
      ...{ uid, gid, stdio: ['ignore', 'ignore', 'pipe'], cwd: this.#folder.path },
    });
    let said = '';
    this.#server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
    });
    const server = this.#server;
    for (const end = Date.now() + startsWithinMs; ; await delay(50)) {
      try {
        await this.query('SELECT 1');
        return;
      } catch (error) {
        if (server.exitCode !== null || Date.now() > end)
          throw new Error(`PostgreSQL did not start: ${said}`, { cause: error });
      }
    }
  }

  /** `immediate` is as a crash: nothing is tidied up, and the next start recovers. */
  async down(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
  }

  async dispose(): Promise<void> {
    await this.down('immediate');
    await this.#folder.dispose();
  }

  get #data(): string {
    return join(this.#folder.path, 'data');
  }

  #program(name: string): string {
    if (postgresPrograms === undefined) throw new Error('PostgreSQL is not installed');
    return join(postgresPrograms, name);
  }
}
