import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/testkit/fake-clock.ts';
import { limits } from '../domain/limits.ts';
import { type KeptLogReceiver, type LogProgress, nothingSent } from '../domain/log-receiver.ts';
import type { CriWriter } from '../logs/cri-writer.testkit.ts';
import { LogScene } from '../logs/log-scene.testkit.ts';
import { LogShipment } from './log-shipment.ts';
import { away, RecordingLogSender, taken, textsOf } from './recording-log-sender.testkit.ts';

const run = '01k9zq3m7x5e0a1b';
const t0 = Date.UTC(2026, 10, 22, 12);

let scene: LogScene;
let writer: CriWriter;
let clock: FakeClock;
let sender: RecordingLogSender;
let kept: LogProgress[];
let shipments: LogShipment[];

beforeEach(async () => {
  scene = await LogScene.make();
  writer = await scene.begin('mailer', run);
  clock = new FakeClock(t0);
  sender = new RecordingLogSender();
  kept = [];
  shipments = [];
});
afterEach(async () => {
  for (const each of shipments) each.close();
  await scene.dispose();
});

function ship(progress: LogProgress = nothingSent, since = 0): LogShipment {
  const receiver: KeptLogReceiver = {
    receiver: { environment: 'demo', target: 'collector', headers: [], since },
    secrets: { url: 'http://collector/v1/logs', headers: { 'x-key': 'geheim' } },
    progress,
  };
  const shipment = new LogShipment(receiver, {
    ...{ logs: scene.store, sender, clock },
    reach: () => ['10.0.0.0/8'],
    keep: async (now) => {
      kept.push(now);
    },
  });
  shipments.push(shipment);
  shipment.start();
  return shipment;
}

