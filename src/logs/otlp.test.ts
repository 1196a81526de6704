import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeRequest, OtlpReceiver } from '../../test/testkit/otlp-receiver.ts';
import type { LogEntry } from './log-store.ts';
import { otlpRefused, otlpRequest } from './otlp.ts';
import { otlpSender } from './otlp-sender.ts';

const t0 = Date.UTC(2026, 10, 22, 12);
const entry = (given: Partial<LogEntry> & { readonly text?: string | Buffer } = {}): LogEntry => ({
  time: t0,
  job: 'mailer',
  run: '01k9zq3m7x5e0a1b',
  stream: 'stdout',
  level: 'INFO',
  message: Buffer.from(given.text ?? 'hello'),
  ...given,
});

describe('lines as OpenTelemetry has them', () => {
  test('say whose they are, when they were written, and their severity', () => {
    const entries = [
      entry({ time: t0 + 0.25, text: 'Größe 😀' }),
      entry({ level: 'ERR', stream: 'stderr', text: '' }),
      entry({ level: 'WARN' }),
      entry({ level: 'DEBUG', continued: true }),
    ];
    const records = decodeRequest(otlpRequest('shop', entries, '1.2.3', t0 + 5));
    const resource = {
      'service.name': 'shop',
      'nightshift.job': 'mailer',
      'nightshift.run': '01k9zq3m7x5e0a1b',
    };
    expect(records.map((each) => each.resource)).toEqual(entries.map(() => resource));
    expect(records.map(({ body }) => body)).toEqual(['Größe 😀', '', 'hello', 'hello']);
    expect(records.map(({ severity, severityText }) => [severity, severityText])).toEqual([
      [9, 'INFO'],
      [17, 'ERROR'],
      [13, 'WARN'],
      [5, 'DEBUG'],
    ]);
    expect(records.map(({ attributes }) => attributes['log.iostream'])).toEqual([
      ...['stdout', 'stderr', 'stdout', 'stdout'],
    ]);
    expect(records.map(({ attributes }) => attributes['nightshift.continued'] ?? null)).toEqual([
      ...[null, null, null, true],
    ]);
    expect(records[0]).toMatchObject({
      scope: 'nightshift',
      time: BigInt(t0) * 1_000_000n + 250_000n,
      observed: BigInt(t0 + 5) * 1_000_000n,
    });
  });

  test('that are no text keep their bytes', () => {
    const bytes = Buffer.from([0, 255, 13, 0xc3, 0x28]);
    const [record] = decodeRequest(otlpRequest('shop', [entry({ message: bytes })], '1', t0));
    expect(record?.body).toEqual(bytes);
  });

  test('of runs that take turns stay in their order, and long ones are whole', () => {
    const long = 'x'.repeat(300_000);
    const entries = [entry(), entry({ run: 'b', text: long }), entry({ text: 'again' }), entry({ run: '' })];
    const records = decodeRequest(otlpRequest('shop', entries, '1', t0));
    expect(records.map(({ body, resource }) => [body, resource['nightshift.run']])).toEqual([
      ['hello', '01k9zq3m7x5e0a1b'],
      [long, 'b'],
      ['again', '01k9zq3m7x5e0a1b'],
      ['hello', undefined],
    ]);
  });
});

describe('what a receiver says of lines that it would not have', () => {
  /** { 1: { 1: 300, 2: "too old" } } */
  const partial = Buffer.from([0x0a, 12, 0x08, 0xac, 0x02, 0x12, 7, ...Buffer.from('too old')]);

  test('is read from its answer', () => {
    expect(otlpRefused(partial)).toEqual({ lines: 300, why: 'too old' });
    expect(otlpRefused(Buffer.alloc(0))).toEqual({ lines: 0, why: null });
  });

  test.each([[Buffer.from('<html>ok</html>')], [Buffer.from([0x0a, 200, 1])], [Buffer.alloc(40, 0xff)]])(
    'and an answer that is none says nothing',
    (answer) => {
      expect(otlpRefused(answer)).toEqual({ lines: 0, why: null });
    },
  );
});

describe('a request', () => {
  const receiver = new OtlpReceiver();
  const sender = otlpSender('1.2.3', () => t0);
  const send = (texts: readonly string[]) =>
    sender.send({
      url: `${receiver.url}/v1/logs`,
      headers: { authorization: 'Bearer geheim' },
      reach: 'anywhere',
      environment: 'shop',
      entries: texts.map((text) => entry({ text })),
    });
  beforeEach(() => receiver.up());
  afterEach(async () => {
    receiver.status = 200;
    receiver.answer = Buffer.alloc(0);
    await receiver.down();
  });

  test('brings lines to a receiver, compressed, with its headers', async () => {
    expect(await send(['one', 'two'])).toEqual({ kind: 'taken', refusedLines: 0, why: null });
    expect(receiver.texts.slice(-2)).toEqual(['one', 'two']);
    expect(receiver.requests.at(-1)).toMatchObject({
      path: '/v1/logs',
      headers: {
        authorization: 'Bearer geheim',
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
      },
    });
  });

  test('of which a part was not taken says how many', async () => {
    receiver.answer = Buffer.from([0x0a, 2, 0x08, 1]);
    expect(await send(['one', 'two'])).toMatchObject({ kind: 'taken', refusedLines: 1 });
  });

  test.each([
    [400, { kind: 'refused', tooLarge: false }],
    [413, { kind: 'refused', tooLarge: true }],
    [401, { kind: 'failed' }],
    [404, { kind: 'failed' }],
    [302, { kind: 'failed' }],
    [429, { kind: 'failed' }],
    [503, { kind: 'failed' }],
  ])('that is answered by %i is taken for what that means', async (status, meant) => {
    receiver.status = status;
    expect(await send(['one'])).toMatchObject({
      ...meant,
      why: expect.stringContaining(`answered ${status}`),
    });
  });

  test('to a receiver that is away, or may not be reached, fails', async () => {
    await receiver.down();
    expect(await send(['one'])).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining('ECONNREFUSED'),
    });
    const inside = {
      url: `${receiver.url}/v1/logs`,
      headers: {},
      reach: [],
      environment: 'shop',
      entries: [],
    };
    expect(await sender.send(inside)).toMatchObject({
      kind: 'failed',
      why: '127.0.0.1 may not be reached from here',
    });
  });
});
