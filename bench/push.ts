/**
 * How long from `git push` to the new workers' first instruction, with Debian's git over OpenSSH, beside the parts that no
 * deployment is without: an `ssh` that only says `true` to an OpenSSH-like server is not at hand everywhere, so the same
 * client's `git ls-remote` stands for connection and log-in.
 *
 *   node bench/push.ts [--workers 4] [--rounds 5] [--files 200] [--runtime auto]
 *
 * One JSON document; milliseconds, the median of the rounds. Each round changes one file.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    files: { type: 'string', default: '200' },
    runtime: { type: 'string', default: 'auto' },
  },
});
const workers = Number(values.workers);
const patienceMs = 60_000;
const nightshift = join(import.meta.dirname, '..', 'bin', 'nightshift');

/** Not below /tmp: runs have a private one. */
const folder = mkdtempSync('/srv/nightshift-bench-');
chmodSync(folder, 0o711);
const [data, root, work] = ['data', 'root', 'work'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
for (const each of [root, work]) mkdirSync(each);
chmodSync(root, 0o777);
const key = join(folder, 'key');
const env: NodeJS.ProcessEnv = {
  ...process.env,
  NIGHTSHIFT_DATA: data,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  GIT_SSH_COMMAND: `ssh -F none -i ${key} -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`,
};
const call = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: work, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

async function program(name: string, ...args: string[]): Promise<void> {
  const child = spawn(name, args, { cwd: work, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${name} ${args.join(' ')}: ${said}`);
}

/** Resolves with the moment at which every worker has made its mark of this version. */
function allBegan(version: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const left = new Set(Array.from({ length: workers }, (_, index) => `w${index}.${version}`));
    const late = setTimeout(() => reject(new Error(`never began: ${[...left].join(', ')}`)), patienceMs);
    const watcher = watch(root, (_event, name) => {
      left.delete(name ?? '');
      if (left.size > 0) return;
      clearTimeout(late);
      watcher.close();
      resolve(performance.now());
    });
  });
}

function commit(version: number): void {
  writeFileSync(join(work, 'version'), String(version));
  call('git', 'add', '-A');
  call('git', 'commit', '-q', '-m', String(version));
}

const median = (all: readonly number[]): number =>
  Math.round([...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN);

let daemon: ChildProcess | undefined;
try {
  daemon = spawn(
    nightshift,
    [
      ...['serve', '--data', data, '--ephemeral', '--listen', 'none', '--ssh', '127.0.0.1:0'],
      ...['--runtime', values.runtime],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (daemon.stdout === null) throw new Error('the daemon has no pipe');
  let port = '';
  for await (const line of createInterface({ input: daemon.stdout })) {
    port = /^ready:.*ssh 127\.0\.0\.1:(\d+)/.exec(line)?.[1] ?? '';
    if (port !== '') break;
  }
  call('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key);
  call(nightshift, 'env', 'create', 'bench', '--root', root, '--user', 'nobody');
  call(nightshift, 'book', 'bench', '2XL');
  call(nightshift, 'key', 'add', 'bench', `${key}.pub`);
  const jobs = Array.from({ length: workers }, (_, index) => `  w${index}: {command: ./work w${index}}\n`);
  writeFileSync(join(work, 'nightshift.yml'), `jobs:\n${jobs.join('')}`);
  writeFileSync(join(work, 'work'), '#!/bin/sh\n: >"$1.$(cat version)"\nexec sleep 100000\n', {
    mode: 0o755,
  });
  mkdirSync(join(work, 'files'));
  for (let index = 0; index < Number(values.files); index++)
    writeFileSync(join(work, 'files', String(index)), `${index}\n`.repeat(100));
  call('git', 'init', '-q', '-b', 'main');
  const url = `ssh://bench@127.0.0.1:${port}/app.git`;
  commit(0);
  await program('git', 'push', url, 'main');
  const [connect, began, ended]: [number[], number[], number[]] = [[], [], []];
  for (let round = 1; round <= Number(values.rounds); round++) {
    commit(round);
    const connecting = performance.now();
    await program('git', 'ls-remote', url);
    connect.push(performance.now() - connecting);
    const there = allBegan(round);
    const pushing = performance.now();
    const push = program('git', 'push', url, 'main').then(() => ended.push(performance.now() - pushing));
    began.push((await there) - pushing);
    await push;
  }
  const result = {
    workers,
    files: Number(values.files),
    lsRemoteMs: median(connect),
    pushToLastWorkerMs: median(began),
    pushToItsEndMs: median(ended),
    version: readFileSync(join(root, 'version'), 'utf8'),
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  if (daemon !== undefined && daemon.exitCode === null) {
    daemon.kill('SIGTERM');
    await once(daemon, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
}
