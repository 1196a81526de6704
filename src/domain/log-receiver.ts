/** Where the output of an environment's jobs is sent as well: a receiver of OpenTelemetry log records, such as a collector. */
import { Refusal } from './errors.ts';
import { limits } from './limits.ts';

export interface LogReceiver {
  readonly environment: string;
  /** What people may see of where it goes: the host. */
  readonly target: string;
  /** The names of the headers that go along, in order. */
  readonly headers: readonly string[];
  /** Lines from this moment on are sent; wall time, ms. */
  readonly since: number;
}

/** What is sealed of a receiver, and never shown. */
export interface LogReceiverSecrets {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How far the output is sent. */
export interface LogProgress {
  /** Just after the last line that was taken or refused; null before the first one. */
  readonly cursor: string | null;
  readonly sentLines: number;
  /** Lines that the receiver would not have, and that are not sent again. */
  readonly refusedLines: number;
  /** Places where output was dropped, by the bounds of the log, before it was sent. */
  readonly gaps: number;
  /** When lines were taken last; wall time, ms. */
  readonly sentAt: number | null;
}

export interface KeptLogReceiver {
  readonly receiver: LogReceiver;
  readonly secrets: LogReceiverSecrets;
  readonly progress: LogProgress;
}

export const nothingSent: LogProgress = {
  cursor: null,
  sentLines: 0,
  refusedLines: 0,
  gaps: 0,
  sentAt: null,
};

/** Ours to set, or of the connection. */
const ownHeaders =
  /^(host|connection|content-.*|transfer-encoding|user-agent|te|trailer|upgrade|expect|keep-alive)$/i;

/** Throws {@link Refusal} for what can't be sent as a header. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  const all = Object.entries(headers);
  if (all.length > limits.logReceiverHeaders)
    throw new Refusal('log.receiver-headers', { limit: limits.logReceiverHeaders });
  for (const [name, value] of all) {
    const isName = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name) && !ownHeaders.test(name);
    if (
      !isName ||
      !/^[\x20-\x7e\xa0-\xff]*$/.test(value) ||
      value.length > limits.logReceiverHeaderCharacters
    )
      throw new Refusal('log.receiver-header', { name: isName ? name : JSON.stringify(name).slice(0, 100) });
  }
}
