/**
 * Lines as OpenTelemetry has them: the message `ExportLogsServiceRequest` of opentelemetry-proto 1.x in its binary form, and
 * what matters of the answer. The form is frozen: fields are only ever added to it.
 *
 *   ExportLogsServiceRequest { 1: ResourceLogs … }
 *   ResourceLogs { 1: Resource { 1: KeyValue … }, 2: ScopeLogs { 1: InstrumentationScope { 1: name, 2: version }, 2: LogRecord … } }
 *   LogRecord { 1: fixed64 time, 2: severity number, 3: severity text, 5: AnyValue body, 6: KeyValue …, 11: fixed64 observed time }
 *   KeyValue { 1: key, 2: AnyValue }    AnyValue { 1: string | 2: bool | 7: bytes }
 *   ExportLogsServiceResponse { 1: { 1: rejected log records, 2: error message } }
 */
import { isUtf8 } from 'node:buffer';
import type { Level, LogEntry } from './log-store.ts';

const severities: Readonly<Record<Level, readonly [number, string]>> = {
  DEBUG: [5, 'DEBUG'],
  INFO: [9, 'INFO'],
  WARN: [13, 'WARN'],
  ERR: [17, 'ERROR'],
};

type Field = Uint8Array;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  bytes.push(left);
  return Buffer.from(bytes);
}

/** Wire type 2: a text, bytes, or a message. */
const bytesField = (number: number, ...parts: readonly Uint8Array[]): Field => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint((number << 3) | 2), varint(length), ...parts]);
};
const textField = (number: number, text: string): Field => bytesField(number, Buffer.from(text));
const numberField = (number: number, value: number): Field =>
  Buffer.concat([varint(number << 3), varint(value)]);
/** Wire type 1: nanoseconds since 1970 of a wall time in ms. */
function timeField(number: number, ms: number): Field {
  const field = Buffer.alloc(9);
  field[0] = (number << 3) | 1;
  const whole = Math.floor(ms);
  field.writeBigUInt64LE(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6)), 1);
  return field;
}

const keyValue = (number: number, key: string, value: Field): Field =>
  bytesField(number, textField(1, key), bytesField(2, value));
const textValue = (text: string): Field => textField(1, text);
const isTrue: Field = numberField(2, 1);

function body(message: Uint8Array): Field {
  return isUtf8(message) ? bytesField(1, message) : bytesField(7, message);
}

function recordOf(entry: LogEntry, observedAt: number): Field {
  const [severity, text] = severities[entry.level];
  return bytesField(
    2,
    timeField(1, entry.time),
    numberField(2, severity),
    textField(3, text),
    bytesField(5, body(entry.message)),
    keyValue(6, 'log.iostream', textValue(entry.stream)),
    ...(entry.continued === true ? [keyValue(6, 'nightshift.continued', isTrue)] : []),
    timeField(11, observedAt),
  );
}

/** Lines of one run after the other share a resource. */
function resourceLogs(environment: string, run: readonly LogEntry[], version: string, at: number): Field {
  const first = run[0] as LogEntry;
  const resource = bytesField(
    1,
    keyValue(1, 'service.name', textValue(environment)),
    keyValue(1, 'nightshift.job', textValue(first.job)),
    ...(first.run === '' ? [] : [keyValue(1, 'nightshift.run', textValue(first.run))]),
  );
  const scope = bytesField(1, textField(1, 'nightshift'), textField(2, version));
  return bytesField(1, resource, bytesField(2, scope, ...run.map((entry) => recordOf(entry, at))));
}

/** @param at wall time, ms: when the lines were read */
export function otlpRequest(
  environment: string,
  entries: readonly LogEntry[],
  version: string,
  at: number,
): Buffer {
  const runs: LogEntry[][] = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last?.[0]?.run === entry.run && last[0].job === entry.job) last.push(entry);
    else runs.push([entry]);
  }
  return Buffer.concat(runs.map((run) => resourceLogs(environment, run, version, at)));
}

/** What an answer says of lines that were not taken; nothing where it says nothing that is understood. */
export function otlpRefused(answer: Uint8Array): { readonly lines: number; readonly why: string | null } {
  const partial = fieldsOf(answer).find(({ number }) => number === 1)?.bytes;
  if (partial === undefined) return { lines: 0, why: null };
  const fields = fieldsOf(partial);
  const why = fields.find(({ number }) => number === 2)?.bytes;
  return {
    lines: fields.find(({ number }) => number === 1)?.value ?? 0,
    why: why === undefined ? null : Buffer.from(why).toString().slice(0, 200),
  };
}

/** The fields of a message that are varints or have a length; what comes after anything else is left out. */
function fieldsOf(message: Uint8Array): { number: number; value?: number; bytes?: Uint8Array }[] {
  const fields: { number: number; value?: number; bytes?: Uint8Array }[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 1; at < message.length; shift *= 0x80) {
      const byte = message[at++] as number;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
    return Number.NaN;
  };
  while (at < message.length) {
    const tag = next();
    if (Number.isNaN(tag)) break;
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    const value = type === 0 || type === 2 ? next() : Number.NaN;
    if (Number.isNaN(value)) break;
    if (type === 0) fields.push({ number, value });
    else {
      if (at + value > message.length) break;
      fields.push({ number, bytes: message.subarray(at, at + value) });
      at += value;
    }
  }
  return fields;
}
