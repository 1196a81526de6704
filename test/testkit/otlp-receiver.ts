/** A receiver of OTLP over HTTP that goes down and comes up again on the same port, and decodes what comes by the wire format's rules. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { EventLog } from './event-log.ts';

export interface OtlpRecord {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly scope: string;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly observed: bigint;
  readonly severity: number;
  readonly severityText: string;
  readonly body: unknown;
}

interface Field {
  readonly number: number;
  readonly value: bigint | Buffer;
}

/** Any protobuf message (https://protobuf.dev/programming-guides/encoding): varints, 64 bits, and what has a length. */
function fields(message: Buffer): Field[] {
  const all: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    if ((tag & 7) === 0) all.push({ number, value: varint() });
    else if ((tag & 7) === 1) {
      all.push({ number, value: message.readBigUInt64LE(at) });
      at += 8;
    } else if ((tag & 7) === 2) {
      const length = Number(varint());
      if (at + length > message.length) throw new Error('a field is longer than its message');
      all.push({ number, value: message.subarray(at, at + length) });
      at += length;
    } else throw new Error(`wire type ${tag & 7} is not expected`);
  }
  return all;
}

const messages = (of: readonly Field[], number: number): Buffer[] =>
  of.flatMap((field) => (field.number === number && Buffer.isBuffer(field.value) ? [field.value] : []));
const message = (of: readonly Field[], number: number): Buffer => messages(of, number)[0] ?? Buffer.alloc(0);
const integer = (of: readonly Field[], number: number): bigint => {
  const value = of.find((field) => field.number === number)?.value;
  return typeof value === 'bigint' ? value : 0n;
};

/** `AnyValue`: a string, a bool, an integer or bytes. */
function anyValue(bytes: Buffer): unknown {
  const [field] = fields(bytes);
  if (field === undefined) return null;
  const { number, value } = field;
  if (number === 1) return value.toString();
  if (number === 2) return value === 1n;
  return value;
}

const keyValues = (of: readonly Field[], number: number): Record<string, unknown> =>
  Object.fromEntries(
    messages(of, number).map((each) => {
      const pair = fields(each);
      return [message(pair, 1).toString(), anyValue(message(pair, 2))];
    }),
  );

export function decodeRequest(request: Buffer): OtlpRecord[] {
  return messages(fields(request), 1).flatMap((each) => {
    const resourceLogs = fields(each);
    const resource = keyValues(fields(message(resourceLogs, 1)), 1);
    return messages(resourceLogs, 2).flatMap((scoped) => {
      const scopeLogs = fields(scoped);
      const scope = message(fields(message(scopeLogs, 1)), 1).toString();
      return messages(scopeLogs, 2).map((bytes) => {
        const record = fields(bytes);
        return {
          ...{ resource, scope, attributes: keyValues(record, 6) },
          time: integer(record, 1),
          observed: integer(record, 11),
          severity: Number(integer(record, 2)),
          severityText: message(record, 3).toString(),
          body: anyValue(message(record, 5)),
        };
      });
    });
  });
}

export class OtlpReceiver {
  readonly got = new EventLog<OtlpRecord>();
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  status = 200;
  /** What it answers to what it takes. */
  answer: Buffer = Buffer.alloc(0);
  #server: Server | undefined;
  #port = 0;

  async up(): Promise<void> {
    this.#server = createServer((request, response) => {
      void buffer(request)
        .then((body) => {
          this.requests.push({ path: request.url ?? '', headers: request.headers });
          const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
          const records = decodeRequest(plain);
          if (this.status < 300) for (const record of records) this.got.push(record);
          response.writeHead(this.status, { 'content-type': 'application/x-protobuf' });
          response.end(this.status < 300 ? this.answer : 'no');
        })
        // Who goes in the middle of a request is no concern of a receiver; what it can't decode is one of a test.
        .catch(() => response.destroy());
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get texts(): string[] {
    return this.got.all.map(({ body }) => String(body));
  }
}
