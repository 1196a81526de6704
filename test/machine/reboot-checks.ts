/**
 * The machine goes down under running jobs. Once as in a power cut, with another boot id over what was left behind (the
 * worst case: it all lies there still, and strangers have the pids); once as systemd does it, by restarting all of user space.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { instanceGroup, type Process, processesBelow, processOf } from './groups.ts';
import { dueTimesAreTrue, linesAreWhole, mustStillTalk, openTalk, runsOf, shop, talker } from './shop.ts';
import type { Transcript } from './transcript.ts';
import { daemonReady, run, systemctl, unit } from './unit.ts';
import { elapse, must, until } from './until.ts';

const bootIdFile = '/proc/sys/kernel/random/boot_id';
const otherBootId = '/run/nightshift-machine-test-boot-id';

export async function checkPowerCut(transcript: Transcript): Promise<void> {
  await transcript.check(
    'after a power cut nothing is signalled, and each worker is started once',
    async () => {
      const [before, program] = [await openTalk(), await talker()];
      const group = await instanceGroup();
      await systemctl('stop', unit);
      await writeFile(join(group, 'cgroup.kill'), '1');
      await until('everything to end', 60, () => (processesBelow(group).length === 0 ? true : undefined));
      const stranger = await withPid(program.pid);
      await writeFile(otherBootId, `${randomUUID()}\n`);
      await run('mount', '--bind', otherBootId, bootIdFile);
      try {
        await systemctl('start', unit);
        await daemonReady();
        const now = await talker();
        must(
          processOf(stranger.pid)?.startTime === stranger.startTime,
          'the stranger with the old pid was ended',
        );
        const old = (await runsOf(shop, 'talk')).find((each) => each.id === before.id);
        must(old?.outcome === 'lost', `the run of the other boot is ${old?.outcome}: ${old?.reason}`);
        await mustStillTalk(now);
        must((await openTalk()).id !== before.id, 'the run of the other boot is still open');
        return `${old.reason}; pid ${stranger.pid} belongs to a stranger, who lives`;
      } finally {
        process.kill(stranger.pid, 'SIGKILL');
      }
    },
  );
  await transcript.check(
    'lines and due times are told truly all the same',
    async () => `${await linesAreWhole()}; ${await dueTimesAreTrue()}`,
  );
}

/** A process that has just this pid: pids are handed out in order, from where the kernel is told. */
async function withPid(wanted: number): Promise<Process> {
  for (let attempt = 0; attempt < 50; attempt++) {
    await writeFile('/proc/sys/kernel/ns_last_pid', String(wanted - 1));
    const child = spawn('sleep', ['100000'], { stdio: 'ignore', detached: true });
    child.unref();
    const made = processOf(child.pid ?? 0);
    if (made?.pid === wanted) return made;
    child.kill('SIGKILL');
    await elapse(0.05);
  }
  throw new Error(`no process got the pid ${wanted}`);
}

/** Ends all of user space, this program with it; it is run again afterwards. */
export async function restartUserSpace(): Promise<void> {
  await run('umount', bootIdFile).catch(() => undefined); // where the power cut was left out
  await rm(otherBootId, { force: true });
  await systemctl('soft-reboot');
  await elapse(600);
}

export async function checkUserSpace(transcript: Transcript, before: string): Promise<void> {
  await transcript.check(
    'after a restart of user space the unit is there, and each worker runs once',
    async () => {
      await daemonReady();
      await mustStillTalk(await talker());
      const old = (await runsOf(shop, 'talk')).find((each) => each.id === before);
      must(old !== undefined && old.endedAt !== null, 'the run of before is still open');
      must((await openTalk()).id !== before, 'the run of before goes on');
      return `the run of before ended as ${old.outcome}: ${old.reason}`;
    },
  );
  await transcript.check(
    'lines and due times are told truly all the same',
    async () => `${await linesAreWhole()}; ${await dueTimesAreTrue()}`,
  );
}
