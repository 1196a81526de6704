import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dataOfUnit, unitHead, unitName, unitText, unitWord, usualData } from './unit.ts';

const template = readFileSync(join(import.meta.dirname, '../../packaging/systemd', unitName), 'utf8');
const usual = { program: '/usr/bin/nightshift', data: usualData, nodeFolder: null };

describe('the unit', () => {
  test('is that of packaging/systemd, with a line above that says who wrote it', () => {
    expect(unitText(template, usual)).toBe(unitHead + template);
  });

  test('keeps what jobs need to outlive the daemon', () => {
    const lines = unitText(template, usual).split('\n');
    for (const line of ['Delegate=yes', 'DelegateSubgroup=daemon', 'KillMode=process', 'TasksMax=infinity'])
      expect(lines).toContain(line);
    expect(
      lines.filter((line) => /^(Protect|Private|ReadOnly|SystemCallFilter|RestrictNamespaces)/.test(line)),
    ).toEqual([]);
  });

  test('names the program, the data folder and the Node of this machine', () => {
    const text = unitText(template, {
      program: '/opt/my apps/nightshift',
      data: '/data/100%',
      nodeFolder: '/opt/node/bin',
    });
    expect(text).toContain(
      '\nExecStart="/opt/my apps/nightshift" serve --data /data/100%% $NIGHTSHIFT_OPTIONS\n',
    );
    expect(text).toContain(
      '\nEnvironment="PATH=/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"\nExecStart=',
    );
    expect(text).toContain('\nRequiresMountsFor=/data/100%%\n');
    expect(text).not.toContain('StateDirectory');
  });

  test.each(['/var/lib/nightshift', '/data/100%', '/my data/x', '/a"b', '/a$b', '/a\\b'])(
    'says which data folder it serves: %s',
    (data) => {
      expect(dataOfUnit(unitText(template, { ...usual, data }))).toBe(data);
    },
  );

  test('writes a path so that systemd takes it as one word', () => {
    expect(unitWord('/a/b-c_d.e')).toBe('/a/b-c_d.e');
    expect(unitWord('/a b')).toBe('"/a b"');
    expect(unitWord('/a"b\\c')).toBe('"/a\\"b\\\\c"');
    expect(unitWord('/a%n$x')).toBe('/a%%n$$x');
  });
});
