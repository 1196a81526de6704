/** systemd itself says which drop-ins it reads, and in which order: each has a setting that it warns of. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeTempFolder } from '../../test/testkit/temp-folder.ts';
import type { SourceFile } from './imported.ts';
import { dropInsOf } from './unit-drop-ins.ts';
import { unitName } from './unit-name.ts';

const missing = spawnSync('systemd-analyze', ['--version']).status !== 0;
if (missing) console.warn('the order of drop-ins is not compared: systemd-analyze is not on this machine');

const stems = ['a-b-c@x', 'a-b-c@', 'a-b-c', 'a-b-@x', 'a-b-@', 'a-b-', 'a-@x', 'a-@', 'a-'];
const kinds = [...stems.map((stem) => `${stem}.service`), 'service', 'other.service'];
const folders = Object.entries({
  ...{ etc: kinds, run: ['a-b-c@x.service', 'service'] },
  ...{ 'usr/local/lib': ['a-b-c@x.service', 'service'], 'usr/lib': kinds },
}).flatMap(([top, each]) => each.map((name) => `/${top}/systemd/system/${name}.d`));

describe.skipIf(missing)('drop-ins', () => {
  test.each(['a-b-c@x.service', 'a-b-c.service', 'a-.service', 'a@x.service', 'other.service'])(
    'of %s are read in the order of systemd',
    { timeout: 60_000 },
    async (unit) => {
      const root = await makeTempFolder('drop-ins');
      onTestFinished(() => root.dispose());
      const lay = (path: string, text: string): void => {
        mkdirSync(dirname(join(root.path, path)), { recursive: true });
        writeFileSync(join(root.path, path), text);
      };
      const template = unit.replace(/@.*\./, '@.');
      lay(`/usr/lib/systemd/system/${template}`, '[Service]\nExecStart=/bin/true\n');
      // Each two folders have a file of one name: of the two the nearer one counts.
      const files = folders.flatMap((folder, index) =>
        folders.slice(index + 1).flatMap((other, more): SourceFile[] => {
          const file = `${(index * 31 + more * 17) % 97}-${index}-${more}.conf`;
          return [folder, other].map((each) => ({ name: `${each}/${file}`, text: '' }));
        }),
      );
      for (const { name } of files) lay(name, '[Service]\nNightshift=1\n');
      const words = [`--root=${root.path}`, 'verify', unit];
      const { stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8', maxBuffer: 2 ** 24 });
      const theirs = [...stderr.matchAll(/^(\S+\.conf):2: Unknown/gm)].map(([, path = '']) =>
        path.slice(root.path.length),
      );
      expect(theirs.length).toBeGreaterThan(folders.length);
      const file = `/usr/lib/systemd/system/${unit}`;
      expect(dropInsOf(file, unitName(file), files).map(({ name }) => name)).toEqual(theirs);
    },
  );
});
