/** The daemon as a unit: where it and the jobs stand, and what becomes of the jobs when it is started in every way there is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cgroupRoot,
  instanceGroup,
  oldest,
  type Process,
  processesBelow,
  processesIn,
  processOf,
  readGroup,
  unitGroup,
} from './groups.ts';
import { linesAreWhole, linesSoFar, makeShop, mustStillTalk, openTalk, talker } from './shop.ts';
import type { Transcript } from './transcript.ts';
import {
  answeringPid,
  daemonPid,
  daemonReady,
  dataFolder,
  nightshift,
  property,
  readySeconds,
  run,
  startSeconds,
  systemctl,
  unit,
} from './unit.ts';
import { elapse, must, until } from './until.ts';

export async function checkUnit(transcript: Transcript): Promise<void> {
  await transcript.check('systemd finds no fault in the unit', async () => {
    const said = await run('systemd-analyze', 'verify', join('/etc/systemd/system', unit));
    must(said.trim() === '', said);
    return undefined;
  });

  await transcript.check('the unit starts, and its daemon stands in a leaf', async () => {
    await systemctl('enable', '--now', '--quiet', unit);
    const pid = await daemonReady();
    const standing = processesIn(join(await unitGroup(), 'daemon')).map((each) => each.pid);
    must(standing.includes(pid), `the daemon ${pid} is not in "daemon", where ${standing.join()} are`);
    return undefined;
  });

  await transcript.check('jobs and their monitors stand below the unit, apart from each other', async () => {
    await makeShop();
    const { pid } = await talker();
    const [group, above] = [await instanceGroup(), await unitGroup()];
    const [standing = ''] = readGroup(`/proc/${pid}`, 'cgroup').split('\n');
    const runId = (await openTalk()).id;
    must(
      standing.endsWith(`/nightshift.service/nightshift/${group.split('/').pop()}/shop/${runId}`),
      standing,
    );
    const monitors = processesIn(join(group, '_conmon')).filter(({ command }) => command.includes(runId));
    must(monitors.length === 1, `${monitors.length} monitors of the run are in _conmon`);
    const inner = [above, join(above, 'nightshift'), group, join(group, 'shop')].flatMap(processesIn);
    must(inner.length === 0, `groups that hand controllers down hold ${inner.map((each) => each.command)}`);
    const controllers = readGroup(group, 'cgroup.subtree_control').split(' ').sort();
    must(
      ['cpu', 'memory', 'pids'].every((each) => controllers.includes(each)),
      `only ${controllers} are handed down`,
    );
    return standing;
  });
}

/** Everything that ends or moves the daemon on purpose. */
export async function checkRestarts(transcript: Transcript): Promise<void> {
  const before = { program: await talker(), run: await openTalk() };

  await transcript.check('systemctl restart: the same process, and its run goes on', async () => {
    await systemctl('restart', unit);
    await daemonReady();
    const away = await startSeconds();
    await mustGoOn(before);
    return `pid ${before.program.pid}; the daemon answered ${away.toFixed(1)} s after its start`;
  });

  await transcript.check('systemctl daemon-reload and daemon-reexec change nothing', async () => {
    const group = join(await instanceGroup(), 'shop');
    const limits = (): string =>
      ['memory.max', 'cpu.max', 'pids.max'].map((file) => readGroup(group, file)).join();
    const [pid, before] = [await daemonPid(), limits()];
    await systemctl('daemon-reload');
    await systemctl('daemon-reexec');
    must((await daemonPid()) === pid, 'the daemon is another');
    must(limits() === before, `the limits were ${before} and are ${limits()}`);
    return before;
  });

  await transcript.check(
    'systemctl stop: jobs run on and talk on, and the next start takes them up',
    async () => {
      const lines = await linesSoFar();
      await systemctl('stop', unit);
      must((await property('ActiveState')) === 'inactive', `the unit is ${await property('ActiveState')}`);
      await elapse(10);
      must(processOf(before.program.pid)?.startTime === before.program.startTime, 'the worker ended');
      await systemctl('start', unit);
      await daemonReady();
      await mustGoOn(before);
      const more = (await linesSoFar()) - lines;
      must(more > 10, `only ${more} lines were added`);
      return `${more} lines meanwhile`;
    },
  );

  await transcript.check(
    'a daemon that is started by hand takes up what stands below the unit, and the unit takes it back',
    async () => {
      await systemctl('stop', unit);
      const daemon = spawn(nightshift, ['serve', '--data', dataFolder], { stdio: 'ignore' });
      const ended = once(daemon, 'exit');
      await until('the daemon that was started by hand', readySeconds, async () =>
        (await answeringPid()) === daemon.pid ? true : undefined,
      );
      await mustGoOn(before);
      daemon.kill('SIGKILL');
      await ended;
      await systemctl('start', unit);
      await daemonReady();
      await mustGoOn(before);
      return undefined;
    },
  );

  await transcript.check('no line of the worker was lost by all this', linesAreWhole);
}

/** A unit that is not started in a leaf: its group must be left alone, or systemd could not start it below running jobs. */
export async function checkOlderSystemd(transcript: Transcript): Promise<void> {
  await transcript.check(
    'without DelegateSubgroup= the unit is restarted below running jobs all the same',
    async () => {
      const folder = join('/etc/systemd/system', `${unit}.d`);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'older.conf'), '[Service]\nDelegateSubgroup=\n');
      await systemctl('daemon-reload');
      await systemctl('start', unit);
      await daemonReady();
      await makeShop();
      const program = await until('the worker "talk" to run', 60, olderTalker);
      await systemctl('restart', unit);
      await daemonReady();
      const now = await olderTalker();
      must(
        now?.pid === program.pid && now.startTime === program.startTime,
        `pid ${program.pid} is ${now?.pid}`,
      );
      const [standing = ''] = readGroup(`/proc/${program.pid}`, 'cgroup').split('\n');
      must(standing.startsWith('0::/nightshift/'), standing);
      return standing;
    },
  );
}

const olderTalker = async (): Promise<Process | undefined> =>
  oldest(processesBelow(join(cgroupRoot, 'nightshift')), '/bin/sh ./talk');

interface Before {
  readonly program: Process;
  readonly run: { readonly id: string; readonly startedAt: string | null };
}

/** The process, and also what is told of it. */
async function mustGoOn(before: Before): Promise<void> {
  await mustStillTalk(before.program);
  const { id, startedAt } = await openTalk();
  must(
    id === before.run.id && startedAt === before.run.startedAt,
    `the run was ${before.run.id} of ${before.run.startedAt}, and is ${id} of ${startedAt}`,
  );
}
