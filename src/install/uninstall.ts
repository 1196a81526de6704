/** `nightshift uninstall`: ends the jobs and the daemon, and takes the service away; what people made stays unless they say otherwise. */
import { existsSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Doer, type Tell } from './deed.ts';
import { contentOf, defaultsPath, must, mustBeAble, unitPath } from './install.ts';
import type { Machine } from './machine.ts';
import { ended, started } from './start.ts';
import { dataOfUnit, unitName } from './unit.ts';

export interface UninstallOptions {
  /** Absolute path of the data folder, where the unit does not name another. */
  readonly data: string;
  /** Also removes the data folder: definitions, history, logs, variables and their key. */
  readonly purge: boolean;
  readonly dryRun: boolean;
}

const cachePath = '/var/cache/nightshift';

/** @throws Refusal `install.*` */
export async function uninstall(machine: Machine, options: UninstallOptions, tell: Tell): Promise<void> {
  const doer = new Doer(tell, options.dryRun);
  mustBeAble(machine, options.dryRun);
  const unit = contentOf(machine.prefix + unitPath);
  const data = (unit === undefined ? undefined : dataOfUnit(unit)) ?? options.data;
  if (unit === undefined) doer.note(`there is no ${unitPath}`);
  else {
    await endJobs(machine, doer);
    await doer.change('take the service away', 'took the service away', async () => {
      await must(machine, 'disable', '--quiet', unitName);
      await rm(machine.prefix + unitPath);
      await must(machine, 'daemon-reload');
      await machine.systemctl('reset-failed', unitName); // fails where it did not fail
    });
  }
  await remove(machine, doer, cachePath, 'compiled code');
  if (options.purge) {
    await remove(machine, doer, defaultsPath, 'options of the daemon');
    await remove(machine, doer, `${unitPath}.d`, 'changes of the unit');
    await remove(machine, doer, data, 'data folder');
    const users = ownUsers(machine);
    if (users.length > 0)
      doer.note(
        `the roots of environments stay, and so do the users that own them: ${users.join(', ')} (userdel removes one)`,
      );
  } else if (existsSync(machine.prefix + data))
    doer.note(`the data folder ${data} stays: an install takes it up again`);
  doer.note('to remove the program itself: npm uninstall --global nightshift');
}

/** Gracefully, by the daemon; it is started for that where it does not run. Outright where it can't be. */
async function endJobs(machine: Machine, doer: Doer): Promise<void> {
  const active = (await machine.systemctl('is-active', unitName)).output.trim() === 'active';
  const end = async (): Promise<void> => {
    if (!active) {
      await must(machine, 'start', unitName);
      await started(machine);
    }
    const daemon = await machine.presentDaemon();
    // Asks for the end of the daemon and of the jobs, each by its exit signal.
    await must(machine, 'kill', '--kill-whom=main', '--signal=QUIT', unitName);
    await ended(machine);
    const told = (await machine.saidBy(daemon)).findLast((line) => line.startsWith('ending '));
    const jobs = told === undefined ? '; no job ran' : ` and ${told.replace(/^ending | …$/g, '')}`;
    doer.note(`ended the daemon${jobs}`);
  };
  if (doer.isDry) {
    await doer.change('end the jobs, each within its exit timeout, and the daemon', '', end);
    return;
  }
  doer.note('asking the jobs to end: this takes as long as their exit timeouts allow');
  try {
    await end();
  } catch (error) {
    doer.note(`note: the daemon could not end them (${(error as Error).message})`);
    await endOutright(machine, doer);
  }
}

async function endOutright(machine: Machine, doer: Doer): Promise<void> {
  await machine.systemctl('stop', unitName);
  const { output } = await machine.systemctl('show', '--property', 'ControlGroup', '--value', unitName);
  const kill = join('/sys/fs/cgroup', output.trim() || '/system.slice/nightshift.service', 'cgroup.kill');
  if (existsSync(kill))
    await doer.change('kill what is left', 'killed what was left', () => writeFile(kill, '1'));
}

async function remove(machine: Machine, doer: Doer, path: string, what: string): Promise<void> {
  if (!existsSync(machine.prefix + path)) return;
  await doer.change(`remove ${path} (${what})`, `removed ${path} (${what})`, () =>
    rm(machine.prefix + path, { recursive: true }),
  );
}

/** System users that were made for environments. */
const ownUsers = (machine: Machine): string[] =>
  readFileSync(`${machine.prefix}/etc/passwd`, 'utf8')
    .split('\n')
    .flatMap((line) => /^(ns-[^:]+):/.exec(line)?.[1] ?? []);
