/** `logs --download FILE`: the file is there when it is whole, and not before. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { formatSize } from '../../contract/format.ts';
import type { LogDownload } from '../../contract/log.ts';
import { streamErrorTrailer } from '../../contract/stream-error.ts';
import { failureOf, path, type Query } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';

const lookMs = 500;

export async function downloadLog(context: Context, environment: string, file: string, query: Query) {
  const part = `${file}.part`;
  const id = randomBytes(12).toString('hex');
  const compress = file.endsWith('.gz') ? 'gzip' : file.endsWith('.zst') ? 'zstd' : 'none';
  const entries = query.format === 'ndjson' || /\.ndjson(\.gz|\.zst)?$/.test(file);
  const asked = { ...query, format: entries ? 'ndjson' : 'text', compress, download: id };
  const response = await context.client.stream(
    path`/environments/${environment}/logs`,
    asked,
    context.readerGone,
  );
  const handle = await open(part, 'w', 0o600).catch((error: Error) => {
    response.destroy();
    throw new CliFailure('file.not-writable', `${file} can't be written: ${error.message}`, 1, {
      cause: error,
    });
  });
  const showing = showProgress(context, path`/environments/${environment}/log-downloads/${id}`);
  try {
    let bytes = 0;
    for await (const chunk of response) {
      await handle.writeFile(chunk as Uint8Array);
      bytes += (chunk as Uint8Array).length;
    }
    const trailer = response.trailers[streamErrorTrailer];
    if (trailer !== undefined) throw failureOf(trailer);
    await handle.sync();
    await rename(part, file);
    showing.end();
    context.show({ file, bytes }, () => `${file}: ${formatSize(bytes)}`);
  } catch (thrown) {
    showing.end();
    await rm(part, { force: true });
    if (thrown instanceof CliFailure) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new CliFailure('download.failed', `the log was not downloaded: ${why}`, 1, { cause: thrown });
  } finally {
    await handle.close();
  }
}

/** On a terminal: how much of the log was read, until it is over. */
function showProgress({ client, io }: Context, url: string): { readonly end: () => void } {
  if (io.stderr.isTTY !== true) return { end: () => undefined };
  const look = async (): Promise<void> => {
    const { bytesRead, bytesToRead } = await client.get<LogDownload>(url);
    const percent = bytesToRead === 0 ? 0 : Math.floor((100 * bytesRead) / bytesToRead);
    io.stderr.write(`\r\u001b[K${formatSize(bytesRead)} of ${formatSize(bytesToRead)} read (${percent} %)`);
  };
  // What it looks like is no reason to fail.
  const timer = setInterval(() => void look().catch(() => undefined), lookMs);
  return {
    end: () => {
      clearInterval(timer);
      io.stderr.write('\r\u001b[K');
    },
  };
}
