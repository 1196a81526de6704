/** The licences of the packages whose code is in ours: theirs asks that it goes along. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** The folder of the package that a source file belongs to; undefined for our own. */
function packageFolder(source: string): string | undefined {
  if (!source.includes('/node_modules/')) return undefined;
  // Some have a manifest without a name further down, only to say what kind of modules lie there.
  for (let folder = dirname(source); !folder.endsWith('/node_modules'); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && 'name' in JSON.parse(readFileSync(manifest, 'utf8'))) return folder;
  }
  throw new Error(`${source} belongs to no package`);
}

function section(folder: string): string {
  const {
    name,
    version,
    license = 'no licence named',
  } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
  const files = readdirSync(folder).filter((each) => /^(licen[cs]e|copying|notice)/i.test(each));
  const texts = files.sort().map((each) => readFileSync(join(folder, each), 'utf8').trim());
  return [`## ${name} ${version} (${license})`, ...texts.map((text) => text.replace(/^/gm, '    '))].join(
    '\n\n',
  );
}

/** @param sources what was compiled; paths of the bundler's own parts begin with a zero byte or a word of its own */
export function licencesOf(sources: readonly string[]): string {
  const files = sources.filter((each) => each.startsWith('/')).map((each) => each.replace(/\?.*/, ''));
  const folders = [...new Set(files.flatMap((each) => packageFolder(each) ?? []))].sort();
  return `# Third-party licences

lib/ holds code of these packages. Those of the dashboard are listed in web/dist/licences.txt.

${folders.map(section).join('\n\n')}
`;
}