/** Until so many lines were tried: time passes for the shipment whenever it waits for it. */
async function tried(holds: () => boolean): Promise<void> {
  while (!holds()) {
    clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const lines = (from: number, until: number): string[] =>
  Array.from({ length: until - from }, (_, index) => `line ${from + index}`);
const say = (texts: readonly string[]): void => {
  for (const text of texts) writer.line(text);
};

describe('the output of an environment', () => {
  test('is sent in order, once, and how far it is kept with each request', async () => {
    say(lines(0, 1_200));
    ship();
    await tried(() => sender.texts.length >= 1_200);
    say(lines(1_200, 1_203));
    await tried(() => kept.at(-1)?.sentLines === 1_203);
    expect(sender.texts).toEqual(lines(0, 1_203));
    expect(sender.tried.all[0]).toMatchObject({
      url: 'http://collector/v1/logs',
      headers: { 'x-key': 'geheim' },
      reach: ['10.0.0.0/8'],
      environment: 'demo',
    });
    const sizes = sender.tried.all.map(({ entries }) => entries.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limits.logBatchLines);
    expect(kept.at(-1)).toMatchObject({ refusedLines: 0, gaps: 0, cursor: expect.any(String) });
  });

  test('of before the receiver was set is not sent', async () => {
    writer.line('old', t0);
    writer.line('new', t0 + 2);
    ship(nothingSent, t0 + 1);
    await tried(() => sender.texts.length > 0);
    expect(sender.texts).toEqual(['new']);
  });

  test('waits in the log while the receiver is away, and is told as held', async () => {
    sender.answer = () => away;
    say(lines(0, 3_000));
    const shipment = ship();
    await tried(() => sender.tried.all.length >= 4);
    expect(shipment.held).toMatchObject({
      why: 'collector could not be reached',
      attempts: expect.any(Number),
    });
    expect(shipment.behindSince).not.toBeNull();
    // The same request again and again, and nothing else.
    expect(new Set(sender.tried.all.map((batch) => textsOf(batch).join()))).toHaveLength(1);
    expect(kept).toEqual([]);
    sender.answer = () => taken;
    await tried(() => kept.at(-1)?.sentLines === 3_000);
    expect(sender.texts).toEqual(lines(0, 3_000));
    expect(shipment.held).toBeNull();
    expect(shipment.behindSince).toBeNull();
  });

  test('is tried again with growing pauses, and not before the receiver wants it', async () => {
    let asked = 0;
    sender.answer = () => {
      asked += 1;
      return asked === 4
        ? { ...away, pauseMs: 90_000 }
        : asked === 5
          ? { ...away, pauseMs: 86_400_000 }
          : away;
    };
    say(['one']);
    const shipment = ship();
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      await tried(() => shipment.held?.attempts === attempt);
      pauses.push((shipment.held?.nextAt ?? 0) - clock.wall());
    }
    expect(pauses.map((ms) => Math.round(ms / 1_000))).toEqual([1, 2, 4, 90, 600]);
  });

  test('goes on after a restart where it was: what had been tried and not taken is not lost', async () => {
    say(lines(0, 700));
    const first = ship();
    await tried(() => kept.at(-1)?.sentLines === 700);
    sender.answer = () => away;
    say(lines(700, 710));
    await tried(() => first.held !== null);
    first.close();
    sender.answer = () => taken;
    say(lines(710, 720));
    ship(kept.at(-1));
    await tried(() => kept.at(-1)?.sentLines === 720);
    expect(sender.texts).toEqual(lines(0, 720));
  });

  test('that a crash kept from being noted is sent once more, and no more than one request of it', async () => {
    say(lines(0, 600));
    const first = ship();
    await tried(() => kept.at(-1)?.sentLines === 600);
    first.close();
    ship(kept.at(-2) ?? nothingSent);
    await tried(() => sender.texts.length > 600);
    await tried(() => kept.at(-1)?.sentLines === 600);
    expect(sender.texts.length - 600).toBeLessThanOrEqual(limits.logBatchLines);
    expect(new Set(sender.texts)).toEqual(new Set(lines(0, 600)));
  });

  test('that is too much at once goes in smaller pieces', async () => {
    sender.answer = ({ entries }) =>
      entries.length > 100 ? { kind: 'refused', why: 'too large', tooLarge: true } : taken;
    say(lines(0, 512));
    ship();
    await tried(() => kept.at(-1)?.sentLines === 512);
    expect(sender.texts).toEqual(lines(0, 512));
  });

  test('that the receiver will not have is counted, and left out', async () => {
    // By what each request holds: two lines may also come in two of them.
    sender.answer = (batch) => {
      const texts = textsOf(batch);
      return texts.some((text) => text.startsWith('bad'))
        ? { kind: 'refused', why: 'collector answered 400', tooLarge: false }
        : { ...taken, refusedLines: texts.filter((text) => text.startsWith('half')).length };
    };
    say(['bad 1', 'bad 2']);
    ship();
    await tried(() => kept.at(-1)?.refusedLines === 2);
    say(['good', 'half good']);
    await tried(() => kept.at(-1)?.sentLines === 1);
    expect(kept.at(-1)).toMatchObject({ sentLines: 1, refusedLines: 3 });
  });

  test('that could not even be tried is tried again, and nothing of it is lost', async () => {
    let broken = 2;
    sender.answer = () => {
      broken -= 1;
      if (broken >= 0) throw new Error('no memory for it');
      return taken;
    };
    say(lines(0, 600));
    const shipment = ship();
    await tried(() => shipment.held?.why === 'no memory for it');
    await tried(() => kept.at(-1)?.sentLines === 600);
    expect(sender.texts).toEqual(lines(0, 600));
    expect(shipment.held).toBeNull();
  });

  test('that was dropped before it was sent is told in its place, and counted', async () => {
    say(['nightshift: 12.3 MB of output dropped here (512 MB limit of the environment)']);
    writer.line(
      'nightshift: 12.3 MB of output dropped here (512 MB limit of the environment)',
      Date.now(),
      'stderr',
    );
    ship();
    await tried(() => kept.at(-1)?.sentLines === 2);
    // A job can say so, too, but not as an error of ours.
    expect(kept.at(-1)?.gaps).toBe(1);
  });
});
