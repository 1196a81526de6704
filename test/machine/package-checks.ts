/**
 * The first ten minutes, and what follows: the npm package is installed on a bare machine, its service started, a worker set to work,
 * the program upgraded below the running worker, the machine restarted, and all of it taken away.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DueTime } from '../../src/contract/cron.ts';
import { processesBelow, unitGroup } from './groups.ts';
import {
  addJob,
  linesAreWhole,
  linesSoFar,
  makeShop,
  mustStillTalk,
  openTalk,
  runsOf,
  shop,
  talker,
} from './shop.ts';
import { type Transcript, uptime } from './transcript.ts';
import {
  checkout,
  client,
  daemonReady,
  dataFolder,
  nightshift,
  property,
  run,
  systemctl,
  unit,
} from './unit.ts';
import { elapse, must, until } from './until.ts';

/** Made by script/machine-test: this version, and the same program as the next one. */
const packages = join(checkout, 'packages');
const nextVersion = '9.9.9';
const catchingUp = 'catching-up';

const unitFile = join('/etc/systemd/system', unit);
const minuteMs = 60_000;

function packageOf(version: string): string {
  const path = join(packages, `nightshift-${version}.tgz`);
  must(existsSync(path), `there is no ${path}: script/machine-test makes it`);
  return path;
}

const thisVersion = (): string =>
  (JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string }).version;

/** As a person types it, found on PATH; what it printed goes into the transcript too. */
async function command(transcript: Transcript, ...words: [string, ...string[]]): Promise<string> {
  const [program, ...args] = words;
  const printed = await run(program, ...args);
  transcript.say(`          $ ${words.join(' ').replace(`${packages}/`, './')}`);
  if (printed.trim() !== '') transcript.say(printed.trimEnd().replaceAll(/^/gm, '          '));
  return printed;
}

const installPackage = (transcript: Transcript, version: string): Promise<string> =>
  command(transcript, 'npm', 'install', '--global', '--offline', packageOf(version));

/** What other parts left of a service that was made by hand. */
async function clear(): Promise<void> {
  await systemctl('disable', '--now', '--quiet', unit).catch(() => undefined); // where there is none
  await Promise.all(
    [unitFile, nightshift, dataFolder, '/etc/default/nightshift', `${unitFile}.d`].map((path) =>
      rm(path, { recursive: true, force: true }),
    ),
  );
  await systemctl('daemon-reload');
}

/** Up to the restart of the machine. */
export async function checkPackage(transcript: Transcript): Promise<void> {
  await clear();
  const began = uptime();
  await transcript.check('npm installs the package, without a network', async () => {
    await installPackage(transcript, thisVersion());
    return undefined;
  });
  await transcript.check('nightshift install --now makes the service and starts it', async () => {
    const said = await command(transcript, 'nightshift', 'install', '--now');
    must(/^set-up: http/m.test(said), 'the set-up link was not shown');
    must(/^ready: dashboard /m.test(said), 'it was not said that the daemon is ready');
    must((await property('ActiveState')) === 'active', 'the unit is not active');
    const faults = await run('systemd-analyze', 'verify', unitFile);
    must(faults.trim() === '', faults);
    return undefined;
  });
  await transcript.check('the first worker runs, and its first line is there', async () => {
    await makeShop();
    await addJob(shop, {
      ...{ name: catchingUp, type: 'cron', command: 'true' },
      ...{ crontab: '* * * * *', catchUp: 'latest' },
    });
    await talker();
    await until('the first line', 120, async () => ((await linesSoFar()) > 0 ? true : undefined));
    return `${(uptime() - began).toFixed(0)} s after npm was called`;
  });
  await transcript.check('the same once more changes nothing', async () => {
    const pid = await daemonReady();
    const deeds = JSON.parse(await run('nightshift', 'install', '--now', '--json')) as { changed: boolean }[];
    must(
      deeds.every(({ changed }) => !changed),
      `it did something: ${JSON.stringify(deeds)}`,
    );
    must((await daemonReady()) === pid, 'the daemon is another');
    return `${deeds.length} things looked at`;
  });
  await transcript.check(
    'an upgrade takes up the running worker: the same process, no line lost',
    async () => {
      const before = { program: await talker(), run: await openTalk() };
      await installPackage(transcript, nextVersion);
      const asked = uptime();
      const said = await command(transcript, 'nightshift', 'install', '--now');
      const took = uptime() - asked;
      must(said.includes(`version ${nextVersion}, ${thisVersion()} before`), 'the versions were not said');
      const { version } = await client.get<{ readonly version: string }>('/daemon');
      must(version === nextVersion, `version ${version} answers`);
      await mustStillTalk(before.program);
      must((await openTalk()).id === before.run.id, 'its run is another');
      return `pid ${before.program.pid} runs on, ${took.toFixed(0)} s for the restart; ${await linesAreWhole()}`;
    },
  );
}

