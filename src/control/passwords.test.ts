import { describe, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { Passwords, usualCost } from './passwords.ts';

const cheap = { logN: 4, r: 1, p: 1 };

describe('a password', () => {
  const passwords = new Passwords(cheap);

  it('is known by its hash, which is another one each time and does not hold it', async () => {
    const [one, two] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(one).toMatch(/^scrypt\$4\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    for (const kept of [one, two]) expect(await passwords.matches('correct horse', kept)).toBe(true);
    for (const wrong of ['correct horsE', 'correct horse ', ''])
      expect(await passwords.matches(wrong, one)).toBe(false);
  });

  it('is the same however its characters were composed', async () => {
    const kept = await passwords.hash('caf\u00e9 au lait');
    expect(await passwords.matches('cafe\u0301 au lait', kept)).toBe(true);
  });

  it('is compared with parameters of its time, and said to be outdated by them', async () => {
    const kept = await passwords.hash('correct horse');
    const later = new Passwords({ ...cheap, p: 2 });
    expect(await later.matches('correct horse', kept)).toBe(true);
    expect([later.outdated(kept), passwords.outdated(kept)]).toEqual([true, false]);
  });

  it.each([null, '', 'scrypt$', 'plain', 'scrypt$4$1$1$AAAA$AAAA'])(
    'matches nothing where %j is kept',
    async (kept) => {
      for (const guess of ['', 'plain', 'AAAA']) expect(await passwords.matches(guess, kept)).toBe(false);
    },
  );
});

it('takes as long to refuse an account that is not there as one that is', async () => {
  const passwords = new Passwords({ ...usualCost, logN: 14, p: 1 });
  const kept = await passwords.hash('correct horse');
  const timed = async (compared: string | null): Promise<number> => {
    const before = process.cpuUsage();
    await passwords.matches('wrong', compared);
    const spent = process.cpuUsage(before);
    return spent.user + spent.system;
  };
  // The least of each, in turn: whatever else the process does meanwhile only adds to the others.
  let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let n = 0; n < 10; n += 1) {
    known = Math.min(known, await timed(kept));
    unknown = Math.min(unknown, await timed(null));
  }
  expect(unknown / known).toBeGreaterThan(0.5);
  expect(unknown / known).toBeLessThan(2);
});

it('hashes one password after the other, and lets only so many wait', async () => {
  const passwords = new Passwords(cheap);
  const asked = Array.from({ length: limits.passwordsWaiting + 5 }, () => passwords.hash('correct horse'));
  const results = await Promise.allSettled(asked);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(limits.passwordsWaiting);
  expect(results.at(-1)).toMatchObject({ reason: { code: 'session.busy' } });
  expect(await passwords.hash('correct horse')).toMatch(/^scrypt/);
});

it('leaves the event loop free meanwhile', async () => {
  const passwords = new Passwords({ ...usualCost, logN: 15, p: 1 });
  let turns = 0;
  const counting = setInterval(() => {
    turns += 1;
  }, 1);
  await passwords.hash('correct horse');
  clearInterval(counting);
  expect(turns).toBeGreaterThan(2);
});
