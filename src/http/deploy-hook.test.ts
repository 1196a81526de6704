import { pino } from 'pino';
import { expect, test } from 'vitest';
import { Refusal } from '../domain/errors.ts';
import { controlDouble } from './control-double.testkit.ts';
import { createHttpServer } from './server.ts';

test('a call of a deploy hook needs no log-in, whatever it sends', async () => {
  const { control, asked, actors } = controlDouble();
  const app = createHttpServer({ control, log: pino({ level: 'silent' }) });
  const answer = await app.inject({
    method: 'POST',
    url: '/hooks/deploy/s3cret',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'payload=%7B%7D',
  });
  expect(answer.statusCode).toBe(202);
  expect(answer.json()).toMatchObject({ trigger: 'hook' });
  expect(asked).toEqual([['deployByHook', '127.0.0.1', { wait: false }]]);
  // It stands where others have the actor.
  expect(actors).toEqual(['s3cret']);
  await app.close();
});

test('a call of a deploy hook waits for the end where it is asked to, and is refused in one sentence', async () => {
  const { control } = controlDouble({
    deployByHook: async () => {
      throw new Refusal('hook.unknown');
    },
  });
  const app = createHttpServer({ control, log: pino({ level: 'silent' }) });
  const answer = await app.inject({ method: 'POST', url: '/hooks/deploy/x?wait=true' });
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ error: { code: 'hook.unknown' } });
  expect(answer.body.endsWith('}\n')).toBe(true);
  const looked = await app.inject({ method: 'GET', url: '/hooks/deploy/x' });
  expect(looked.statusCode).toBe(400);
  expect(looked.json()).toMatchObject({
    error: { message: 'a deploy hook is called by POST: curl -X POST ADDRESS' },
  });
  await app.close();
});
