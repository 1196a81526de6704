/** `logs`: the daemon's bytes are passed on as they come, at the pace of the reader. */
import type { IncomingMessage } from 'node:http';
import { streamErrorTrailer } from '../../contract/stream-error.ts';
import { failureOf, path } from '../client.ts';
import { type Context, writeThrough } from '../context.ts';
import { CliFailure, ReaderGone } from '../failure.ts';

export interface LogsOptions {
  readonly follow?: boolean;
  readonly lines?: number | 'all';
  readonly job?: readonly string[];
  readonly level?: 'DEBUG' | 'INFO' | 'WARN' | 'ERR';
  readonly run?: string;
  /** Wall times, ms. */
  readonly since?: number;
  readonly until?: number;
  readonly grep?: string;
  readonly mask?: boolean;
  readonly newestFirst?: boolean;
  readonly download?: string;
}

const usualLines = 100;

export async function logs(context: Context, [environment = '']: readonly string[], options: LogsOptions) {
  checkOptions(options);
  if (options.download !== undefined) {
    const { downloadLog } = await import('./log-download.ts');
    const query = queryOf({ lines: 'all', ...options }, context.json);
    return await downloadLog(context, environment, options.download, query);
  }
  const response = await context.client.stream(
    path`/environments/${environment}/logs`,
    queryOf(options, context.json),
    context.readerGone,
  );
  const coloured = !context.json && context.paint.bad('x') !== 'x';
  try {
    for await (const chunk of coloured ? markErrors(response, context.paint.bad) : response) {
      await writeThrough(context.io.stdout, chunk as Uint8Array);
    }
  } catch (thrown) {
    if (context.readerGone.aborted || thrown instanceof ReaderGone) throw new ReaderGone();
    throw new CliFailure(
      'daemon.gone',
      'the daemon ended the connection in the middle of the log: see its own log, or ask again',
      1,
      { cause: thrown },
    );
  }
  const trailer = response.trailers[streamErrorTrailer];
  if (trailer !== undefined) throw failureOf(trailer);
}

function checkOptions({ follow, newestFirst, download }: LogsOptions): void {
  const wrong =
    follow !== true
      ? undefined
      : newestFirst === true
        ? '--newest-first reads what is there: leave out --follow'
        : download !== undefined
          ? '--download keeps what is there: leave out --follow'
          : undefined;
  if (wrong !== undefined) throw new CliFailure('usage.wrong', wrong, 2);
}

function queryOf(options: LogsOptions, json: boolean) {
  const lines =
    options.lines ?? (options.since !== undefined || options.run !== undefined ? 'all' : usualLines);
  return {
    format: json ? 'ndjson' : 'text',
    follow: options.follow === true ? true : undefined,
    job: options.job,
    level: options.level,
    run: options.run,
    since: timeOf(options.since),
    until: timeOf(options.until),
    contains: options.grep,
    last: lines === 'all' ? undefined : lines,
    mask: options.mask === true ? true : undefined,
    order: options.newestFirst === true ? 'newest' : undefined,
  };
}

const timeOf = (wall: number | undefined): string | undefined =>
  wall === undefined ? undefined : new Date(wall).toISOString();

/** `2021-01-14T12:00:01Z ERR ` */
const errorHead = /^\S{20} ERR /;

/** Marks the head of stderr's lines; Latin-1 keeps every byte of the messages as it is. */
async function* markErrors(
  response: IncomingMessage,
  paint: (text: string) => string,
): AsyncGenerator<Buffer> {
  const mark = (line: string) => line.replace(errorHead, (head) => paint(head));
  let partial = '';
  for await (const chunk of response) {
    const lines = (partial + (chunk as Buffer).toString('latin1')).split('\n');
    partial = lines.pop() ?? '';
    if (lines.length > 0) yield Buffer.from(`${lines.map(mark).join('\n')}\n`, 'latin1');
  }
  if (partial !== '') yield Buffer.from(mark(partial), 'latin1');
}
