import { beforeEach, describe, expect, test } from 'vitest';
import type { AlertChannel, AlertRules, Delivery, KeptChannel } from '../../domain/alert.ts';
import { noSettings } from '../../domain/alert.ts';
import { sighted } from '../../domain/incident.ts';
import { limits } from '../../domain/limits.ts';
import type { Bench } from '../store.contract.ts';
import { noon, sampleEnd, sampleEnvironment, sampleRun } from '../store.testkit.ts';
import { refusal } from './environments.contract.ts';

const channel = (id: string, given: Partial<AlertChannel> = {}): KeptChannel => ({
  channel: {
    ...{ id, environment: 'shop', name: id, kind: 'webhook', shape: 'slack', to: [], target: 'example.com' },
    ...{ kinds: ['swap'], quiet: { from: '22:00', until: '07:00', timezone: 'UTC' }, createdAt: noon },
    ...given,
  },
  secrets: { url: 'https://example.com/secret', signingKey: null },
});
const delivery = (id: string, given: Partial<Delivery> = {}): Delivery => ({
  ...{ id, environment: 'shop', channel: 'chat', phase: 'begin', incident: 'i1', run: null, about: 'shop' },
  ...{ createdAt: noon, dueAt: noon, attempts: 0, state: 'waiting', endedAt: null, trouble: null },
  ...given,
});
const incident = sighted(
  undefined,
  { environment: 'shop', job: 'feed', kind: 'cron-failed', reason: 'it failed', run: 'r1', dueAt: null },
  noon,
  'i1',
);
const rules: AlertRules = {
  off: ['swap'],
  jobs: { feed: { off: ['cron-late'], afterFails: 3 } },
  pings: { feed: 'https://hc.example.com/uuid' },
};

