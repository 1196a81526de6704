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

const megabytes = Number(process.env.MEGABYTES ?? 256);
const rounds = Number(process.env.ROUNDS ?? 3);
const lineLengths = [30, 100, 1000];

const temp = await makeTempFolder('bench-log');
const { username: name, uid, gid, homedir: home } = userInfo();

/** A script that floods its output and writes down, in nanoseconds, when it began and ended: a full pipe holds it up. */
function flood(folder: string, lineLength: number): string {
  const line = `${'x'.repeat(lineLength - 1)}\n`;
  const piece = join(temp.path, `lines-${lineLength}`);
  const pieceBytes = 16 * 1024 * 1024;
  writeFileSync(piece, line.repeat(Math.ceil(pieceBytes / lineLength)));
  const pieces = Array.from({ length: megabytes / 16 }, () => piece).join(' ');
  return `date +%s%N >${folder}/began; cat ${pieces}; date +%s%N >${folder}/ended.new; mv ${folder}/ended.new ${folder}/ended`;
}

function speed(folder: string): number {
  const read = (file: string) => Number(BigInt(readFileSync(join(folder, file), 'utf8').trim()) / 1000n);
  return megabytes / ((read('ended') - read('began')) / 1e6);
}

async function underProcessRuntime(lineLength: number): Promise<number> {
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
    argv: ['/bin/sh', '-c', flood(folder, lineLength)],
    root: folder,
    user: { name, uid, gid, home },
    variables: { PATH: '/usr/bin:/bin' },
    softLimitBytes: null,
    output: { kind: 'log', path: join(folder, 'log') },
  });
  await ended;
  const written = statSync(join(folder, 'log')).size;
  if (written < megabytes * 1024 * 1024) throw new Error(`only ${written} bytes were logged`);
  await runtime.close();
  const result = speed(folder);
  rmSync(folder, { recursive: true });
  return result;
}

async function underSupervisord(lineLength: number): Promise<number> {
  const folder = join(temp.path, 'supervisord');
  mkdirSync(folder);
  writeFileSync(join(folder, 'flood'), `#!/bin/sh\n${flood(folder, lineLength)}\n`, { mode: 0o755 });
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
  if (written < megabytes * 1024 * 1024) throw new Error(`supervisord logged only ${written} bytes`);
  const result = speed(folder);
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
  for (const lineLength of lineLengths) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      theirs.push(await underSupervisord(lineLength));
      ours.push(await underProcessRuntime(lineLength));
    }
    const ratio = median(ours) / median(theirs);
    console.log(
      `lines of ${lineLength} bytes: process runtime ${median(ours).toFixed(0)} MB/s, supervisord ${median(theirs).toFixed(0)} MB/s, ratio ${ratio.toFixed(2)}`,
    );
  }
} finally {
  await temp.dispose();
}
