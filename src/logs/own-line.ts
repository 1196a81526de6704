/**
 * A line of ours at the end of a run's output. It is written into the run's own file when its writer has gone: so it stands at
 * its place for every reader, and is filtered, searched and dropped like any other.
 */
import { open } from 'node:fs/promises';

/** So much of the file's end is looked at: an unfinished line of the job, or our line itself, stands there. */
const tailBytes = 64 * 1024;
const stderrRecord = /^\S+ stderr ([PF])(?: |$)/;

/** Appends it as an error line, once: also when it is asked for again after a restart. The file is made where it is missing. */
export async function appendOwnLine(path: string, atMs: number, message: string): Promise<void> {
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, tailBytes));
    await file.read(buffer, 0, buffer.length, size - buffer.length);
    const records = buffer.toString('latin1').split('\n');
    const text = Buffer.from(message.replaceAll('\n', ' '));
    const ours = `stderr F ${text.toString('latin1')}`;
    if (records.some((record) => record.endsWith(ours))) return;
    const head = `${new Date(atMs).toISOString().replace('Z', '000000+00:00')} stderr F `;
    const torn = records.at(-1) !== '' && size > 0 ? '\n' : '';
    const last = records.findLast((record) => stderrRecord.test(record));
    // The end of a line that the job did not finish: ours is not to be taken for its rest.
    const finish = stderrRecord.exec(last ?? '')?.[1] === 'P' ? `${head}\n` : '';
    await file.appendFile(Buffer.concat([Buffer.from(`${torn}${finish}${head}`), text, Buffer.from('\n')]));
  } finally {
    await file.close();
  }
}
