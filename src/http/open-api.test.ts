import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventNames } from '../contract/events.ts';
import { apiPrefix, type Route, routes } from '../contract/routes.ts';
import { controlDouble } from './control-double.testkit.ts';
import { differenceOf, documentUnderTest, validatorAt } from './documented.testkit.ts';
import { createHttpServer } from './server.ts';

const server = () => {
  const app = createHttpServer({
    control: controlDouble().control,
    log: pino({ level: 'silent' }),
    version: '1.2.3',
  });
  onTestFinished(() => app.close());
  return app;
};

/** Every object in the document that refers to something. */
function references(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : references(value),
  );
}

describe('the OpenAPI document', () => {
  test('is served to everybody, and is not sent again to who has it', async () => {
    const app = server();
    const answer = await app.inject('/api/openapi.json');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Nightshift', version: '1.2.3' },
    });
    const headers = { 'if-none-match': String(answer.headers.etag) };
    expect((await app.inject({ url: '/api/openapi.json', headers })).statusCode).toBe(304);
  });

  test('has every route with its own id, and nothing else', () => {
    const documented = Object.entries(documentUnderTest.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [
        `${method.toUpperCase()} ${path}`,
        (operation as { operationId?: string }).operationId,
      ]),
    );
    const registered = Object.entries(routes as Record<string, Route>).map(([name, { method, path }]) => [
      `${method} ${apiPrefix}${path.replaceAll(/:(\w+)/g, '{$1}')}`,
      name,
    ]);
    expect(documented.sort()).toEqual(registered.sort());
  });

  test('refers to nothing that is not in it', () => {
    const found = new Set(references(documentUnderTest));
    expect(found.size).toBeGreaterThan(20);
    for (const reference of found) {
      const place = reference.replace('#/', '').split('/');
      expect(
        place.reduce<unknown>((part, key) => (part as Record<string, unknown>)?.[key], documentUnderTest),
      ).toBeDefined();
    }
  });

  test('holds schemas that a strict validator takes, for all that is sent and answered', () => {
    const { schemas } = documentUnderTest.components as unknown as { schemas: Record<string, object> };
    for (const name of Object.keys(schemas))
      expect(validatorAt('components', 'schemas', name)).toBeTypeOf('function');
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining(['Job', 'JobSummary', 'Run', 'Error', 'NewJob']),
    );
  });

  test('says what the comments of the contract say', () => {
    const { schemas } = documentUnderTest.components as unknown as {
      schemas: Record<string, { description?: string; properties: Record<string, { description?: string }> }>;
    };
    expect(schemas.Run?.description).toBe(
      'One execution of a command. The fields up to `commit` are stable.',
    );
    expect(schemas.Job?.properties.instances?.description).toBe('Instances wished for; 1 for a cron.');
  });

  test('takes what the examples send, and no field that is not known', () => {
    const newJob = validatorAt('components', 'schemas', 'NewJob');
    expect(newJob({ name: 'a', type: 'worker', command: 'x' })).toBe(true);
    expect(newJob({ name: 'a', type: 'worker', command: 'x', typo: 1 })).toBe(false);
    expect(newJob({ name: 'a', type: 'neither' })).toBe(false);
  });

  test('tells an answer that is not as it says', () => {
    const path = `${apiPrefix}/plans`;
    const plan = { name: 'M', memoryBytes: 1, jobs: 1, cpu: 1, softLimitPerJobBytes: null };
    const answer = (body: unknown, status = 200) =>
      differenceOf('GET', path, status, 'application/json', body);
    expect(answer({ items: [plan], next: null })).toBeNull();
    expect(answer({ items: [{ ...plan, cpu: 'much' }], next: null })).toContain('must be number');
    expect(answer({ items: [] })).toContain("required property 'next'");
    expect(answer({ error: { code: 'internal', message: 'x' } }, 500)).toBeNull();
    expect(answer({ error: 'x' }, 500)).toContain('must be object');
    expect(answer({}, 202)).toContain('not documented');
  });
});

describe('/api/docs', () => {
  test('shows every route, every shape and every event, without scripts or anything from elsewhere', async () => {
    const answer = await server().inject('/api/docs');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    const page = answer.body;
    for (const [name, { path }] of Object.entries(routes)) {
      expect(page).toContain(`<details id="${name}">`);
      expect(page).toContain(`<code>${apiPrefix}${path.replaceAll(/:(\w+)/g, '{$1}')}</code>`);
    }
    for (const name of eventNames) expect(page).toContain(name);
    expect(page).not.toMatch(/<script|style=|<style|\bon\w+=|src=|https?:\/\/(?!HOST)/);
    // Every link within the page leads somewhere.
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${target}"`);
    expect((await server().inject('/api/docs.css')).headers['content-type']).toBe('text/css; charset=utf-8');
  });
});
