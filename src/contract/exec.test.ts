import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeExecFrame, type ExecFrame, encodeExecFrame } from './exec.ts';

const bytes = fc.uint8Array({ maxLength: 64 });
const cells = fc.integer({ min: 1, max: 10_000 });
const anyFrame: fc.Arbitrary<ExecFrame> = fc.oneof(
  fc.record({ channel: fc.constantFrom('stdin' as const, 'stdout' as const, 'stderr' as const), bytes }),
  fc.record({ channel: fc.constant('resize' as const), size: fc.record({ columns: cells, rows: cells }) }),
  fc.record({ channel: fc.constant('signal' as const), signal: fc.constantFrom('INT', 'TERM', 'USR1') }),
  fc.record({ channel: fc.constant('window' as const), grantedBytes: fc.nat({ max: 0xffff_ffff }) }),
  fc.constant({ channel: 'close' as const }),
  fc.record({
    channel: fc.constant('status' as const),
    status: fc.record({
      run: fc.string(),
      exitCode: fc.option(fc.nat()),
      exitSignal: fc.constant(null),
      outcome: fc.constant('ok'),
      reason: fc.option(fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed())),
    }),
  }),
);

describe('a message of exec', () => {
  test('says the same when it is read as when it was written', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const read = decodeExecFrame(encodeExecFrame(frame));
        expect(JSON.stringify(read)).toBe(JSON.stringify(frame));
      }),
    );
  });

  test('is read, or not, but never breaks the reader', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        const frame = decodeExecFrame(message);
        expect(frame === undefined || 'channel' in frame).toBe(true);
      }),
    );
  });

  test.each([
    ['stdin', { channel: 'stdin', bytes: Uint8Array.of(104, 105) }, [0, 104, 105]],
    ['the end of stdin', { channel: 'close' }, [255, 0]],
    ['a window', { channel: 'window', grantedBytes: 65_536 }, [6, 0, 1, 0, 0]],
    ['a signal', { channel: 'signal', signal: 'INT' }, [5, 73, 78, 84]],
  ] as [string, ExecFrame, number[]][])('for %s is laid out as documented', (_, frame, message) => {
    expect([...encodeExecFrame(frame)]).toEqual(message);
  });

  test.each([
    [[]],
    [[7]],
    [[255]],
    [[255, 1]],
    [[6, 0, 0]],
    [[5, 46, 46]],
    [[4, ...new TextEncoder().encode('{"columns":0,"rows":1}')]],
    [[3, ...new TextEncoder().encode('{}')]],
    [[3, ...new TextEncoder().encode('{')]],
  ])('is none when it is %j', (message) => {
    expect(decodeExecFrame(Uint8Array.from(message))).toBeUndefined();
  });
});
