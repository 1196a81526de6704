import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import { defaultsPath, type InstallOptions, install, unitPath } from './install.ts';
import { MachineInAFolder } from './machine.testkit.ts';
import { openToOthers } from './machine.ts';
import { uninstall } from './uninstall.ts';
import { unitHead } from './unit.ts';

const program = { folder: join(import.meta.dirname, '../..'), version: '1.1.0' };
const data = '/var/lib/nightshift';

describe('the service', () => {
  let folder: TempFolder;
  let machine: MachineInAFolder;
  let told: string[];

  beforeEach(async () => {
    folder = await makeTempFolder('install');
    machine = new MachineInAFolder(folder);
  });
  afterEach(() => folder.dispose());

  async function installed(options: Partial<InstallOptions> = {}): Promise<readonly string[]> {
    const deeds: string[] = [];
    machine.commands.length = 0;
    const all = { data, options: undefined, now: true, dryRun: false, running: null, ...options };
    await install(machine, program, all, (deed) => {
      if (deed.changed) deeds.push(deed.sentence);
    });
    return deeds;
  }

  const uninstalled = async (options: { purge?: boolean; dryRun?: boolean } = {}): Promise<void> => {
    told = [];
    machine.commands.length = 0;
    const tell = (deed: { sentence: string }): void => void told.push(deed.sentence);
    await uninstall(machine, { data, purge: false, dryRun: false, ...options }, tell);
  };

  test('is written, enabled and started, and each deed is said', async () => {
    expect(await installed()).toEqual([
      `wrote ${unitPath}`,
      `wrote ${defaultsPath}, for options of the daemon`,
      `made the data folder ${data}, for root alone`,
      'systemd has read it',
      'it begins with the machine from now on',
      'started it: version 1.1.0',
    ]);
    expect(machine.commands).toEqual(['daemon-reload', 'enable', 'start']);
    expect(machine.read(unitPath)).toContain(
      `ExecStart=${program.folder}/bin/nightshift serve --data ${data} `,
    );
    expect(statSync(machine.prefix + data).mode & 0o777).toBe(0o700);
  });

  test('is only written where nobody says --now', async () => {
    await installed({ now: false });
    expect(machine.commands).toEqual(['daemon-reload']);
  });

  test('is left alone when it is as it should be', async () => {
    await installed();
    expect(await installed({ running: '1.1.0' })).toEqual([]);
    expect(machine.commands).toEqual([]);
  });

  test('is restarted, and never stopped, when another version runs', async () => {
    await installed();
    expect(await installed({ running: '1.0.0' })).toEqual([
      'restarted it, jobs run on: version 1.1.0, 1.0.0 before',
    ]);
    expect(machine.commands).toEqual(['restart']);
  });

  test('takes options of the daemon, and keeps them when nobody names any', async () => {
    await installed({ options: ['--listen', '0.0.0.0:8484'] });
    expect(machine.read(defaultsPath)).toContain('\nNIGHTSHIFT_OPTIONS="--listen 0.0.0.0:8484"\n');
    await installed({ running: '1.1.0' });
    expect(machine.read(defaultsPath)).toContain('0.0.0.0:8484');
    await installed({ running: '1.1.0', options: ['--listen', 'none'] });
    expect(machine.commands).toEqual(['restart']);
    expect(machine.read(defaultsPath)).toContain('"--listen none"');
  });

  test('refuses an option that the file of options could not hold', async () => {
    await expect(installed({ options: ['--data', '/my data'] })).rejects.toMatchObject({
      code: 'install.option',
    });
  });

  test('keeps a unit that somebody else wrote', async () => {
    mkdirSync(dirname(machine.unitFile), { recursive: true });
    writeFileSync(machine.unitFile, '[Service]\nExecStart=/bin/true\n');
    await installed();
    expect(machine.read(`${unitPath}.old`)).toContain('/bin/true');
    expect(machine.read(unitPath).startsWith(unitHead)).toBe(true);
  });

  test('is only told about in a dry run, also by those who could not do it', async () => {
    machine.isRoot = false;
    machine.hasSystemd = false;
    expect(await installed({ dryRun: true })).toEqual([
      `would write ${unitPath}`,
      `would write ${defaultsPath}`,
      `would make the data folder ${data}`,
      'would have systemd read it',
      'would let it begin with the machine',
      'would start it',
    ]);
    expect(machine.commands).toEqual([]);
    expect(machine.has('/etc/systemd')).toBe(false);
    await uninstalled({ dryRun: true });
    expect(told[0]).toBe(`there is no ${unitPath}`);
  });

  test('wants root, and systemd', async () => {
    machine.hasSystemd = false;
    await expect(installed()).rejects.toMatchObject({ code: 'install.systemd' });
    machine.isRoot = false;
    await expect(installed()).rejects.toMatchObject({ code: 'install.root' });
    await expect(uninstalled()).rejects.toMatchObject({ code: 'install.root' });
  });

  test('that does not come up is told with the words of the daemon', async () => {
    machine.says = ['nightshift: the data folder belongs to a newer version'];
    await expect(installed()).rejects.toThrow(
      'the service did not come up (the data folder belongs to a newer version)',
    );
  });

  test('is taken away after its jobs were asked to end; what people made stays', async () => {
    await installed();
    await uninstalled();
    expect(machine.commands).toEqual([
      'kill --kill-whom=main --signal=QUIT',
      'disable',
      'daemon-reload',
      'reset-failed',
    ]);
    expect(told).toContain('ended the daemon and 2 runs');
    expect(told).toContain(`the data folder ${data} stays: an install takes it up again`);
    expect([unitPath, data, defaultsPath].map((path) => machine.has(path))).toEqual([false, true, true]);
    await uninstalled();
    expect(machine.commands).toEqual([]);
  });

  test('that does not run is started once more, so that what it left running is ended', async () => {
    await installed();
    machine.active = false;
    await uninstalled();
    expect(machine.commands.slice(0, 2)).toEqual(['start', 'kill --kill-whom=main --signal=QUIT']);
  });

  test('is taken away also when its daemon can not be started any more', async () => {
    await installed();
    machine.active = false;
    machine.says = ['nightshift: the database is damaged'];
    await uninstalled();
    expect(told.join('\n')).toContain('could not end them');
    expect(machine.has(unitPath)).toBe(false);
  });

  test('with --purge nothing stays but the roots of environments, whose users are named', async () => {
    await installed({ data: '/data/ns' });
    await uninstalled({ purge: true });
    expect(['/data/ns', defaultsPath].map((path) => machine.has(path))).toEqual([false, false]);
    expect(told.join('\n')).toContain('ns-shop');
  });

  test('is warned about when others may change the program that root is to run', () => {
    const file = join(folder.path, 'nightshift');
    writeFileSync(file, '');
    chmodSync(file, 0o777);
    expect(openToOthers(file)).toBe(process.getuid?.() === 0 ? file : folder.path);
  });
});