/** Resolves late in a minute: the next due time passes while the machine is down. */
export const lateInAMinute = (): Promise<void> =>
  elapse(((2 * minuteMs - 12_000 - (Date.now() % minuteMs)) % minuteMs) / 1000);

/**
 * @param openRun the run of the worker before the restart
 * @param askedAt wall time, ms, at which it was asked for
 */
export async function checkPackageAfterRestart(
  transcript: Transcript,
  openRun: string,
  askedAt: number,
): Promise<void> {
  await transcript.check(
    'after a restart of the machine the service is there, and each worker runs once',
    async () => {
      await daemonReady();
      await mustStillTalk(await talker());
      const old = (await runsOf(shop, 'talk')).find((each) => each.id === openRun);
      must(old !== undefined && old.endedAt !== null, 'the run of before is still open');
      must((await openTalk()).id !== openRun, 'the run of before goes on');
      return `seen ${((Date.now() - askedAt) / 1000).toFixed(0)} s after it was asked for; the run of before ended as ${old.outcome}: ${old.reason}`;
    },
  );
  await transcript.check('the cron serves what became due meanwhile, once', async () => {
    // Within a minute it is served late, on its schedule; after more than that it is caught up.
    const served = await until('the first run after the restart', 120, async () => {
      const since = (await runsOf(shop, catchingUp)).filter(
        ({ dueAt, startedAt }) => startedAt !== null && Date.parse(dueAt ?? '') > askedAt,
      );
      return since.length > 0 ? since : undefined;
    });
    must(new Set(served.map(({ dueAt }) => dueAt)).size === served.length, 'a due time was run twice');
    const first = served.at(-1);
    const query = { job: catchingUp };
    const ledger = await client.history<DueTime>(`/environments/${shop}/due-times`, query, 1_000);
    const line = ledger.find((each) => each.run === first?.id);
    must(first !== undefined && line?.fate === 'ran', `the ledger says ${JSON.stringify(line)}`);
    const lateSeconds = (Date.parse(first.startedAt ?? '') - Date.parse(line.dueAt)) / 1000;
    return `due ${line.dueAt}, ran ${lateSeconds.toFixed(0)} s later (${first.trigger})`;
  });
}

/** The last part: it is taken away, made anew and taken away for good. */
export async function checkUninstall(transcript: Transcript): Promise<void> {
  const before = await openTalk();
  await transcript.check(
    'nightshift uninstall ends the jobs and says so; what people made stays',
    async () => {
      const [group, program] = [await unitGroup(), await talker()];
      const said = await command(transcript, 'nightshift', 'uninstall', '--yes');
      must(/^ended the daemon and \d runs?$/m.test(said), 'it did not say what it ended');
      must(!existsSync(`/proc/${program.pid}`), `the worker, pid ${program.pid}, is still there`);
      await until('the group of the unit to be removed', 60, () =>
        processesBelow(group).length === 0 && !existsSync(group) ? true : undefined,
      );
      must(!existsSync(unitFile), 'the unit is still there');
      must(existsSync(join(dataFolder, 'nightshift.db')), 'the data folder is gone');
      return undefined;
    },
  );
  await transcript.check('an install takes it up again, with what was defined', async () => {
    await command(transcript, 'nightshift', 'install', '--now');
    const worker = await talker();
    must((await openTalk()).id !== before.id, 'the run of before is open');
    return `the worker runs, pid ${worker.pid}`;
  });
  await transcript.check('uninstall --purge leaves nothing but the roots of environments', async () => {
    await command(transcript, 'nightshift', 'uninstall', '--purge', '--yes');
    await command(transcript, 'npm', 'uninstall', '--global', 'nightshift');
    const gone = [unitFile, dataFolder, '/etc/default/nightshift', '/var/cache/nightshift'];
    const left = gone.filter((path) => existsSync(path));
    must(left.length === 0, `there is still ${left.join()}`);
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').includes('/run/nightshift/');
    must(!mounts, 'mounts are left');
    const running = readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && commandOf(pid).includes('./talk'),
    );
    must(running.length === 0, `${running.join()} still run`);
    must(existsSync('/srv/shop/talk'), 'the root of the environment is gone');
    return undefined;
  });
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it ended while we looked
  }
}
