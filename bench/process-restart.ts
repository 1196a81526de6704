/**
 * How long a worker that was killed is missed: from the KILL to its successor's first instruction, in the process runtime
 * and under runit's `runsv`, with the same script, in turns, on the same machine. The process runtime looks for what the
 * dead one left behind and drains its output before anything new is started; runsv doesn't. The successor is started at
 * the exit report, as the supervisor does after 10 s of running. Prints milliseconds (median) and the ratio (below 1:
 * faster than runit). Run: `node bench/process-restart.ts`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createProcessRuntime } from '../src/runtimes/process/process-runtime.ts';
import { systemClock } from '../test/testkit/system-clock.ts';
import { makeTempFolder } from '../test/testkit/temp-folder.ts';

const rounds = Number(process.env.ROUNDS ?? 15);
/** runsv waits for a second when a service has not run so long; neither side is measured on that. */
const runForMs = 1_100;

const temp = await makeTempFolder('bench-restart');
const { username: name, uid, gid, homedir: home } = userInfo();

/** The first instructions of each life of a worker, as it tells them. */
class Births {
  readonly path: string;
  readonly #socket: Socket;
  #born: (birth: { pid: number; at: number }) => void = () => undefined;

  constructor(path: string) {
    this.path = path;
    execFileSync('mkfifo', [path]);
    this.#socket = new Socket({
      fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK),
      writable: false,
    });
    this.#socket.on('data', (data) => this.#born({ pid: Number(data.toString()), at: performance.now() }));
  }

  next(): Promise<{ pid: number; at: number }> {
    return new Promise((resolve) => {
      this.#born = resolve;
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

const script = (births: Births): string => `#!/bin/sh\necho $$ >${births.path}\nexec sleep 1000\n`;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function measure(births: Births, first: Promise<{ pid: number; at: number }>): Promise<number[]> {
  const gaps: number[] = [];
  let { pid } = await first;
  for (let round = 0; round < rounds; round++) {
    await pause(runForMs);
    const successor = births.next();
    const killedAt = performance.now();
    process.kill(pid, 'SIGKILL');
    const birth = await successor;
    gaps.push(birth.at - killedAt);
    pid = birth.pid;
  }
  return gaps;
}

async function underProcessRuntime(): Promise<number[]> {
  const births = new Births(join(temp.path, 'births'));
  writeFileSync(join(temp.path, 'worker'), script(births), { mode: 0o755 });
  const runtime = createProcessRuntime({ dataFolder: temp.path, instance: 'bench', clock: systemClock });
  await runtime.recover([]);
  let started = 0;
  const start = () =>
    runtime.start({
      runId: `run-${++started}`,
      environment: 'bench',
      job: 'worker',
      argv: [join(temp.path, 'worker')],
      root: temp.path,
      user: { name, uid, gid, home },
      variables: { PATH: '/usr/bin:/bin' },
      softLimitBytes: null,
      output: { kind: 'log', path: join(temp.path, `log-${started}`) },
    });
  runtime.onExit = () => void start();
  const first = births.next();
  await start();
  const gaps = await measure(births, first);
  runtime.onExit = () => undefined;
  await runtime.close();
  births.close();
  return gaps;
}

async function underRunsv(): Promise<number[]> {
  const service = join(temp.path, 'service');
  mkdirSync(service);
  const births = new Births(join(temp.path, 'births-runsv'));
  writeFileSync(join(service, 'run'), script(births), { mode: 0o755 });
  const first = births.next();
  const runsv = spawn('runsv', [service], { stdio: 'ignore', env: { PATH: '/usr/bin:/bin' } });
  const gaps = await Promise.race([
    measure(births, first),
    once(runsv, 'error').then(([error]) => Promise.reject(error)),
  ]);
  // TERM makes runsv end its service and then itself.
  runsv.kill('SIGTERM');
  await once(runsv, 'exit');
  births.close();
  return gaps;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

try {
  const [theirs, ours] = [median(await underRunsv()), median(await underProcessRuntime())];
  console.log(
    `killed to first instruction: process runtime ${ours.toFixed(2)} ms, runit ${theirs.toFixed(2)} ms, ratio ${(ours / theirs).toFixed(2)}`,
  );
} finally {
  await temp.dispose();
}
