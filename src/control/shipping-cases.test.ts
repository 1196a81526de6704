import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWorld, member, operator, refused, type World, withShop } from './world.testkit.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
  await withShop(world);
  await world.control.start();
});
afterEach(async () => {
  world.control.close();
  await world.dispose();
});

const ada = member('shop');
const url = 'https://collector.example.com';
const entry = (text: string) => ({
  time: world.clock.wall(),
  job: 'a',
  run: 'r',
  stream: 'stdout' as const,
  level: 'INFO' as const,
  message: Buffer.from(text),
});
const passed = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) {
    world.clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
};
const view = () => world.control.logReceiver(ada, 'shop');

it('output goes nowhere until somebody says where, and is shown with the host and the names of headers alone', async () => {
  expect(await view()).toBeNull();
  const set = await world.control.setLogReceiver(ada, 'shop', { url, headers: { 'X-Key': 'geheim' } });
  expect(set).toMatchObject({
    receiver: { target: 'collector.example.com', headers: ['X-Key'], since: world.clock.wall() },
    progress: { sentLines: 0 },
    held: null,
  });
  expect(JSON.stringify(set)).not.toContain('geheim');
  expect(JSON.stringify(await world.control.activity(operator, { limit: 1 }))).not.toContain('geheim');
});

it('what is sent goes to the address with the usual path, masked where the environment asks for it', async () => {
  await world.control.setVariables(operator, 'shop', { DB_PASSWORD: 'geheim-4711' }, { wait: false });
  await world.control.setMaskSecrets(operator, 'shop', true);
  world.logs.entries = [entry('denied for geheim-4711')];
  await world.control.setLogReceiver(ada, 'shop', { url });
  await passed(async () => (await view())?.progress.sentLines === 1);
  expect(world.logSender.texts[0]).toBe('denied for [DB_PASSWORD]');
  expect(world.logSender.tried.all[0]?.url).toBe('https://collector.example.com/v1/logs');
});

it('another address goes on where the one before was, also after a restart', async () => {
  world.logs.entries = [entry('one')];
  await world.control.setLogReceiver(ada, 'shop', { url });
  await passed(async () => (await view())?.progress.sentLines === 1);
  await world.control.setLogReceiver(ada, 'shop', { url: 'https://other.example.com/otlp/v1/logs' });
  world.control.close();
  world = world.again();
  await world.control.start();
  expect(await view()).toMatchObject({
    receiver: { target: 'other.example.com' },
    progress: { sentLines: expect.any(Number), cursor: 'r' },
  });
});

it('a receiver that takes nothing for minutes is a notice of the environment', async () => {
  world.logSender.answer = () => ({
    kind: 'failed',
    why: 'collector.example.com answered 503',
    pauseMs: null,
  });
  world.logs.entries = [entry('one')];
  await world.control.setLogReceiver(ada, 'shop', { url });
  await passed(async () => ((await view())?.held?.attempts ?? 0) > 12);
  const { notices } = await world.control.environment(ada, 'shop');
  expect(notices).toEqual([
    expect.stringMatching(/Output has not been taken by collector\.example\.com since .*answered 503/),
  ]);
});

it('it goes with its environment, or when it is not wanted any more', async () => {
  await refused('log.receiver-none', world.control.removeLogReceiver(ada, 'shop'));
  await world.control.setLogReceiver(ada, 'shop', { url });
  await world.control.removeLogReceiver(ada, 'shop');
  expect(await view()).toBeNull();
  await world.control.setLogReceiver(ada, 'shop', { url });
  await world.control.removeEnvironment(operator, 'shop');
  expect(await world.store.logReceivers()).toEqual([]);
  const acts = (await world.control.activity(operator, { environment: 'shop', limit: 9 })).map(
    ({ act }) => act,
  );
  expect(acts.slice(0, 4)).toEqual(['remove environment', 'send logs', 'send logs no more', 'send logs']);
});

it('it may not be an address inside, unless an operator allows that', async () => {
  const inside = { url: 'http://127.0.0.1:4318' };
  await refused('log.receiver-forbidden', world.control.setLogReceiver(ada, 'shop', inside));
  await world.control.changeAlertSettings(operator, { allow: ['127.0.0.1'] });
  expect(await world.control.setLogReceiver(ada, 'shop', inside)).toMatchObject({
    receiver: { target: '127.0.0.1:4318' },
  });
});

it.each([
  ['an address that is none', { url: 'collector' }, 'log.receiver-url'],
  ['an address with a password', { url: 'https://a:b@c.example.com' }, 'log.receiver-url'],
  ['a header of the connection', { url, headers: { 'Content-Type': 'x' } }, 'log.receiver-header'],
  ['a header with a newline', { url, headers: { a: 'x\r\nb: y' } }, 'log.receiver-header'],
  ['a header without a name', { url, headers: { '': 'x' } }, 'log.receiver-header'],
  [
    'too many headers',
    { url, headers: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`a${index}`, 'x'])) },
    'log.receiver-headers',
  ],
] as const)('%s is refused, and nothing is kept', async (_, input, code) => {
  await refused(code, world.control.setLogReceiver(ada, 'shop', input));
  expect(await world.store.logReceivers()).toEqual([]);
});

it('strangers set nothing', async () => {
  await refused('environment.unknown', world.control.setLogReceiver(member('blog'), 'shop', { url }));
  await refused('environment.unknown', world.control.logReceiver(member('blog'), 'shop'));
});
