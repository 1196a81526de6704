/** What is refused about alerts; part of the catalogue in `errors.ts`. */
import { type Entry, entry } from './error-entry.ts';

export const alertErrors = {
  'alert.channel-unknown': entry(
    404,
    (p) => `there is no alert channel "${p.channel}": see "nightshift alerts list"`,
  ),
  'alert.channel-exists': entry(
    409,
    (p) => `there is an alert channel "${p.name}" already: choose another name, or remove it first`,
    'name',
  ),
  'alert.channel-name': entry(
    422,
    (p) =>
      `"${p.name}" is not a name for a channel: use up to 63 letters, digits, ".", "_" and "-", beginning with a letter or digit`,
    'name',
  ),
  'alert.channels-too-many': entry(
    422,
    (p) => `there are ${p.limit} alert channels, and that is the limit: remove some first`,
  ),
  'alert.url': entry(
    422,
    (p) => `the address can't be used (${p.why}): give one that begins with https:// or http://`,
    'url',
  ),
  'alert.address-forbidden': entry(
    422,
    (p) =>
      `${p.host} is an address of this machine or of its private network, and alerts of an environment may not go there: ask an operator to allow it ("nightshift alerts set --allow")`,
    'url',
  ),
  'alert.mail-address': entry(
    422,
    (p) => `"${p.address}" is not a mail address: write one such as ops@example.com`,
    'to',
  ),
  'alert.mail-missing': entry(422, () => 'mail needs an address to go to: name at least one', 'to'),
  'alert.mail-server': entry(
    409,
    () =>
      'no mail server is set: an operator sets one with "nightshift alerts mail-server HOST --from ADDRESS"',
  ),
  'alert.network': entry(
    422,
    (p) => `"${p.network}" is neither an address nor a network: write 10.0.0.5 or 10.0.0.0/8`,
    'allow',
  ),
  'alert.quiet': entry(422, (p) => `"${p.quiet}" are no quiet hours: write them as 22:00-07:00`, 'quiet'),
  'alert.kind': entry(422, (p) => `"${p.kind}" is no kind of incident: choose of ${p.kinds}`, 'kinds'),
  'alert.after-fails': entry(
    422,
    (p) => `${p.fails} fails in a row are not possible: choose between 1 and ${p.limit}`,
    'afterFails',
  ),
  'alert.ping-of-worker': entry(422, (p) => `"${p.job}" is a worker: pings belong to crons`, 'ping'),
  'alert.test-failed': entry(503, (p) => `the test did not arrive at "${p.channel}": ${p.why}`),
  'alert.tests-too-many': entry(
    429,
    (p) => `${p.limit} tests were sent in a minute: wait a little, then try again`,
  ),
} as const satisfies Record<string, Entry>;
