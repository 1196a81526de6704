/** `ship`: where the output of an environment is sent as well. */
import type { LogReceiver, LogReceiverOrNone } from '../../contract/log-receiver.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { readNamed } from '../named-file.ts';
import { moment, relativeTime } from '../output/moments.ts';
import { facts, printable } from '../output/table.ts';

export async function setReceiver(
  context: Context,
  [environment = '', url = '']: readonly string[],
  { headersFile }: { readonly headersFile?: string },
) {
  const headers = headersFile === undefined ? {} : await headersOf(context, headersFile);
  const answer = await context.client.call<LogReceiverOrNone>(
    'PUT',
    path`/environments/${environment}/log-receiver`,
    {},
    { url, headers },
  );
  context.show(
    answer,
    () =>
      `what the jobs of "${environment}" print from now on is sent to ${answer.receiver?.target}; "nightshift ship show ${environment}" says how far it is`,
  );
}

/** One `Name: value` a line, as HTTP has them; blank lines and those that begin with # are left out. */
async function headersOf(context: Context, file: string): Promise<Record<string, string>> {
  const bytes = await readNamed(context, file, 'give a file with a header on each line', 2);
  const headers: Record<string, string> = {};
  for (const [index, line] of Buffer.from(bytes).toString('utf8').split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const at = line.indexOf(':');
    if (at < 1)
      throw new CliFailure(
        'usage.headers',
        `line ${index + 1} of ${printable(file)} is no header: write Name: value`,
        2,
      );
    headers[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return headers;
}

export async function showReceiver(context: Context, [environment = '']: readonly string[]) {
  const answer = await context.client.get<LogReceiverOrNone>(path`/environments/${environment}/log-receiver`);
  context.show(answer, ({ receiver }) =>
    receiver === null
      ? `the output of "${environment}" is sent nowhere: "nightshift ship set ${environment} URL" begins with it`
      : receiverPage(context, receiver),
  );
}

function receiverPage(context: Context, receiver: LogReceiver): string {
  const { target, headers, since, sentLines, refusedLines, gaps, sentAt, behindSince, held } = receiver;
  const dropped = `${gaps} ${gaps === 1 ? 'place' : 'places'}, by the bounds of the log, before it was sent`;
  return facts(
    [
      ['Sent to', target],
      ['With headers', headers.length === 0 ? null : headers.join(', ')],
      ['Since', moment(context, since)],
      [
        'Sent',
        `${sentLines} lines${sentAt === null ? '' : `, the last of them ${relativeTime(context, sentAt)}`}`,
      ],
      ['Refused', refusedLines === 0 ? null : `${refusedLines} lines, which are not sent again`],
      ['Dropped', gaps === 0 ? null : dropped],
      ['Behind', behindSince === null ? 'no' : `since ${moment(context, behindSince)}`],
      [
        'Held',
        held === null
          ? null
          : `since ${moment(context, held.since)}: ${printable(held.why)}; attempt ${held.attempts + 1} follows ${relativeTime(context, held.nextAt)}`,
      ],
    ],
    context.paint.dim,
  );
}

export async function stopShipping(
  context: Context,
  [environment = '']: readonly string[],
  { yes }: { readonly yes?: boolean },
) {
  await context.confirm(
    `sends the output of "${environment}" there no more, and forgets how far it was`,
    yes,
  );
  await context.client.call('DELETE', path`/environments/${environment}/log-receiver`);
  context.show({ environment }, () => `the output of "${environment}" is sent nowhere any more`);
}
