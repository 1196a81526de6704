/**
 * Many who follow one log, and a job that floods it; through the real daemon, in containers where the machine can.
 *
 *   node bench/logs-follow.ts [--clients 50] [--lines 100000] [--seconds 10] [--flood-seconds 60] [--flood 1000000]
 *
 * First the job prints `lines` a second for nobody, then for `clients` followers: what each got, what it was told to miss, and
 * how the job got on. Then a flood: how large the log ever is, how long the restart of another job takes meanwhile, and what
 * the log says afterwards. It prints one JSON document.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BenchDaemon, round } from './logs-daemon.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '50' },
    lines: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '10' },
    flood: { type: 'string', default: '1000000' },
    'flood-seconds': { type: 'string', default: '10' },
  },
});
const [clients, perSecond, seconds] = [values.clients, values.lines, values.seconds].map(Number) as [
  number,
  number,
  number,
];
const [flood, floodSeconds] = [Number(values.flood), Number(values['flood-seconds'])];

interface Written {
  readonly lines: number;
  readonly seconds: number;
  readonly worstWriteMs: number;
}

const daemon = await BenchDaemon.start();
copyFileSync(join(import.meta.dirname, 'logs-writer.pl'), join(daemon.root, 'writer.pl'));

const addJob = (name: string, command: string) =>
  daemon.call('POST', '/environments/bench/jobs', { name, type: 'worker', command, exitTimeoutSeconds: 2 });

async function write(name: string, rate: number, forSeconds: number): Promise<Written> {
  const file = join(daemon.root, `${name}.json`);
  await addJob(name, `perl writer.pl ${rate} ${forSeconds} ${name}.json`);
  while (!existsSync(file)) await wait(100);
  return JSON.parse(readFileSync(file, 'utf8')) as Written;
}

/** A daemon that has to share the machine is silent for a while, too. */
const silenceMs = 5_000;

/** Counts what one follower gets, until `over` and some seconds of silence. */
function follower(job: string, state: { over: boolean }) {
  const got = { lines: 0, missed: 0, bytes: 0 };
  let lastAt = performance.now();
  const done = (async () => {
    const stream = await daemon.stream(`/environments/bench/logs?format=text&follow=true&last=0&job=${job}`);
    stream.on('data', (part: Buffer) => {
      lastAt = performance.now();
      got.bytes += part.length;
      for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) got.lines++;
      if (part.includes('nightshift: ')) got.missed++;
    });
    stream.on('error', () => undefined);
    while (!state.over || performance.now() - lastAt < silenceMs) await wait(200);
    stream.destroy();
  })();
  return { got, done };
}

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );

async function restarts(count: number): Promise<number[]> {
  const found: number[] = [];
  for (let each = 0; each < count; each++) {
    found.push(await daemon.call('POST', '/environments/bench/jobs/quiet/restart'));
    await wait(300);
  }
  return found.sort((a, b) => a - b);
}
const median = (sorted: readonly number[]): number => round(sorted[sorted.length >> 1] ?? 0);

try {
  const alone = await write('alone', perSecond, seconds);
  const state = { over: false };
  const followers = Array.from({ length: clients }, () => follower('busy', state));
  const cpu = daemon.cpuSeconds;
  const followed = await write('busy', perSecond, seconds);
  const gotAtOnce = followers.map(({ got }) => got.lines).sort((a, b) => a - b);
  const cpuSeconds = daemon.cpuSeconds - cpu;
  state.over = true;
  await Promise.all(followers.map(({ done }) => done));
  const got = followers.map((each) => each.got.lines).sort((a, b) => a - b);
  const missed = followers.reduce((sum, each) => sum + each.got.missed, 0);

  await addJob('quiet', 'sleep 1000');
  const calm = await restarts(5);
  const logs = join(daemon.data, 'logs', 'bench');
  let mostBytes = 0;
  const sizes = setInterval(() => {
    mostBytes = Math.max(mostBytes, bytesBelow(logs));
  }, 250);
  const flooding = write('flood', flood, floodSeconds);
  await wait(2_000);
  const busy = await restarts(Math.max(3, Math.floor(floodSeconds / 2)));
  const flooded = await flooding;
  clearInterval(sizes);
  let said = '';
  for await (const part of await daemon.stream(
    '/environments/bench/logs?format=text&contains=dropped%20here',
  ))
    said += part;
  const result = {
    follow: {
      clients,
      alone,
      followed,
      delayRatio: round(followed.lines / followed.seconds / (alone.lines / alone.seconds)),
      eachGotByTheEnd: {
        least: gotAtOnce[0],
        median: gotAtOnce[gotAtOnce.length >> 1],
        most: gotAtOnce.at(-1),
      },
      eachGotAfterwards: { least: got[0], median: got[got.length >> 1], most: got.at(-1) },
      gapsSaid: missed,
      linesPerSecondOfAll: Math.round(gotAtOnce.reduce((sum, each) => sum + each, 0) / followed.seconds),
      daemonCpuPercent: Math.round((cpuSeconds / followed.seconds) * 100),
    },
    flood: {
      ...flooded,
      linesPerSecond: Math.round(flooded.lines / flooded.seconds),
      mostMegabytes: round(mostBytes / 1024 ** 2),
      restartMs: { calm: median(calm), flooded: median(busy), ratio: round(median(busy) / median(calm)) },
      said: said.trim().split('\n').slice(-3),
    },
    daemon: daemon.memory,
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  await daemon.end();
}
