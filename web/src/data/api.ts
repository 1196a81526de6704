/** The one client of this page, and the cache of what it has read. */

import { table } from 'virtual:route-table';
import { QueryClient, queryOptions } from '@tanstack/react-query';
import type { RouteName } from '../../../src/contract/routes.ts';
import { type Answer, type Asked, Client } from './client.ts';
import { hearDate } from './clock.ts';
import { connection } from './connection.ts';
import { hearPlace } from './event-place.ts';
import { ApiFailure } from './failure.ts';
import { fetchOrTake } from './first-answers.ts';
import { signedOut } from './signed-out.ts';

/** In development every answer is held to the contract; a build leaves the schemas out. */
const check = import.meta.env.DEV
  ? async (name: RouteName, answer: unknown): Promise<void> => {
      const { routes } = await import('../../../src/contract/routes.ts');
      routes[name].response.parse(answer);
    }
  : undefined;

export const api = new Client({
  table,
  fetch: fetchOrTake,
  hear: (headers) => {
    hearDate(headers);
    hearPlace(headers);
  },
  onSignedOut: signedOut.announce,
  ...(check === undefined ? {} : { check }),
});

/** How long what was read may be taken for true while events keep it fresh; and how often it is read anew while they don't. */
const freshMs = 60_000;
const pollMs = 3_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (count, thrown) => thrown instanceof ApiFailure && thrown.status === 0 && count < 2,
      refetchInterval: () => (connection.state() === 'live' ? freshMs : pollMs),
      refetchIntervalInBackground: false,
      structuralSharing: true,
    },
    mutations: { retry: false },
  },
});

// A pace that was set before holds until its time is over: it is set anew as soon as another one fits.
connection.listen(() => {
  for (const { observers } of queryClient.getQueryCache().getAll())
    for (const observer of observers) observer.setOptions(observer.options);
});

/** A document as a query: `useQuery(read('jobs', { params: { environment } }))`. */
export const read = <Name extends RouteName>(name: Name, asked: Asked<Name> = {}) =>
  queryOptions<Answer<Name>, Error>({
    queryKey: keyOf(name, asked),
    queryFn: ({ signal }) => api.call(name, asked, signal),
  });

/** The key under which an answer is kept: the route, then what it was asked with. */
export const keyOf = <Name extends RouteName>(name: Name, asked: Asked<Name> = {}) =>
  [name, (asked.params ?? {}) as object, (asked.query ?? {}) as object] as const;
