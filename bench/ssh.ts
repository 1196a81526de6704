/**
 * From the start of OpenSSH's client to the first byte of output: `jobs` here, `echo` at sshd on the same machine, in turns,
 * as ratios; and to the end of `true` at both. Both log in by the same ed25519 key; sshd (openssh-server) runs on a loopback port with a configuration of its own.
 *
 *   script/bench ssh [--rounds 20]
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findFreePort } from '../test/testkit/free-port.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);

const nightshift = join(import.meta.dirname, '..', 'bin', 'nightshift');
const sshd = '/usr/sbin/sshd';
const folder = mkdtempSync(join('/srv', 'nightshift-bench-'));
const data = join(folder, 'data');
const root = join(folder, 'root');
const key = join(folder, 'key');
const ended: (() => Promise<void>)[] = [];

function must(program: string, words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    env: { ...process.env, NIGHTSHIFT_DATA: data },
  });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`);
  return stdout;
}

function endWithUs(child: ChildProcess): void {
  ended.push(async () => {
    const gone = once(child, 'close');
    child.kill('SIGTERM');
    await gone;
  });
}

async function startDaemon(): Promise<number> {
  const child = spawn(
    nightshift,
    ['serve', '--data', data, '--listen', 'none', '--ssh', '127.0.0.1:0', '--ephemeral'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  endWithUs(child);
  let said = '';
  for await (const text of child.stdout) {
    said += text;
    const port = /\bssh 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port === undefined) continue;
    child.stdout.on('data', () => undefined);
    return Number(port);
  }
  throw new Error(`the daemon did not come up: ${said}`);
}

/** sshd as Debian ships it, with nothing of the machine's own configuration. */
async function startSshd(): Promise<number> {
  const port = await findFreePort();
  const hostKey = join(folder, 'host-key');
  must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  const config = join(folder, 'sshd-config');
  writeFileSync(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${key}.pub`,
      'StrictModes no',
      'PidFile none',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      // The same work at the log-in as here.
      'KexAlgorithms curve25519-sha256',
      // No start-up files of the user's shell.
      `SetEnv HOME=${folder}`,
      '',
    ].join('\n'),
  );
  mkdirSync('/run/sshd', { recursive: true });
  endWithUs(spawn(sshd, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'ignore'] }));
  await listens(port);
  return port;
}

async function listens(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, '127.0.0.1');
    const there = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nothing listens on port ${port}`);
}

/** Milliseconds until the first byte on stdout, or until the end where it prints nothing. */
async function answerMs(port: number, user: string, command: string): Promise<number> {
  const began = performance.now();
  const child = spawn(
    'ssh',
    [
      ...['-F', 'none', '-i', key, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR'],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-p', String(port)],
      ...[`${user}@127.0.0.1`, command],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = once(child, 'close');
  const first = once(child.stdout, 'data').then(() => performance.now() - began);
  first.catch(() => undefined);
  const [code] = (await closed) as [number];
  const took = command === 'true' ? performance.now() - began : await first;
  if (code !== 0) throw new Error(`ssh ended with ${code}`);
  return took;
}

const median = (all: readonly number[]): number =>
  [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
const rounded = (value: number): number => Math.round(value * 100) / 100;

try {
  chmodSync(folder, 0o755);
  mkdirSync(root);
  must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  if (spawnSync(sshd, ['-V']).error !== undefined)
    throw new Error('there is no sshd to compare with: apt-get install openssh-server');
  const ours = await startDaemon();
  must(nightshift, ['env', 'create', 'bench', '--root', root, '--user', 'nobody']);
  must(nightshift, ['book', 'bench', 'M']);
  must(nightshift, ['job', 'add', 'bench', 'feed', 'cron', '--command', 'true', '--every', '1mo']);
  must(nightshift, ['key', 'add', 'bench', `${key}.pub`]);
  const theirs = await startSshd();
  const user = userInfo().username;
  const asks = {
    jobs: () => answerMs(ours, 'bench', 'jobs'),
    echoHere: () => answerMs(ours, 'bench', 'echo x'),
    trueHere: () => answerMs(ours, 'bench', 'true'),
    echoAtSshd: () => answerMs(theirs, user, 'echo x'),
    trueAtSshd: () => answerMs(theirs, user, 'true'),
  } as const;
  const times = new Map<string, number[]>(Object.keys(asks).map((name) => [name, []]));
  // The first round warms up.
  for (let round = 0; round <= rounds; round++)
    for (const [name, ask] of Object.entries(asks)) {
      const took = await ask();
      if (round > 0) times.get(name)?.push(took);
    }
  const medians = Object.fromEntries([...times].map(([name, all]) => [name, median(all)]));
  const ratio = (a: string, b: string): number => rounded((medians[a] ?? 0) / (medians[b] ?? 0));
  console.log(
    JSON.stringify(
      {
        bench: 'ssh',
        rounds,
        medianMs: Object.fromEntries(Object.entries(medians).map(([name, ms]) => [name, rounded(ms)])),
        ratios: {
          jobsToTrueAtSshd: ratio('jobs', 'trueAtSshd'),
          jobsToEchoAtSshd: ratio('jobs', 'echoAtSshd'),
          remoteCommandToSshd: ratio('echoHere', 'echoAtSshd'),
        },
      },
      null,
      2,
    ),
  );
} finally {
  for (const end of ended.reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
}
