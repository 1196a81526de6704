/** `nightshift install`: makes a systemd service of this program, and does nothing twice. */
import { readFileSync } from 'node:fs';
import { chmod, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Refusal } from '../domain/errors.ts';
import { Doer, type Tell } from './deed.ts';
import { type Machine, nodeFolderForUnit, openToOthers } from './machine.ts';
import { started } from './start.ts';
import { defaultsText, unitHead, unitName, unitText } from './unit.ts';

export interface InstallOptions {
  /** Absolute path of the data folder. */
  readonly data: string;
  /** Further options of `serve`; undefined leaves those that were chosen before. */
  readonly options: readonly string[] | undefined;
  /** Also lets it begin with the machine, and starts it now. */
  readonly now: boolean;
  /** Tells what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Version of the daemon that answers already; null when none does. */
  readonly running: string | null;
}

/** This program, as it lies on the disk. */
export interface Program {
  /** The folder of the package or checkout. */
  readonly folder: string;
  readonly version: string;
}

export const unitPath = `/etc/systemd/system/${unitName}`;
export const defaultsPath = '/etc/default/nightshift';

/** @throws Refusal `install.*` */
export async function install(
  machine: Machine,
  program: Program,
  options: InstallOptions,
  tell: Tell,
): Promise<void> {
  const doer = new Doer(tell, options.dryRun);
  mustBeAble(machine, options.dryRun);
  const command = join(program.folder, 'bin/nightshift');
  const open = openToOthers(command);
  if (open !== undefined)
    doer.note(`note: others than root may change ${open}, and what lies there runs as root from now on`);

  const unit = unitText(readFileSync(join(program.folder, 'packaging/systemd', unitName), 'utf8'), {
    program: command,
    data: options.data,
    nodeFolder: nodeFolderForUnit(process.execPath),
  });
  const [newUnit, newDefaults] = [
    await writeUnit(machine, doer, unit),
    await writeDefaults(machine, doer, options.options),
  ];
  await makeData(machine, doer, options.data);
  if (newUnit)
    await doer.change('have systemd read it', 'systemd has read it', () => must(machine, 'daemon-reload'));
  if (!options.now) {
    doer.note('to start it, now and with the machine: nightshift install --now');
    return;
  }
  await enable(machine, doer);
  const otherVersion = options.running !== null && options.running !== program.version;
  await start(machine, doer, newUnit || newDefaults || otherVersion, {
    from: options.running,
    to: program.version,
  });
}

/** A run that changes nothing may be asked for by anybody, anywhere. */
export function mustBeAble(machine: Machine, dryRun: boolean): void {
  if (dryRun) return;
  if (!machine.isRoot) throw new Refusal('install.root', {});
  if (!machine.hasSystemd) throw new Refusal('install.systemd', {});
}

/** Runs systemctl. Throws Refusal `install.systemctl` when it fails. */
export async function must(machine: Machine, ...words: readonly string[]): Promise<string> {
  const { output, failed } = await machine.systemctl(...words);
  if (failed !== null)
    throw new Refusal('install.systemctl', { command: words.join(' '), why: failed.replaceAll('\n', ' ') });
  return output.trim();
}

/** @returns whether it is another one now */
async function writeUnit(machine: Machine, doer: Doer, text: string): Promise<boolean> {
  const path = machine.prefix + unitPath;
  const before = contentOf(path);
  if (before === text) {
    doer.note(`${unitPath} is as it should be`);
    return false;
  }
  const foreign = before !== undefined && !before.startsWith(unitHead);
  if (foreign)
    await doer.change(
      `keep the unit that is there as ${unitPath}.old`,
      `kept the unit that was there as ${unitPath}.old`,
      () => rename(path, `${path}.old`),
    );
  await doer.change(`write ${unitPath}`, `wrote ${unitPath}`, () => replaceFile(path, text));
  return true;
}

/** @returns whether it is another one now */
async function writeDefaults(
  machine: Machine,
  doer: Doer,
  options: readonly string[] | undefined,
): Promise<boolean> {
  const path = machine.prefix + defaultsPath;
  const before = contentOf(path);
  const text = defaultsText(options ?? []);
  if (before !== undefined && (options === undefined || before === text)) {
    doer.note(`${defaultsPath}, the options of the daemon, stays as it is`);
    return false;
  }
  const unfit = options?.find((each) => /[\s"'\\$`]/.test(each));
  if (unfit !== undefined) throw new Refusal('install.option', { option: unfit });
  await doer.change(`write ${defaultsPath}`, `wrote ${defaultsPath}, for options of the daemon`, () =>
    replaceFile(path, text),
  );
  return true;
}

async function makeData(machine: Machine, doer: Doer, data: string): Promise<void> {
  const path = machine.prefix + data;
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined) {
    doer.note(`the data folder ${data} is there`);
    return;
  }
  await doer.change(`make the data folder ${data}`, `made the data folder ${data}, for root alone`, () =>
    mkdir(path, { recursive: true, mode: 0o700 }),
  );
}

async function enable(machine: Machine, doer: Doer): Promise<void> {
  const is = (await machine.systemctl('is-enabled', unitName)).output.trim();
  if (is === 'enabled') doer.note('it begins with the machine already');
  else
    await doer.change('let it begin with the machine', 'it begins with the machine from now on', () =>
      must(machine, 'enable', '--quiet', unitName),
    );
}

/** @param stale what runs is not what was installed now */
async function start(
  machine: Machine,
  doer: Doer,
  stale: boolean,
  version: { readonly from: string | null; readonly to: string },
): Promise<void> {
  const active = (await machine.systemctl('is-active', unitName)).output.trim() === 'active';
  if (active && !stale) {
    doer.note(`version ${version.to} runs already`);
    return;
  }
  const upgrade = version.from === null || version.from === version.to ? '' : `, ${version.from} before`;
  if (active)
    await doer.change(
      'restart it; jobs run on',
      `restarted it, jobs run on: version ${version.to}${upgrade}`,
      () => must(machine, 'restart', unitName),
    );
  else
    await doer.change('start it', `started it: version ${version.to}`, () =>
      must(machine, 'start', unitName),
    );
  if (!doer.isDry) for (const line of await started(machine)) doer.note(line);
}

export function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all; readable by all, as systemd's files are. */
async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const next = `${path}.new`;
  await writeFile(next, text, { mode: 0o644 });
  await chmod(next, 0o644); // whatever the umask
  await rename(next, path);
}