export function describeAlerts(bench: Bench): void {
  describe('alerts', () => {
    beforeEach(async () => {
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      await bench.store.addEnvironment(sampleEnvironment('blog'));
    });
    const waiting = async () => (await bench.store.waitingDeliveries(99)).map(({ id }) => id);
    const add = (...all: Delivery[]) =>
      bench.store.addDeliveries(all.map((each) => ({ delivery: each, after: null })));

    test('have channels with their secrets, each name once among those of an environment', async () => {
      const all = [
        channel('a'),
        channel('b', { environment: null }),
        channel('c', { environment: 'blog', name: 'a' }),
      ];
      for (const each of all) await bench.store.saveAlertChannel(each);
      await bench.store.saveAlertChannel(channel('a', { kinds: null }));
      await bench.reopen();
      expect(await bench.store.alertChannels()).toEqual([channel('a', { kinds: null }), all[2], all[1]]);
      for (const twin of [channel('d', { name: 'a' }), channel('e', { environment: null, name: 'b' })])
        await expect(bench.store.saveAlertChannel(twin)).rejects.toThrow(refusal('alert.channel-exists'));
      await expect(bench.store.saveAlertChannel(channel('f', { environment: 'none' }))).rejects.toThrow(
        refusal('environment.unknown'),
      );
      await add(delivery('x', { channel: 'a' }), delivery('y', { channel: 'b', environment: null }));
      await bench.store.removeAlertChannel('a');
      expect((await bench.store.alertChannels()).map((each) => each.channel.id)).toEqual(['c', 'b']);
      expect(await waiting()).toEqual(['y']);
    });

    test('have rules of environments and settings of the operator', async () => {
      expect(await bench.store.alertRules()).toEqual(new Map());
      expect(await bench.store.alertSettings()).toEqual(noSettings);
      const mailServer = {
        host: 'smtp',
        port: 25,
        tls: false,
        user: 'a',
        password: 'secret',
        from: 'a@example.com',
      };
      const settings = {
        publicUrl: 'https://jobs.example.com',
        allow: ['10.0.0.0/8'],
        heartbeatUrl: 'https://hc.example.com/x',
        mailServer,
      };
      await bench.store.saveAlertRules('shop', rules);
      await bench.store.saveAlertSettings(settings);
      await bench.reopen();
      expect(await bench.store.alertRules()).toEqual(new Map([['shop', rules]]));
      expect(await bench.store.alertSettings()).toEqual(settings);
      await expect(bench.store.saveAlertRules('none', rules)).rejects.toThrow(refusal('environment.unknown'));
    });

    test('keep what is to be sent in one step with the incident, each delivery once', async () => {
      const begin = { delivery: delivery('i1.begin'), after: null };
      await bench.store.saveIncident(incident, { deliveries: [begin], judged: [] });
      await bench.store.saveIncident(incident, {
        deliveries: [{ delivery: delivery('i1.begin', { attempts: 9 }), after: null }],
        judged: [],
      });
      expect(await bench.store.waitingDeliveries(9)).toEqual([begin.delivery]);
      expect(await bench.store.incident('i1')).toEqual(incident);
      expect(await bench.store.incident('none')).toBeUndefined();
      // Who was not told of the begin is not told of the end.
      await add(delivery('a'));
      await bench.store.addDeliveries([
        { delivery: delivery('over-1', { phase: 'over' }), after: 'i1.begin' },
        { delivery: delivery('over-2', { phase: 'over' }), after: 'i9.begin' },
      ]);
      expect(await waiting()).toEqual(['a', 'i1.begin', 'over-1']);
    });

    test('have what waits oldest first, and what is over only in the list', async () => {
      await add(
        delivery('b', { createdAt: noon + 1 }),
        delivery('a', { createdAt: noon + 2 }),
        delivery('c', { createdAt: noon, environment: null }),
        delivery('d', { environment: 'blog' }),
      );
      const done = delivery('b', { createdAt: noon + 1, state: 'delivered', endedAt: noon + 9, attempts: 2 });
      const later = delivery('a', {
        createdAt: noon + 2,
        dueAt: noon + 60_000,
        attempts: 1,
        trouble: 'away',
      });
      await bench.store.saveDeliveries([done, later, delivery('none')]);
      await bench.reopen();
      expect(await waiting()).toEqual(['c', 'd', 'a']);
      expect(await bench.store.deliveries({ environment: 'shop', limit: 9 })).toEqual([later, done]);
      const page = async (before?: string) =>
        (await bench.store.deliveries({ limit: 2, ...(before === undefined ? {} : { before }) })).map(
          ({ id }) => id,
        );
      expect([await page(), await page('b')]).toEqual([
        ['a', 'b'],
        ['d', 'c'],
      ]);
    });

    test('of an environment go with it', async () => {
      await bench.store.saveAlertChannel(channel('a'));
      await bench.store.saveAlertRules('shop', rules);
      await add(delivery('x'), delivery('y', { environment: 'blog' }));
      await bench.store.removeEnvironment('shop');
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      expect([await bench.store.alertChannels(), await bench.store.alertRules()]).toEqual([[], new Map()]);
      expect(await waiting()).toEqual(['y']);
      await add(delivery('z', { environment: 'none' }));
      expect(await waiting()).toEqual(['y']);
    });

    test('that arrived long ago are forgotten, unless their incident is still open', async () => {
      const old = {
        createdAt: noon - limits.deliveryAgeSeconds * 1000 - 1,
        state: 'delivered',
        endedAt: noon,
      } as const;
      await bench.store.saveIncident(incident);
      const over = { ...incident, id: 'i2', endedAt: noon, endReason: 'well' };
      await bench.store.saveIncident(over);
      const all = [delivery('open', old), delivery('over', { ...old, incident: 'i2' })];
      await add(...all, delivery('waits', { createdAt: old.createdAt, incident: 'i2' }));
      await bench.store.saveDeliveries(all);
      await bench.store.housekeep(noon);
      const kept = await bench.store.deliveries({ limit: 9 });
      expect(kept.map(({ id }) => id).sort()).toEqual(['open', 'waits']);
    });

    test('keep pings for a few hours, and list only those that did not arrive', async () => {
      const ping = { phase: 'success', incident: null, run: 'r1' } as const;
      const over = { ...ping, state: 'delivered', endedAt: noon } as const;
      const all = [
        delivery('old', { ...over, createdAt: noon - limits.pingAgeSeconds * 1000 - 1 }),
        delivery('new', over),
        delivery('lost', { ...over, state: 'given-up' }),
      ];
      await add(...all, delivery('waits', ping));
      await bench.store.saveDeliveries(all);
      const listed = async () =>
        (await bench.store.deliveries({ environment: 'shop', limit: 9 })).map(({ id }) => id);
      expect(await listed()).toEqual(['waits', 'lost']);
      await bench.store.housekeep(noon);
      expect(await listed()).toEqual(['waits', 'lost']);
      // The new one is still there, and not kept a second time; the old one is gone.
      await add(delivery('new', ping), delivery('old', ping));
      expect(await waiting()).toEqual(['old', 'waits']);
    });

    test('lose no bad end of a run: it waits to be looked at, until it was', async () => {
      const end = async (id: string, kind: 'cron' | 'worker', outcome: 'ok' | 'failed' | 'out-of-memory') => {
        await bench.store.beginRuns([sampleRun('shop', id, { kind, job: 'feed' })], []);
        await bench.store.runEnded(id, sampleEnd({ outcome }), []);
      };
      await end('r1', 'cron', 'failed');
      await end('r2', 'cron', 'ok');
      await end('r3', 'worker', 'failed');
      await end('r4', 'worker', 'out-of-memory');
      await bench.reopen();
      const runs = async () => (await bench.store.unjudgedRuns()).map(({ run }) => run);
      expect(await bench.store.unjudgedRuns()).toContainEqual({ environment: 'shop', run: 'r1' });
      expect(await runs()).toEqual(['r1', 'r4']);
      await bench.store.saveIncident(incident, { deliveries: [], judged: ['r1'] });
      expect(await runs()).toEqual(['r4']);
      await bench.store.runsJudged(['r4', 'none']);
      expect(await runs()).toEqual([]);
    });
  });
}
