/** The writer of the flood in `logs.ts`: writes so many lines a second, or as many as it can, and goes on in a new file when it is told to. */
import { closeSync, openSync, writeSync } from 'node:fs';

const path = process.argv[2] ?? '';
const perSecond = Number(process.argv[3] ?? Number.POSITIVE_INFINITY);
const begin = performance.now();
const text = '[2026-11-22 12:00:00] app.INFO: Job 4711 done in 12 ms';
const linesPerBlock = 400;
let file = openSync(path, 'w');
let lines = 0;
let ended = false;

process.on('message', (message) => {
  if (message === 'end') ended = true;
  if (message !== 'reopen') return;
  closeSync(file);
  file = openSync(path, 'w');
  process.send?.('reopened');
});

function write(): void {
  if (ended) {
    process.send?.({ lines });
    process.disconnect();
    return;
  }
  const due = ((performance.now() - begin) / 1000) * perSecond;
  for (let block = 0; block < 20 && lines < due; block++) {
    const head = `${new Date().toISOString().slice(0, 23)}000000+00:00 stdout F`;
    writeSync(file, `${head} ${text}\n`.repeat(linesPerBlock));
    lines += linesPerBlock;
  }
  if (lines < due) setImmediate(write);
  else setTimeout(write, 1);
}
write();
