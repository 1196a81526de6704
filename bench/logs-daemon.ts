/** A daemon of their own for the benches of the log, and its API over the socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuSeconds } from './process-cost.ts';

const checkout = join(import.meta.dirname, '..');

export class BenchDaemon {
  readonly folder: string;
  readonly data: string;
  readonly root: string;
  readonly #process: ChildProcess;
  readonly #agent = new Agent({ keepAlive: true });

  private constructor(folder: string, process: ChildProcess) {
    this.folder = folder;
    this.data = join(folder, 'data');
    this.root = join(folder, 'root');
    this.#process = process;
  }

  /** `before` may fill the data folder, which is handed to it. */
  static async start(before: (data: string) => Promise<void> | void = () => undefined): Promise<BenchDaemon> {
    // Runs have a /tmp of their own.
    const isRoot = process.getuid?.() === 0;
    const folder = mkdtempSync(join(isRoot ? '/srv' : tmpdir(), 'nightshift-bench-'));
    chmodSync(folder, 0o711);
    const data = join(folder, 'data');
    mkdirSync(data);
    mkdirSync(join(folder, 'root'));
    chmodSync(join(folder, 'root'), 0o777);
    writeFileSync(join(data, 'plans.yml'), 'plans: [{name: bench, memory: 65536MB, jobs: 500, cpu: 64}]\n');
    await before(data);
    const options = ['serve', '--data', data, '--listen', 'none', '--ssh', 'none', '--ephemeral'];
    const child = spawn(join(checkout, 'bin/nightshift'), options, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (child.stdout === null) throw new Error('the daemon has no pipe');
    for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('ready:')) break;
    const daemon = new BenchDaemon(folder, child);
    await daemon.call('POST', '/environments', { name: 'bench', root: daemon.root });
    await daemon.call('PUT', '/environments/bench/component', { plan: 'bench' });
    return daemon;
  }

  /** Resolves with the answer's body, to be read. Rejects for a refusal. */
  stream(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = {
        socketPath: join(this.data, 'nightshift.sock'),
        path: `/api/v1${path}`,
        agent: false as const,
      };
      request(asked, (response) => {
        if (response.statusCode === 200) resolve(response);
        else reject(new Error(`${path}: ${response.statusCode}`));
      })
        .once('error', reject)
        .end();
    });
  }

  /** Milliseconds until the whole answer is there. */
  call(method: string, path: string, body?: unknown): Promise<number> {
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const socketPath = join(this.data, 'nightshift.sock');
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      const asked = { socketPath, agent: this.#agent, method, path: `/api/v1${path}`, headers };
      const outgoing = request(asked, (response) => {
        let text = '';
        response.on('data', (part: Buffer) => {
          text += part;
        });
        response.once('end', () => {
          if ((response.statusCode ?? 500) < 300) resolve(performance.now() - began);
          else reject(new Error(`${method} ${path}: ${text}`));
        });
      });
      outgoing.once('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Asks for the jobs all the while; `end` answers the 99th percentile and the worst, ms. */
  watchApi(): { end: () => Promise<{ asked: number; p50Ms: number; p99Ms: number; worstMs: number }> } {
    const found: number[] = [];
    let over = false;
    const asking = (async () => {
      while (!over) {
        found.push(await this.call('GET', '/environments/bench/jobs'));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    return {
      end: async () => {
        over = true;
        await asking;
        found.sort((a, b) => a - b);
        const at = (share: number) =>
          round(found[Math.min(found.length - 1, Math.floor(found.length * share))] ?? 0);
        return { asked: found.length, p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1) };
      },
    };
  }

  /** Resident memory of the daemon, MB: now, and at most so far. */
  get memory(): { nowMB: number; peakMB: number } {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
    const of = (name: string) =>
      Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
    return { nowMB: of('VmRSS'), peakMB: of('VmHWM') };
  }

  /** CPU time of the daemon so far, s. */
  get cpuSeconds(): number {
    return cpuSeconds(this.#process.pid ?? 0);
  }

  async end(): Promise<void> {
    this.#agent.destroy();
    this.#process.kill('SIGTERM');
    await once(this.#process, 'close');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const round = (value: number): number => Math.round(value * 100) / 100;
