import { describe, expect, test } from 'vitest';
import { addressOf, Client, type Transport } from './client.ts';
import { ApiFailure, sentenceOf } from './failure.ts';

interface Sent {
  readonly address: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: unknown;
}

function aClient(answer: () => Response | Promise<Response>, parts: Partial<Transport> = {}) {
  const sent: Sent[] = [];
  const client = new Client({
    table: {
      job: ['GET', '/api/v1/environments/:environment/jobs/:job'],
      editJob: ['PATCH', '/api/v1/environments/:environment/jobs/:job'],
      logIn: ['POST', '/api/v1/session'],
      confirmSecondFactor: ['POST', '/api/v1/users/:user/second-factor'],
      removeJob: ['DELETE', '/api/v1/environments/:environment/jobs/:job'],
    },
    fetch: async (input, init) => {
      sent.push({
        address: String(input),
        method: init?.method ?? 'GET',
        headers: new Headers(init?.headers),
        body: init?.body,
      });
      return answer();
    },
    ...parts,
  });
  return { client, sent };
}

const json = (body: unknown, init: ResponseInit = {}) => new Response(JSON.stringify(body), init);
const params = { environment: 'shop', job: 'mailer' };

describe('an address', () => {
  test('escapes its parameters, and leaves out what the query does not say', () => {
    const asked = { params: { environment: 'a b', job: '..' }, query: { wait: 'false', next: undefined } };
    expect(addressOf('/environments/:environment/jobs/:job', asked)).toBe(
      '/environments/a%20b/jobs/%2E%2E?wait=false',
    );
  });

  test('repeats a list', () => {
    expect(addressOf('/logs', { query: { job: ['a', 'b'] } })).toBe('/logs?job=a&job=b');
  });

  test('is refused where a parameter is missing', () => {
    expect(() => addressOf('/environments/:environment', {})).toThrow('"environment"');
  });
});

describe('the client', () => {
  test('sends a change as JSON, with the version it is meant for and the mark of our own page', async () => {
    const { client, sent } = aClient(() => json({ name: 'mailer' }));
    await client.call('editJob', { params, body: { command: 'true' }, version: '"7"' });
    expect(sent[0]?.method).toBe('PATCH');
    expect(sent[0]?.body).toBe('{"command":"true"}');
    expect(Object.fromEntries(sent[0]?.headers ?? [])).toMatchObject({
      'content-type': 'application/json',
      'if-match': '"7"',
      'nightshift-request': 'dashboard',
    });
  });

  test('hands on the version of what it has read', async () => {
    const { client } = aClient(() => json({ name: 'mailer' }, { headers: { etag: '"3"' } }));
    expect((await client.receive('job', { params })).version).toBe('"3"');
  });

  test('takes an answer without a body for nothing', async () => {
    const { client } = aClient(() => new Response(null, { status: 204 }));
    expect(await client.call('removeJob', { params })).toBeUndefined();
  });

  test('turns a refusal into its sentence, with the field it is about', async () => {
    const error = { code: 'job.exists', message: 'a job "x" exists already', field: 'name' };
    const { client } = aClient(() => json({ error }, { status: 409 }));
    await expect(client.call('job', { params })).rejects.toMatchObject({
      status: 409,
      code: 'job.exists',
      field: 'name',
    });
  });

  test('says what is wrong where something else than the daemon has answered', async () => {
    const { client } = aClient(() => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(client.call('job', { params })).rejects.toMatchObject({ code: 'http-502' });
  });

  test('says that nobody answers', async () => {
    const { client } = aClient(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(client.call('job', { params })).rejects.toMatchObject({ status: 0, code: 'unreachable' });
  });

  test('tells that the session is over, but not that a password was wrong', async () => {
    let told = 0;
    const error = { code: 'session.ended', message: 'the session has ended' };
    const { client } = aClient(() => json({ error }, { status: 401 }), { onSignedOut: () => (told += 1) });
    await expect(client.call('logIn', { body: { name: 'a', password: 'b' } })).rejects.toThrow(ApiFailure);
    expect(told).toBe(0);
    await expect(client.call('job', { params })).rejects.toThrow(ApiFailure);
    expect(told).toBe(1);
  });

  test('does not take a code that was mistyped for the end of the session', async () => {
    let told = 0;
    const error = { code: 'session.code-wrong', message: 'the code is wrong', field: 'code' };
    const { client } = aClient(() => json({ error }, { status: 401 }), { onSignedOut: () => (told += 1) });
    const body = { current: 'a', secret: 'b', code: '000000' };
    const confirming = client.call('confirmSecondFactor', { params: { user: 'ada' }, body });
    await expect(confirming).rejects.toMatchObject({ field: 'code' });
    expect(told).toBe(0);
  });

  test('lets a check refuse an answer that the contract does not promise', async () => {
    const { client } = aClient(() => json({ nonsense: true }), {
      check: () => {
        throw new Error('not in the contract');
      },
    });
    await expect(client.call('job', { params })).rejects.toThrow('not in the contract');
  });
});

test('a sentence begins with a capital and ends with a full stop', () => {
  expect(sentenceOf(new Error('there is no job "x": see "nightshift jobs"'))).toBe(
    'There is no job "x": see "nightshift jobs".',
  );
  expect(sentenceOf('Why?')).toBe('Why?');
});
