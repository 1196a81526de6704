/** Drop-ins of systemd's units: files of `mails.service.d/` that are read after `mails.service`, systemd.unit(5). */
import type { SourceFile } from './imported.ts';
import { folderOf } from './places.ts';
import type { UnitName } from './unit-name.ts';

/** Where systemd looks for what belongs to a unit of one of them, the first before the later ones. */
const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** The folder of units that a file lies in; instances are often named by their link in a folder of what wants them. */
export const unitFolder = (file: string): string =>
  folderOf(file).replace(/\/[^/]+\.(wants|requires|upholds)$/, '');

/** Takes `mails.service.d/10-more.conf` apart; null for what is no drop-in. */
function dropIn({ name }: SourceFile): { folder: string; file: string } | null {
  const [, folder, file] = /^((?:.*\/)?[^/]*(?:service|timer)\.d)\/([^/]+\.conf)$/.exec(name) ?? [];
  return folder === undefined || file === undefined ? null : { folder, file };
}

export const isDropIn = (file: SourceFile): boolean => dropIn(file) !== null;

/** The unit that a drop-in is made for: `mails.service` of `mails.service.d/10-more.conf`; null where it is for many. */
export function unitOfDropIn(file: SourceFile): string | null {
  const path = dropIn(file)?.folder.slice(0, -'.d'.length) ?? '';
  return /[^/-]\.(service|timer)$/.test(path) ? path : null;
}

/** Of a unit's name, and of anything that can be one. */
const nameCharacters = 255;

/** The name itself, its template, and all whose names begin alike: for `shop-mails@eu` also `shop-`, `shop-@eu` and `shop-@`. */
function stemsOf({ stem, prefix, instance }: UnitName): string[] {
  if (stem.length > nameCharacters) return [stem];
  const shorter: string[] = [];
  for (let at = prefix.lastIndexOf('-', prefix.length - 2); at > 0; at = prefix.lastIndexOf('-', at - 1))
    shorter.push(prefix.slice(0, at + 1));
  if (!instance) return [stem, ...shorter];
  const instances = shorter.flatMap((each) => [`${each}@${instance}`, `${each}@`]);
  return [stem, `${prefix}@`, ...shorter, ...instances];
}

/** Folders of drop-ins, those that count more first. */
function dropInFolders(file: string, name: UnitName): string[] {
  const here = unitFolder(file);
  const folders = unitFolders.includes(here) ? unitFolders : [here];
  const inEach = (stems: readonly string[]): string[] =>
    folders.flatMap((folder) =>
      stems.map((stem) => `${folder === '' ? '' : `${folder}/`}${stem}${name.kind}.d`),
    );
  return [...inEach(stemsOf(name).map((stem) => `${stem}.`)), ...inEach([''])];
}

/** Patterns of drop-ins that the unit may have. */
export const dropInPatterns = (file: string, name: UnitName): string[] =>
  dropInFolders(file, name).map(
    (folder) => `${folder.replaceAll(/[\\[\]*?{}()!+@]/g, String.raw`\$&`)}/*.conf`,
  );

/** The unit's own, in the order in which systemd reads them: by the name of the file; of one name, the one that counts most alone. */
export function dropInsOf(file: string, name: UnitName, files: readonly SourceFile[]): SourceFile[] {
  const found = new Map<string, SourceFile>();
  for (const folder of dropInFolders(file, name))
    for (const each of files) {
      const made = dropIn(each);
      if (made?.folder === folder && !found.has(made.file)) found.set(made.file, each);
    }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
}
