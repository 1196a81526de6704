/** Lays out the npm package and packs it: what `script/package` runs. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { licencesOf } from './licences.ts';

const checkout = join(import.meta.dirname, '..');

/** Copied as they are, but for the pictures of the guides, which are half a megabyte, and what builds them as a site. */
const copied = [
  'LICENSE',
  'README.md',
  'CHANGELOG.md',
  'docs',
  'packaging/nginx',
  'packaging/systemd',
  'web/dist',
] as const;
const leftOut = [join(checkout, 'docs/images'), join(checkout, 'docs/site')];

/**
 * Programs of their own, by their place below lib/main: beside them all that they share. Two folders deep like src/main, so
 * that what is found from there is found in a checkout and in the package alike.
 */
const programs = {
  nightshift: 'src/main/nightshift.ts',
  'lay/lay-process': 'src/git/lay/lay-process.ts',
} as const;

/** Asked for by packages that go without them. */
const optional = ['pg-native', 'pg-cloudflare', 'cpu-features', 'bufferutil', 'utf-8-validate', /\.node$/];

interface Manifest {
  readonly [field: string]: unknown;
  readonly version: string;
}

/** What of our own manifest is for those who install it: no dependency, they are in lib/ already. */
function manifestOf(own: Manifest, version: string): Manifest {
  const { name, description, license, type, engines } = own;
  return { name, version, description, license, type, engines, bin: { nightshift: 'bin/nightshift' } };
}

/** @returns the source files that went into it */
async function compile(folder: string): Promise<string[]> {
  const bundle = await rolldown({
    cwd: checkout,
    input: programs,
    platform: 'node',
    external: optional,
    // The word of older modules for the same.
    transform: { define: { __dirname: 'import.meta.dirname' } },
  });
  try {
    const { output } = await bundle.write({
      dir: folder,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
    });
    return output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []));
  } finally {
    await bundle.close();
  }
}

/** @returns the path of the package */
async function pack(out: string, version: string | undefined): Promise<string> {
  const own = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as Manifest;
  const stage = mkdtempSync(join(tmpdir(), 'nightshift-package-'));
  try {
    for (const path of copied) {
      cpSync(join(checkout, path), join(stage, path), {
        recursive: true,
        filter: (source) => !leftOut.includes(source),
      });
    }
    mkdirSync(join(stage, 'bin'));
    cpSync(join(checkout, 'packaging/npm/nightshift'), join(stage, 'bin/nightshift'));
    const manifest = manifestOf(own, version ?? own.version);
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const sources = await compile(join(stage, 'lib/main'));
    writeFileSync(join(stage, 'THIRD-PARTY-LICENCES.md'), licencesOf(sources));
    mkdirSync(out, { recursive: true });
    const told = execFileSync('npm', ['pack', '--json', '--pack-destination', out], {
      cwd: stage,
      encoding: 'utf8',
    });
    const [packed] = JSON.parse(told) as { filename: string; size: number; unpackedSize: number }[];
    if (packed === undefined) throw new Error(`npm pack said nothing: ${told}`);
    const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    console.error(`package: ${megabytes(packed.size)}, ${megabytes(packed.unpackedSize)} when installed`);
    return join(out, packed.filename);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: { out: { type: 'string', default: join(checkout, 'dist') }, version: { type: 'string' } },
});
console.log(await pack(resolve(values.out), values.version));
