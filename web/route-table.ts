/**
 * What the browser needs to know of the contract's table when it runs: method and path of each route, and the names of events. A build takes only
 * these words from it, and leaves the schemas (and Zod) out of what is loaded.
 */
import type { Plugin } from 'vite';
import { eventNames } from '../src/contract/events.ts';
import { apiPrefix, type Route, routes } from '../src/contract/routes.ts';

const name = 'virtual:route-table';

export function routeTable(): Plugin {
  const lines = Object.entries(routes as Record<string, Route>).map(
    ([route, { method, path }]) => [route, [method, apiPrefix + path]] as const,
  );
  return {
    name: 'route-table',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) =>
      id === `\0${name}`
        ? `export const table = ${JSON.stringify(Object.fromEntries(lines))};\nexport const eventNames = ${JSON.stringify(eventNames)};`
        : undefined,
  };
}
