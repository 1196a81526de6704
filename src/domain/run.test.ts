import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EndFacts, type EndRequest, type Exit, judge, outcomes } from './run.ts';

const exited = (code: number): Exit => ({ kind: 'exited', code });
const facts = (exit: Exit, more: Partial<EndFacts> = {}): EndFacts => ({
  exit,
  endRequest: null,
  killedAfterTimeout: false,
  outOfMemory: null,
  ...more,
});
const outOfMemory = { scope: 'environment', limitBytes: 1, heldBytes: null, othersBytes: null } as const;

describe('a run that ended on its own', () => {
  it('went well with exit code 0', () => {
    expect(judge(facts(exited(0)))).toEqual({ outcome: 'ok', reason: null });
  });

  it('failed with any other, which is named', () => {
    expect(judge(facts(exited(3)))).toEqual({ outcome: 'failed', reason: 'exit code 3' });
    expect(judge(facts(exited(127))).reason).toContain('the command was not found');
    expect(judge(facts(exited(126))).reason).toContain('could not be executed');
  });

  it('was signalled, by a signal with a name', () => {
    expect(judge(facts({ kind: 'signalled', signal: 'SEGV' }))).toEqual({
      outcome: 'signalled',
      reason: 'ended by signal SEGV',
    });
  });

  it('is lost when nobody knows, with why and without a number', () => {
    expect(judge(facts({ kind: 'unknown', why: 'the machine was restarted' }))).toEqual({
      outcome: 'lost',
      reason: 'the machine was restarted',
    });
  });
});

describe('a run that was asked to end', () => {
  it.each(['stop', 'restart', 'deploy', 'settings', 'connection', 'shutdown'] as const)(
    'for %s is stopped, whatever its exit code',
    (endRequest) => {
      for (const exit of [exited(0), exited(143), { kind: 'signalled', signal: 'TERM' } as const])
        expect(judge(facts(exit, { endRequest })).outcome).toBe('stopped');
    },
  );

  it('because its max runtime had passed is timed out', () => {
    expect(
      judge(
        facts({ kind: 'signalled', signal: 'KILL' }, { endRequest: 'max-runtime', killedAfterTimeout: true }),
      ),
    ).toEqual({
      outcome: 'timed-out',
      reason: 'its max runtime had passed (signal KILL, killed after its exit timeout)',
    });
  });
});

describe('out of memory', () => {
  it('goes before everything that the kill looks like', () => {
    const killed: Exit = { kind: 'signalled', signal: 'KILL' };
    expect(judge(facts(killed, { outOfMemory })).outcome).toBe('out-of-memory');
    expect(judge(facts(exited(137), { outOfMemory, endRequest: 'stop' })).outcome).toBe('out-of-memory');
  });

  it('of a child that the program survived is no failure', () => {
    expect(judge(facts(exited(0), { outOfMemory })).outcome).toBe('ok');
  });

  it('is never guessed from exit code 137', () => {
    expect(judge(facts(exited(137))).outcome).toBe('failed');
  });
});

it('every end has one outcome, and a reason unless it went well', () => {
  const exit: fc.Arbitrary<Exit> = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map(exited),
    fc.constantFrom('TERM' as const, 'KILL' as const).map((signal): Exit => ({ kind: 'signalled', signal })),
    fc.constant<Exit>({ kind: 'unknown', why: 'nobody saw it' }),
  );
  const request = fc.constantFrom<EndRequest | null>(null, 'stop', 'deploy', 'max-runtime', 'shutdown');
  fc.assert(
    fc.property(exit, request, fc.boolean(), fc.boolean(), (given, endRequest, late, memory) => {
      const { outcome, reason } = judge(
        facts(given, { endRequest, killedAfterTimeout: late, outOfMemory: memory ? outOfMemory : null }),
      );
      expect(outcomes).toContain(outcome);
      expect(reason === null).toBe(outcome === 'ok');
      expect(outcome === 'lost').toBe(given.kind === 'unknown');
    }),
  );
});
