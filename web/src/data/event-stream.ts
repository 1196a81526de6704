/**
 * Follows the daemon's events, and lets what is shown follow them: rows change in place, lists that have to be read anew are read
 * once for a burst of events. The browser resumes after the last event by itself; where the daemon refuses or is away, the
 * stream is opened anew after a moment.
 */
import { eventNames } from 'virtual:route-table';
import type { ApiEvent } from '../../../src/contract/events.ts';
import { api, queryClient } from './api.ts';
import { connection } from './connection.ts';
import { effectsOf, type Key } from './event-effects.ts';
import { firstPlace } from './event-place.ts';
import { ApiFailure } from './failure.ts';
import { signedOut } from './signed-out.ts';

const openAgainMs = 2_000;
/** Events of one burst lead to one reading. */
const burstMs = 250;

/** Returns what ends it. */
export function followEvents(): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let place = firstPlace();

  const open = () => {
    const query = place === undefined ? {} : { after: place };
    source = new EventSource(api.address('events', { query }));
    source.onopen = () => connection.become('live');
    source.onerror = () => {
      connection.become('lost');
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, openAgainMs);
      // Whether the session is over can be seen from no error of a stream: ask.
      api.call('session').catch((thrown) => {
        if (thrown instanceof ApiFailure && thrown.status === 401) signedOut.announce();
      });
    };
    for (const name of eventNames) {
      source.addEventListener(name, (message) => {
        place = message.lastEventId;
        take({ id: place, event: name, data: JSON.parse(message.data) } as ApiEvent);
      });
    }
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
    connection.become('connecting');
  };
}

const isKey = (key: readonly unknown[]): boolean => typeof key[0] === 'string' && typeof key[1] === 'object';

/** Carries out what an event means. */
export function take(event: ApiEvent): void {
  for (const { about, where, patch } of effectsOf(event)) {
    for (const query of queryClient.getQueryCache().getAll()) {
      const [route, params = {}, asked = {}] = query.queryKey as unknown as Partial<Key>;
      const key: Key = [route ?? '', params, asked];
      if (!isKey(query.queryKey) || !about(key)) continue;
      if (where !== undefined && query.state.data !== undefined && !where(query.state.data, key)) continue;
      if (patch === undefined || query.state.data === undefined) readAnewSoon(query.queryHash);
      else {
        const before = query.state.data;
        const after = patch(before, key);
        // With the moment of the reading, not that of the event: other fields are as old as they were.
        if (after !== before) query.setData(after, { updatedAt: query.state.dataUpdatedAt, manual: true });
        // An answer on its way may be older than the event.
        if (query.state.fetchStatus === 'fetching') readAnewSoon(query.queryHash);
      }
    }
  }
}

const waiting = new Set<string>();

function readAnewSoon(hash: string): void {
  if (waiting.size === 0) setTimeout(readWaitingAnew, burstMs);
  waiting.add(hash);
}

function readWaitingAnew(): void {
  const hashes = new Set(waiting);
  waiting.clear();
  void queryClient.invalidateQueries({ predicate: ({ queryHash }) => hashes.has(queryHash) });
}
