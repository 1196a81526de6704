import { beforeEach, describe, expect, test } from 'vitest';
import type { Incident } from '../../domain/incident.ts';
import { limits } from '../../domain/limits.ts';
import type { Bench } from '../store.contract.ts';
import { noon, sampleEnvironment } from '../store.testkit.ts';
import { refusal } from './environments.contract.ts';

const incident = (id: string, beganAt: number, given: Partial<Incident> = {}): Incident => ({
  id,
  environment: 'shop',
  job: 'feed',
  kind: 'cron-missed',
  beganAt,
  seenAt: beganAt,
  count: 1,
  endedAt: null,
  reason: '"feed" was due',
  endReason: null,
  run: null,
  dueAt: noon,
  ...given,
});

export function describeIncidents(bench: Bench): void {
  describe('incidents', () => {
    beforeEach(async () => {
      await bench.store.addEnvironment(sampleEnvironment('shop'));
      await bench.store.addEnvironment(sampleEnvironment('blog'));
    });
    const ids = async (filter: Parameters<typeof bench.store.incidents>[0]) =>
      (await bench.store.incidents(filter)).map((each) => each.id);

    test('are kept newest first, of one environment or of all, and one is replaced by its id', async () => {
      const machine = incident('c', noon + 3, { environment: null, job: null, kind: 'scheduler-silent' });
      const over = incident('a', noon + 0.5, { endedAt: noon + 9, endReason: 'it ran', count: 4, run: 'r1' });
      for (const each of [
        incident('a', noon + 0.5),
        incident('b', noon + 2, { environment: 'blog' }),
        machine,
      ])
        await bench.store.saveIncident(each);
      await bench.store.saveIncident(over);
      await bench.reopen();
      expect(await bench.store.incidents({ environment: 'shop', limit: 9 })).toEqual([over]);
      expect(await ids({ limit: 9 })).toEqual(['c', 'b', 'a']);
      expect(await ids({ open: true, limit: 9 })).toEqual(['c', 'b']);
      expect(await ids({ environment: 'shop', open: true, limit: 9 })).toEqual([]);
      expect(await ids({ environment: 'none', limit: 9 })).toEqual([]);
      expect(await bench.store.incidents({ limit: 1 })).toEqual([machine]);
    });

    test('are paged back without a gap where several began at one moment', async () => {
      for (const id of ['a', 'b', 'c', 'd']) await bench.store.saveIncident(incident(id, noon));
      expect(await ids({ limit: 2 })).toEqual(['d', 'c']);
      expect(await ids({ limit: 2, before: 'c' })).toEqual(['b', 'a']);
      await expect(bench.store.incidents({ limit: 2, before: 'x' })).rejects.toThrow(
        refusal('incident.unknown'),
      );
    });

    test('go with their environment, and none is added to one that is not there', async () => {
      await bench.store.saveIncident(incident('a', noon));
      await bench.store.removeEnvironment('shop');
      expect(await ids({ limit: 9 })).toEqual([]);
      await expect(bench.store.saveIncident(incident('b', noon))).rejects.toThrow(
        refusal('environment.unknown'),
      );
    });

    test('that are over are forgotten beyond the newest, open ones never', async () => {
      const many = limits.incidentsKeptPerEnvironment + 3;
      await bench.store.saveIncident(incident('open', noon - 1));
      await Promise.all(
        Array.from({ length: many }, (_, index) =>
          bench.store.saveIncident(incident(`over-${index}`, noon + index, { endedAt: noon + many })),
        ),
      );
      await bench.store.saveIncident(incident('other', noon - 1, { environment: 'blog', endedAt: noon }));
      await bench.store.housekeep(noon);
      const kept = await ids({ environment: 'shop', limit: 2 * many });
      expect(kept).toHaveLength(limits.incidentsKeptPerEnvironment + 1);
      expect(kept).toContain('open');
      expect(kept).not.toContain('over-2');
      expect(await ids({ environment: 'blog', limit: 9 })).toEqual(['other']);
    });
  });
}
