import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { OnceAnswer } from './once.ts';
import { makeWorld, member, operator, refused, type World } from './world.testkit.ts';

const asked = { method: 'POST', url: '/x', body: { name: 'a' } };
const counting = () => {
  let count = 0;
  return async () => ++count;
};

describe('a request with an idempotency key', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.dispose());

  const once = (
    key: string,
    act: () => Promise<unknown>,
    { actor = operator, request = asked as unknown, on = world } = {},
  ): Promise<OnceAnswer> => on.control.once(actor, key, request, act);

  test('is done once, and answered alike when it comes again', async () => {
    const act = counting();
    expect(await once('k', act)).toEqual({ answer: 1, again: false });
    expect(await once('k', act)).toEqual({ answer: 1, again: true });
    expect(await once('other', act)).toEqual({ answer: 2, again: false });
  });

  test('is done once also across a restart of the daemon', async () => {
    const act = async () => ({ token: 'told once', etag: 'x', at: null });
    const { answer } = await once('k', act);
    const later = world.again();
    expect(await once('k', () => Promise.reject(new Error('done twice')), { on: later })).toEqual({
      answer,
      again: true,
    });
  });

  test('that was under way when the daemon died is refused, and not done again', async () => {
    const begun = Promise.withResolvers<void>();
    void once('k', () => {
      begun.resolve();
      return new Promise(() => undefined);
    });
    await begun.promise;
    const again = once('k', () => Promise.reject(new Error('done twice')), { on: world.again() });
    await refused('request.outcome-unknown', again);
  });

  test('whose answer could not be kept stands, and is refused when it comes again', async () => {
    world.failStore('answerKeyedRequest');
    expect(await once('k', counting())).toEqual({ answer: 1, again: false });
    expect(world.troubles.at(-1)).toContain('what became of a request with an idempotency key is not kept');
    await refused('request.outcome-unknown', once('k', counting()));
  });

  test('is not done where it can not be remembered', async () => {
    world.failStore('beginKeyedRequest');
    await refused(
      'store.unavailable',
      once('k', () => Promise.reject(new Error('done'))),
    );
  });

  test('that comes again while it is under way waits for the first', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = once('k', () => promise);
    const second = once('k', () => Promise.reject(new Error('done twice')));
    await refused('request.key-reused', once('k', counting(), { request: {} }));
    resolve('done');
    expect([await first, await second]).toEqual([
      { answer: 'done', again: false },
      { answer: 'done', again: true },
    ]);
  });

  test('is refused where the key came with another request', async () => {
    await once('k', counting());
    await refused('request.key-reused', once('k', counting(), { request: { ...asked, body: {} } }));
  });

  test('belongs to who sent it: others may use the same key', async () => {
    const act = counting();
    await once('k', act);
    expect(await once('k', act, { actor: member('shop') })).toEqual({ answer: 2, again: false });
  });

  test('that was refused may be tried again', async () => {
    const busy = () => Promise.reject(new Refusal('environment.busy', { environment: 'shop' }));
    await refused('environment.busy', once('k', busy));
    expect(await once('k', counting())).toEqual({ answer: 1, again: false });
  });

  test('is forgotten after a day, and the oldest when there are too many', async () => {
    const act = counting();
    await once('old', act);
    world.clock.advance(limits.idempotencySeconds * 1000 + 1);
    expect(await once('old', act)).toEqual({ answer: 2, again: false });
    for (let number = 0; number < limits.idempotencyKeysPerUser; number++) {
      world.clock.advance(1);
      await once(`k${number}`, counting());
    }
    expect((await once('old', act)).again).toBe(false);
    expect((await once(`k${limits.idempotencyKeysPerUser - 1}`, act)).again).toBe(true);
  });

  test('is refused while too many are under way', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const all = Array.from({ length: limits.idempotencyKeysPerUser }, (_, number) =>
      once(`k${number}`, () => promise),
    );
    await refused('request.keys-too-many', once('more', counting()));
    resolve();
    await Promise.all(all);
    expect((await once('more', counting())).again).toBe(false);
  });
});
