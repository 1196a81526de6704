import { describe, expect, test } from 'vitest';
import { member, operator, refused } from '../control/world.testkit.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { Once } from './once.ts';

const asked = { method: 'POST', url: '/x', body: { name: 'a' } };
const counting = () => {
  let count = 0;
  return async () => ++count;
};

describe('a request with an idempotency key', () => {
  test('is done once, and answered alike when it comes again', async () => {
    const once = new Once();
    const act = counting();
    expect(await once.run(operator, 'k', asked, act)).toEqual({ answer: 1, again: false });
    expect(await once.run(operator, 'k', asked, act)).toEqual({ answer: 1, again: true });
    expect(await once.run(operator, 'other', asked, act)).toEqual({ answer: 2, again: false });
  });

  test('that comes again while it is under way waits for the first', async () => {
    const once = new Once();
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = once.run(operator, 'k', asked, () => promise);
    const second = once.run(operator, 'k', asked, () => Promise.reject(new Error('done twice')));
    resolve('done');
    expect([await first, await second]).toEqual([
      { answer: 'done', again: false },
      { answer: 'done', again: true },
    ]);
  });

  test('is refused where the key came with another request', async () => {
    const once = new Once();
    await once.run(operator, 'k', asked, counting());
    await refused('request.key-reused', once.run(operator, 'k', { ...asked, body: {} }, counting()));
  });

  test('belongs to who sent it: others may use the same key', async () => {
    const once = new Once();
    const act = counting();
    await once.run(operator, 'k', asked, act);
    expect(await once.run(member('shop'), 'k', asked, act)).toEqual({ answer: 2, again: false });
  });

  test('that was refused may be tried again', async () => {
    const once = new Once();
    const busy = () => Promise.reject(new Refusal('environment.busy', { environment: 'shop' }));
    await refused('environment.busy', once.run(operator, 'k', asked, busy));
    expect(await once.run(operator, 'k', asked, counting())).toEqual({ answer: 1, again: false });
  });

  test('is forgotten after a day, and the oldest when there are too many', async () => {
    let now = 0;
    const once = new Once(() => now);
    const act = counting();
    await once.run(operator, 'old', asked, act);
    now = limits.idempotencySeconds * 1000 + 1;
    expect(await once.run(operator, 'old', asked, act)).toEqual({ answer: 2, again: false });
    for (let number = 0; number < limits.idempotencyKeysPerUser; number++)
      await once.run(operator, `k${number}`, asked, counting());
    expect((await once.run(operator, 'old', asked, act)).again).toBe(false);
    expect((await once.run(operator, `k${limits.idempotencyKeysPerUser - 1}`, asked, act)).again).toBe(true);
  });

  test('is refused while too many are under way', async () => {
    const once = new Once();
    const { promise, resolve } = Promise.withResolvers<void>();
    const all = Array.from({ length: limits.idempotencyKeysPerUser }, (_, number) =>
      once.run(operator, `k${number}`, asked, () => promise),
    );
    await refused('request.keys-too-many', once.run(operator, 'more', asked, counting()));
    resolve();
    await Promise.all(all);
    expect((await once.run(operator, 'more', asked, counting())).again).toBe(false);
  });
});
