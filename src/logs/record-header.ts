/**
 * The head of one record in a run's file, as conmon and CRI write it:
 *
 *     2026-11-22T12:00:00.123456789+00:00 stdout F the text
 *     |--- time, RFC 3339 ---------------| |    | |- text up to the next newline
 *                                          |    `-- P: the line goes on in the next record of this stream; F: it ends
 *                                          `-- stdout or stderr
 */

/** No head is longer; a reader that holds so many bytes without a newline can tell whether they begin with one. */
export const recordHeaderBytesMax = 64;

const wholeHead =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d)) (stdout|stderr) ([PF])(?: |(?=\n))/;
const headAnywhere =
  /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [PF][ \n]/;

const zero = 0x30;
const newline = 0x0a;

/** Where a head stands in text that does not begin with one: after a torn record, say. -1 when nowhere. */
export const findHeader = (latin1: string): number => latin1.search(headAnywhere);

/**
 * Reads heads out of buffers, one after the other: the fields hold the last one that `read` found.
 * Records come in bursts of one second, so the second is parsed once.
 */
export class RecordHeader {
  /** Wall time, ms, with a fraction. */
  time = 0;
  stderr = false;
  /** F rather than P. */
  final = false;
  /** Where the text begins. */
  text = 0;
  readonly #second = Buffer.alloc(19);
  readonly #zone = Buffer.alloc(6);
  #secondMs = 0;

  /** True when a head begins at `at`. The bytes must reach to the head's end, or hold {@link recordHeaderBytesMax}. */
  read(bytes: Buffer, at: number): boolean {
    return this.#readFixed(bytes, at) || this.#readAny(bytes, at);
  }

  /** The form with nine digits and an offset, which conmon always writes; anything unusual is left to `#readAny`. */
  #readFixed(bytes: Buffer, at: number): boolean {
    if (at + 45 > bytes.length) return false;
    if (bytes[at + 19] !== 0x2e || bytes[at + 35] !== 0x20 || bytes[at + 44] !== 0x20) return false;
    for (let i = 18; i >= 0; i--) if (bytes[at + i] !== this.#second[i]) return false;
    for (let i = 0; i < 6; i++) if (bytes[at + 29 + i] !== this.#zone[i]) return false;
    let nanos = 0;
    for (let i = at + 20; i < at + 29; i++) {
      const digit = (bytes[i] as number) - zero;
      if (digit < 0 || digit > 9) return false;
      nanos = nanos * 10 + digit;
    }
    // " stdout P " or " stderr P "
    if (bytes[at + 36] !== 0x73 || bytes[at + 37] !== 0x74 || bytes[at + 38] !== 0x64) return false;
    if (bytes[at + 39] === 0x6f) {
      if (bytes[at + 40] !== 0x75 || bytes[at + 41] !== 0x74) return false;
      this.stderr = false;
    } else {
      if (bytes[at + 39] !== 0x65 || bytes[at + 40] !== 0x72 || bytes[at + 41] !== 0x72) return false;
      this.stderr = true;
    }
    const tag = bytes[at + 43];
    if (bytes[at + 42] !== 0x20 || (tag !== 0x46 && tag !== 0x50)) return false;
    this.final = tag === 0x46;
    this.time = this.#secondMs + nanos / 1e6;
    this.text = at + 45;
    return true;
  }

  #readAny(bytes: Buffer, at: number): boolean {
    const head = bytes.toString('latin1', at, Math.min(bytes.length, at + recordHeaderBytesMax));
    const match = wholeHead.exec(head);
    if (match === null) return false;
    const [whole, year, month, day, hour, minute, second, fraction, sign, zoneHour, zoneMinute, stream, tag] =
      match;
    const utc = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    const zoneMs = (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * 60_000;
    const secondMs = sign === '-' ? utc + zoneMs : utc - zoneMs;
    if (Number.isNaN(secondMs)) return false;
    if (fraction?.length === 9 && sign !== undefined) {
      bytes.copy(this.#second, 0, at, at + 19);
      bytes.copy(this.#zone, 0, at + 29, at + 35);
      this.#secondMs = secondMs;
    }
    this.time = secondMs + Number((fraction ?? '').padEnd(9, '0')) / 1e6;
    this.stderr = stream === 'stderr';
    this.final = tag === 'F';
    this.text = at + whole.length;
    return true;
  }
}

const heads = new RecordHeader();

/** The time of the last of these records, ms, when each of them is a whole line; undefined when one is not, or there is none. */
export function lastOfWholeLines(bytes: Buffer): number | undefined {
  let last: number | undefined;
  for (let at = 0; at < bytes.length; ) {
    if (!heads.read(bytes, at) || !heads.final) return undefined;
    last = heads.time;
    const end = bytes.indexOf(newline, heads.text);
    at = end < 0 ? bytes.length : end + 1;
  }
  return last;
}
