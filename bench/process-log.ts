/**
 * How fast a flooding job gets its output into its log, in the process runtime and under supervisord: the same flood,
 * in turns, on the same machine. supervisord writes the bytes as they are; the process runtime gives each line its time.
 * Prints MB of output per second and their ratio (above 1: faster than supervisord). Run: `node bench/process-log.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createProcessRuntime } from '../src/runtimes/process/process-runtime.ts';
import { systemClock } from '../test/testkit/system-clock.ts';
import { makeTempFolder } from '../test/testkit/temp-folder.ts';

const rounds = Number(process.env.ROUNDS ?? 5);

/** How programs write: each line by itself (PHP's echo, unbuffered Python), in blocks of 4 KB (stdio), or as fast as a pipe takes it. */
const floods = [
  {
    name: 'one write for each line of 61 bytes',
    megabytes: 64,
    command: 'stdbuf -oL seq -f %060.0f 1100262',
  },
  { name: 'lines of 61 bytes in blocks of 4 KB', megabytes: 64, command: 'seq -f %060.0f 1100262' },
  { name: 'lines of 61 bytes in blocks of 128 KB', megabytes: 256, command: copies(61, 256) },
  { name: 'lines of 1000 bytes in blocks of 128 KB', megabytes: 256, command: copies(1000, 256) },
];
type Flood = (typeof floods)[number];

const temp = await makeTempFolder('bench-log');
const { username: name, uid, gid, homedir: home } = userInfo();

/** Prints a prepared file of 16 MB again and again. */
function copies(lineLength: number, megabytes: number): string {
  return `cat ${Array.from({ length: megabytes / 16 }, () => `../lines-${lineLength}`).join(' ')}`;
}

function prepare(lineLength: number): void {
  const count = Math.ceil((16 * 1024 * 1024) / lineLength);
  writeFileSync(join(temp.path, `lines-${lineLength}`), `${'x'.repeat(lineLength - 1)}\n`.repeat(count));
}

/** A script that floods its output and writes down, in nanoseconds, when it began and ended: a full pipe holds it up. */
function script(flood: Flood): string {
  return `date +%s%N >began; ${flood.command}; date +%s%N >ended.new; mv ended.new ended`;
}

function speed(folder: string, megabytes: number): number {
  const read = (file: string) => Number(BigInt(readFileSync(join(folder, file), 'utf8').trim()) / 1000n);
  return megabytes / ((read('ended') - read('began')) / 1e6);
}

async function underProcessRuntime(flood: Flood): Promise<number> {
  const folder = join(temp.path, 'nightshift');
  mkdirSync(folder);
  const runtime = createProcessRuntime({ dataFolder: folder, instance: 'bench', clock: systemClock });
  await runtime.recover([]);
  const ended = new Promise<void>((resolve) => {
    runtime.onExit = () => resolve();
  });
  await runtime.start({
    runId: 'flood',
    environment: 'bench',
    job: 'flood',
    argv: ['/bin/sh', '-c', script(flood)],
    root: folder,
    user: { name, uid, gid, home },
    variables: { PATH: '/usr/bin:/bin' },
    softLimitBytes: null,
    output: { kind: 'log', path: join(folder, 'log') },
  });
  await ended;
  const written = statSync(join(folder, 'log')).size;
  if (written < flood.megabytes * 1024 * 1024) throw new Error(`only ${written} bytes were logged`);
  await runtime.close();
  const result = speed(folder, flood.megabytes);
  rmSync(folder, { recursive: true });
  return result;
}

async function underSupervisord(flood: Flood): Promise<number> {
  const folder = join(temp.path, 'supervisord');
  mkdirSync(folder);
  writeFileSync(join(folder, 'flood'), `#!/bin/sh\n${script(flood)}\n`, { mode: 0o755 });
  const configuration = join(folder, 'supervisord.conf');
  writeFileSync(
    configuration,
    `[supervisord]
nodaemon=true
logfile=${folder}/supervisord.log
pidfile=${folder}/supervisord.pid
childlogdir=${folder}
[program:flood]
command=${folder}/flood
directory=${folder}
autorestart=false
startsecs=0
stdout_logfile=${folder}/log
stdout_logfile_maxbytes=0
`,
  );
  const ended = appearance(folder, 'ended');
  const supervisord = spawn('supervisord', ['-c', configuration], { stdio: 'ignore', cwd: folder });
  await Promise.race([ended, failure(supervisord)]);
  supervisord.kill('SIGTERM');
  await once(supervisord, 'exit');
  const written = statSync(join(folder, 'log')).size;
  if (written < flood.megabytes * 1024 * 1024) throw new Error(`supervisord logged only ${written} bytes`);
  const result = speed(folder, flood.megabytes);
  rmSync(folder, { recursive: true });
  return result;
}

function appearance(folder: string, file: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_, changed) => {
      if (changed !== file) return;
      watcher.close();
      resolve();
    });
  });
}

const failure = (child: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`supervisord ended early with ${code}`)));
  });

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

try {
  prepare(61);
  prepare(1000);
  for (const flood of floods) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      theirs.push(await underSupervisord(flood));
      ours.push(await underProcessRuntime(flood));
    }
    const ratio = (median(ours) / median(theirs)).toFixed(2);
    const [fast, other] = [median(ours), median(theirs)].map((speed) => speed.toFixed(0));
    console.log(`${flood.name}: process runtime ${fast} MB/s, supervisord ${other} MB/s, ratio ${ratio}`);
  }
} finally {
  await temp.dispose();
}
