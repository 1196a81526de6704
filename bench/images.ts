/**
 * How long the visitor of examples/images waits for the answer to an upload: when the request makes the thumbnails itself, and when a
 * worker does. By turns in the same run, with the same picture; the worker runs in a container on plan M, half a core.
 *
 *   node bench/images.ts [--uploads 40] [--width 3000] [--height 2000]
 *
 * It prints one JSON document, in milliseconds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { layOut } from '../test/examples/example.ts';
import { Form, imagesLack, paint, thumbnails } from '../test/examples/pictures.ts';

const { values } = parseArgs({
  options: {
    uploads: { type: 'string', default: '40' },
    width: { type: 'string', default: '3000' },
    height: { type: 'string', default: '2000' },
  },
});
const uploads = Number(values.uploads);
const nightshift = join(import.meta.dirname, '../bin/nightshift');
const nobody = 65_534;
/** So soon is it noticed that a thumbnail is there. */
const lookMs = 10;

const lack = imagesLack();
if (lack !== '') throw new Error(`on this machine there is no ${lack}`);

/** Not below /tmp: runs have a private one. */
const folder = mkdtempSync('/srv/nightshift-bench-');
chmodSync(folder, 0o711);
const [data, root, picture] = [join(folder, 'data'), join(folder, 'root'), join(folder, 'picture.jpg')];
mkdirSync(root);
chownSync(root, nobody, nobody);
layOut('images', root);
paint(picture, Number(values.width), Number(values.height));

async function call(...words: string[]): Promise<void> {
  const child = spawn(nightshift, [...words, '--data', data], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`nightshift ${words.join(' ')} ended with ${code}`);
}

function figures(all: readonly number[]): { p50: number; p99: number } {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (part: number): number =>
    Math.round((sorted[Math.ceil(part * sorted.length) - 1] ?? 0) * 10) / 10;
  return { p50: at(0.5), p99: at(0.99) };
}

async function isMade(id: string): Promise<void> {
  const last = thumbnails(root, id, 'jpg').at(-1) ?? '';
  while (statSync(last, { throwIfNoEntry: false }) === undefined) await pause(lookMs);
}

const daemon = spawn(
  nightshift,
  ['serve', '--data', data, '--listen', 'none', '--ssh', 'none', '--ephemeral'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const closing: (() => Promise<void>)[] = [];
try {
  for await (const line of createInterface({ input: daemon.stdout })) if (line.startsWith('ready:')) break;
  daemon.stdout.resume();
  await call('env', 'create', 'pictures', '--root', root);
  await call('apply', join(root, 'nightshift.yml'), '--env', 'pictures', '--yes');
  const byWorker = await Form.open(root);
  closing.push(() => byWorker.close());
  const inRequest = await Form.open(root, { THUMBNAILS: 'in the request' });
  closing.push(() => inRequest.close());

  const waited: Record<'byWorker' | 'inRequest', number[]> = { byWorker: [], inRequest: [] };
  const ready: number[] = [];
  for (let upload = 0; upload < uploads; upload++) {
    waited.inRequest.push((await inRequest.send(picture)).ms);
    const began = performance.now();
    const { id, ms } = await byWorker.send(picture);
    waited.byWorker.push(ms);
    // Also so that the worker takes nothing from the requests that do the work themselves.
    await isMade(id);
    ready.push(performance.now() - began);
  }
  const [inside, outside] = [figures(waited.inRequest), figures(waited.byWorker)];
  const result = {
    uploads,
    pictureBytes: statSync(picture).size,
    inRequest: inside,
    byWorker: outside,
    ratio: {
      p50: Math.round((inside.p50 / outside.p50) * 10) / 10,
      p99: Math.round((inside.p99 / outside.p99) * 10) / 10,
    },
    /** From the upload to the last thumbnail, with the worker. */
    thumbnailsThere: figures(ready),
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  for (const close of closing) await close();
  daemon.kill('SIGTERM');
  await once(daemon, 'exit');
  rmSync(folder, { recursive: true, force: true });
}
