/** The real daemon, started through bin/nightshift, and its API without the command line between. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

export const checkout = join(import.meta.dirname, '..', '..');
export const nightshift = join(checkout, 'bin', 'nightshift');

/** One that is not ready by then is taken to hang. */
const readyMs = 120_000;
const stderrMost = 200;

/** The daemon said no, or the connection broke. */
export class RequestFailed extends Error {
  readonly status: number | null;
  constructor(message: string, status: number | null) {
    super(message);
    this.name = 'RequestFailed';
    this.status = status;
  }
}

export class DaemonProcess {
  readonly child: ChildProcess;
  readonly spawnedAt = Date.now();
  readonly data: string;
  /** What it said on standard error, the last lines. */
  readonly said: string[] = [];
  /** What it said on standard output. */
  readonly lines: string[] = [];
  readonly ended: Promise<void>;
  readonly #ready: Promise<boolean>;

  constructor(data: string, faults: readonly string[], options: readonly string[] = []) {
    this.data = data;
    this.child = spawn(nightshift, ['serve', '--data', data, '--runtime', 'container', ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NIGHTSHIFT_FAULTS: faults.join(' ') },
    });
    const { stdout, stderr } = this.child;
    if (stdout === null || stderr === null) throw new Error('the daemon has no pipes');
    const isReady = Promise.withResolvers<boolean>();
    createInterface({ input: stdout }).on('line', (line) => {
      this.lines.push(line);
      if (line.startsWith('ready:')) isReady.resolve(true);
    });
    createInterface({ input: stderr }).on('line', (line) => {
      this.said.push(line);
      if (this.said.length > stderrMost) this.said.shift();
    });
    this.ended = once(this.child, 'close').then(() => isReady.resolve(false));
    this.#ready = isReady.promise;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** False when it ended before; throws when it takes far too long, or could not be started for another reason than a kill. */
  async ready(): Promise<boolean> {
    const timer = setTimeout(() => this.child.kill('SIGABRT'), readyMs);
    const ready = await this.#ready;
    clearTimeout(timer);
    if (!ready && this.child.signalCode !== 'SIGKILL') {
      throw new Error(
        `the daemon ended by itself (${this.child.exitCode ?? this.child.signalCode}): ${this.said.join(' | ')}`,
      );
    }
    return ready;
  }

  async kill(): Promise<void> {
    if (this.runs) this.child.kill('SIGKILL');
    await this.ended;
  }

  async terminate(): Promise<void> {
    if (this.runs) this.child.kill('SIGTERM');
    await this.ended;
  }

  /** A document of the API. Rejects with {@link RequestFailed}. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.#request(method, path, body);
    return (answer === '' ? undefined : JSON.parse(answer)) as T;
  }

  get<T>(path: string): Promise<T> {
    return this.call<T>('GET', path);
  }

  /** A stream of documents, one a line, read to its end. */
  async stream<T>(path: string): Promise<T[]> {
    const answer = await this.#request('GET', path);
    return answer.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as T]));
  }

  async #request(method: string, path: string, body?: unknown): Promise<string> {
    try {
      const request = httpRequest({
        socketPath: join(this.data, 'nightshift.sock'),
        path: `/api/v1${path}`,
        method,
        ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' } }),
      });
      request.end(body === undefined ? undefined : JSON.stringify(body));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const answer = await text(response);
      if ((response.statusCode ?? 500) >= 400) {
        throw new RequestFailed(`${method} ${path}: ${answer}`, response.statusCode ?? null);
      }
      return answer;
    } catch (error) {
      if (error instanceof RequestFailed) throw error;
      throw new RequestFailed(`${method} ${path}: ${(error as Error).message}`, null);
    }
  }
}
