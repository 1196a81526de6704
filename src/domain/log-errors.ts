/** What is refused about the sending of logs; part of the catalogue in `errors.ts`. */
import { type Entry, entry } from './error-entry.ts';

export const logErrors = {
  'log.receiver-url': entry(
    422,
    (p) => `the address can't be used (${p.why}): give one such as http://collector:4318`,
    'url',
  ),
  'log.receiver-forbidden': entry(
    422,
    (p) =>
      `${p.host} is an address of this machine or of its private network, and output of an environment may not go there: ask an operator to allow it ("nightshift alerts set --allow")`,
    'url',
  ),
  'log.receiver-header': entry(
    422,
    (p) =>
      `the header ${p.name} can't be sent: a name is of letters, digits and "-", a value one line, and those of the connection and of the content are ours`,
    'headers',
  ),
  'log.receiver-headers': entry(
    422,
    (p) => `no more than ${p.limit} headers go along: leave some out`,
    'headers',
  ),
  'log.receiver-none': entry(
    404,
    (p) =>
      `the output of "${p.environment}" is sent nowhere: "nightshift ship set ${p.environment} URL" begins with it`,
  ),
} as const satisfies Record<string, Entry>;
