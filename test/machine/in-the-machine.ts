/**
 * What script/machine-test runs inside the machine, as root: Debian (or the like) with systemd 254 or newer, cgroup v2,
 * conmon, an OCI runtime and Node 24. Prints a transcript and ends with `N passed, N failed`.
 *
 *   node test/machine/in-the-machine.ts [--rounds N] [--seed N] [PART…]
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkAbsence, prepareAbsence } from './absence-checks.ts';
import { cgroupRoot, processesBelow, unitGroup } from './groups.ts';
import { type Campaign, checkKills } from './kill-checks.ts';
import { checkLimits, writePlans } from './limit-checks.ts';
import { checkPackage, checkPackageAfterRestart, checkUninstall, lateInAMinute } from './package-checks.ts';
import { checkPowerCut, checkUserSpace, restartUserSpace } from './reboot-checks.ts';
import { checkOlderSystemd, checkRestarts, checkUnit } from './restart-checks.ts';
import { openTalk, shop } from './shop.ts';
import { checkDoctor, contractSuite, runTests, wallsSuite } from './suites.ts';
import { type Count, Transcript, uptime } from './transcript.ts';
import { client, dataFolder, installUnit, journal, run, systemctl, unit } from './unit.ts';
import { must, until } from './until.ts';

/** In this order; those in the middle need the unit, the last one makes its own. */
const parts = [
  'doctor',
  'contract',
  'walls',
  'unit',
  'limits',
  'restarts',
  'kills',
  'power-cut',
  'user-space',
  'older',
  'package',
] as const;
type Part = (typeof parts)[number];

/** Left for the program that is run again after user space was restarted. */
const memoryFile = '/var/tmp/nightshift-machine-test.json';
interface Memory {
  readonly count: Count;
  /** What was interrupted by the restart. */
  readonly part: 'user-space' | 'package' | 'absence';
  /** Of the worker that talks. */
  readonly openRun: string;
  /** Wall time, ms. */
  readonly askedAt: number;
  /** What is to be done after it. */
  readonly parts: readonly Part[];
}

async function main(): Promise<void> {
  const remembered = existsSync(memoryFile)
    ? (JSON.parse(readFileSync(memoryFile, 'utf8')) as Memory)
    : undefined;
  const transcript = new Transcript(remembered?.count);
  if (remembered === undefined) await firstHalf(transcript, wishes());
  else await secondHalf(transcript, remembered);
  const { passed, failed } = transcript.count;
  transcript.say(`the machine was up for ${Math.round(uptime())} s`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

interface Wishes extends Campaign {
  readonly wanted: (part: Part) => boolean;
}

function wishes(): Wishes {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '6' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  for (const each of positionals) {
    must((parts as readonly string[]).includes(each), `there is no part "${each}": ${parts.join(', ')}`);
  }
  const all = positionals.length === 0;
  return {
    rounds: Number(values.rounds),
    seed: Number(values.seed),
    wanted: (part) => all || positionals.includes(part),
  };
}

const withUnit: readonly Part[] = ['unit', 'limits', 'restarts', 'kills', 'power-cut', 'user-space', 'older'];

async function firstHalf(transcript: Transcript, wishes: Wishes): Promise<void> {
  const part = async (name: Part, act: () => Promise<void>): Promise<void> => {
    if (!wishes.wanted(name)) return;
    transcript.say(`== ${name}`);
    await act();
  };
  transcript.say(await machine());
  await part('doctor', () => checkDoctor(transcript));
  await part('contract', () => runTests(transcript, contractSuite));
  await part('walls', () => runTests(transcript, wallsSuite));
  if (!withUnit.some(wishes.wanted)) {
    await packagePart(transcript, wishes.wanted);
    return;
  }

  await installUnit();
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await writePlans();
  // The others stand on what it makes.
  transcript.say('== unit');
  await checkUnit(transcript);
  await part('limits', () => checkLimits(transcript));
  await part('restarts', () => checkRestarts(transcript));
  await part('kills', () => checkKills(transcript, wishes));
  await part('power-cut', () => checkPowerCut(transcript));
  if (wishes.wanted('user-space')) {
    transcript.say('== user-space');
    await restart(transcript, 'user-space', wishes.wanted);
  }
  await lastParts(transcript, wishes.wanted);
}

type Wanted = Wishes['wanted'];

/** Ends this program, which is run again with what is remembered here. */
async function restart(transcript: Transcript, part: Memory['part'], wanted: Wanted): Promise<void> {
  const memory: Memory = {
    ...{ part, count: transcript.count, parts: parts.filter(wanted) },
    openRun: (await openTalk()).id,
    askedAt: Date.now(),
  };
  await writeFile(memoryFile, JSON.stringify(memory));
  await restartUserSpace();
}

async function secondHalf(
  transcript: Transcript,
  { part, openRun, askedAt, parts: remembered }: Memory,
): Promise<void> {
  await rm(memoryFile);
  const wanted: Wanted = (each) => remembered.includes(each);
  switch (part) {
    case 'user-space':
      await checkUserSpace(transcript, openRun);
      await lastParts(transcript, wanted);
      break;
    case 'package':
      await checkPackageAfterRestart(transcript, openRun, askedAt);
      await prepareAbsence();
      await restart(transcript, 'absence', wanted);
      break;
    case 'absence':
      await checkAbsence(transcript, askedAt);
      await lastWords(transcript);
      await checkUninstall(transcript);
  }
}

async function lastParts(transcript: Transcript, wanted: Wanted): Promise<void> {
  await removeAll(transcript);
  if (wanted('older')) {
    transcript.say('== older');
    await checkOlderSystemd(transcript);
    await removeAll(transcript);
  }
  await lastWords(transcript);
  await packagePart(transcript, wanted);
}

async function packagePart(transcript: Transcript, wanted: Wanted): Promise<void> {
  if (!wanted('package')) return;
  transcript.say('== package');
  await checkPackage(transcript);
  await lateInAMinute();
  await restart(transcript, 'package', wanted);
}

async function lastWords(transcript: Transcript): Promise<void> {
  if (transcript.count.failed > 0) transcript.say(`the last words of ${unit}:\n${await journal(200)}`);
}

/** One line each on what it is that this was tried on. */
async function machine(): Promise<string> {
  const first = async (...words: [string, ...string[]]): Promise<string> =>
    (await run(...words)).split('\n')[0] ?? '';
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  must(existsSync(`${cgroupRoot}/cgroup.controllers`), 'this machine has no cgroup v2');
  return [
    `${system}, Linux ${await first('uname', '-r')}, ${await first('systemctl', '--version')}, Node ${process.versions.node}`,
    `controllers at the root: ${readFileSync(`${cgroupRoot}/cgroup.controllers`, 'utf8').trim()}`,
  ].join('\n');
}

async function removeAll(transcript: Transcript): Promise<void> {
  await transcript.check('when its environment is removed and it is stopped, nothing is left', async () => {
    await client.call('DELETE', `/environments/${shop}`);
    const group = await unitGroup();
    await systemctl('stop', unit);
    await until('the unit to be empty', 30, () => (processesBelow(group).length === 0 ? true : undefined));
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes('/run/nightshift/'));
    must(mounts.length === 0, `mounts are left: ${mounts.join('; ')}`);
    await until('systemd to remove the group of the unit', 30, () => (existsSync(group) ? undefined : true));
    must(!existsSync(join(cgroupRoot, 'nightshift')), 'a group at the root of the tree is left');
    return undefined;
  });
}

await main();
