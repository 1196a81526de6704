import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Clock } from '../src/domain/clock.ts';
import {
  type ContainerRuntime,
  createContainerRuntime,
} from '../src/runtimes/container/container-runtime.ts';
import { findProgramFile } from '../src/runtimes/container/machine.ts';
import type { ExitReport, RunSpec } from '../src/runtimes/runtime.ts';
import { makeBareStarts } from './bare-container.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, many: { type: 'string', default: '0' } },
});
const rounds = Number(values.rounds);
const many = Number(values.many);

const clock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-'));
chmodSync(folder, 0o755);
const root = join(folder, 'root');
mkdirSync(root);
chmodSync(root, 0o777);

/** Resolves with the moment at which a program makes this file in the root. */
const waiting = new Map<string, (at: number) => void>();
const watcher = watch(root, (_event, name) => {
  const tell = waiting.get(name ?? '');
  waiting.delete(name ?? '');
  tell?.(performance.now());
});
const madeBy = (name: string): Promise<number> => new Promise((tell) => waiting.set(name, tell));
const program = (name: string): string[] => ['/bin/sh', '-c', `: >${name}; exec sleep 1000`];

const reports = new Map<string, (report: ExitReport) => void>();

function specOf(runId: string): RunSpec {
  return {
    runId,
    environment: 'bench',
    job: 'bench',
    argv: program(runId),
    root,
    user: { name: 'nobody', uid: 65_534, gid: 65_534, home: '/' },
    variables: { PATH: '/usr/bin:/bin' },
    softLimitBytes: 1024 ** 3,
    output: { kind: 'log', path: join(folder, `${runId}.log`) },
  };
}

/** A start and, after KILL, its successor; answers the milliseconds of both. */
async function ourStarts(runtime: ContainerRuntime): Promise<{ start: number; restart: number }> {
  const [first, second] = [randomBytes(6).toString('hex'), randomBytes(6).toString('hex')];
  const begun = madeBy(first);
  let from = performance.now();
  const { handle } = await runtime.start(specOf(first));
  const start = (await begun) - from;
  const successor = madeBy(second);
  const succeeded = new Promise<string>((resolve, reject) => {
    reports.set(first, () => {
      runtime.start(specOf(second)).then(() => resolve(second), reject);
      void runtime.release(first);
    });
  });
  from = performance.now();
  await runtime.signal(handle, 'KILL');
  const restart = (await successor) - from;
  await succeeded;
  await runtime.release(second);
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { start, restart };
}

async function startMany(runtime: ContainerRuntime, count: number): Promise<number> {
  const ids = Array.from({ length: count }, () => randomBytes(6).toString('hex'));
  const begun = Promise.all(ids.map(madeBy));
  const from = performance.now();
  await Promise.all(ids.map((runId) => runtime.start(specOf(runId))));
  await begun;
  const took = performance.now() - from;
  for (const runId of ids) await runtime.release(runId);
  return took;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
const ratio = (ours: number, bare: number): number => Math.round((ours / bare) * 100) / 100;
function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

const runtime = await createContainerRuntime({
  dataFolder: join(folder, 'data'),
  instance: `bench${process.pid}`,
  clock,
  onTrouble: (sentence) => console.error(sentence),
});
runtime.onExit = (report) => reports.get(report.runId)?.(report);
const conmon = findProgramFile('conmon');
const oci = findProgramFile(runtime.ociRuntime);
if (conmon === undefined || oci === undefined) throw new Error('conmon or the OCI runtime is gone');
const bareStarts = makeBareStarts({ conmon, oci, folder: join(folder, 'bare'), root, program, madeBy });
try {
  await runtime.recover([]);
  await runtime.limit({ environment: 'bench', memoryBytes: 4 * 1024 ** 3, cpu: 4, processes: 16_384 });
  const bare: number[] = [];
  const ours: { start: number; restart: number }[] = [];
  for (let round = 0; round < rounds + 2; round += 1) {
    const [one, two] = [await bareStarts.start(), await ourStarts(runtime)];
    // The first two rounds only warm up.
    if (round >= 2) bare.push(one);
    if (round >= 2) ours.push(two);
  }
  const bareMs = median(bare);
  const startMs = median(ours.map((each) => each.start));
  const restartMs = median(ours.map((each) => each.restart));
  const result: Record<string, unknown> = {
    ociRuntime: runtime.ociRuntime,
    rounds,
    bareMs: rounded(bareMs),
    startMs: rounded(startMs),
    startRatio: ratio(startMs, bareMs),
    restartMs: rounded(restartMs),
    restartRatio: ratio(restartMs, bareMs),
  };
  if (many > 0) {
    const took = await startMany(runtime, many);
    result.many = {
      runs: many,
      ms: Math.round(took),
      ofSumOfBareStarts: ratio(took, bareMs * many),
    };
  }
  console.log(JSON.stringify(result));
} finally {
  await runtime.close();
  watcher.close();
  bareStarts.remove();
  rmSync(folder, { recursive: true, force: true });
}
if (readFileSync('/proc/self/mountinfo', 'utf8').includes(`bench${process.pid}`))
  throw new Error('a mount is left');
