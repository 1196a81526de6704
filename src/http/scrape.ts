/**
 * `/metrics`, for Prometheus. It wants a token, also from this machine: what a proxy in front of us passes on comes from 127.0.0.1 as
 * well, and nginx does not say by itself that it did so. By the socket in the data folder it is open, as everything is.
 */
import type { FastifyInstance } from 'fastify';
import type { Control } from '../control/control.ts';
import { contentTypes, type Form } from '../control/exposition.ts';
import type { ActorOf } from './authentication.ts';

export function registerScrape(
  app: FastifyInstance,
  control: Pick<Control, 'exposition'>,
  actorOf: ActorOf,
): void {
  app.get('/metrics', async (request, reply) => {
    const actor = await actorOf(request);
    const form = formOf(request.headers.accept ?? '');
    const text = await control.exposition(actor, form);
    return reply.header('content-type', contentTypes[form]).header('cache-control', 'no-store').send(text);
  });
}

const formOf = (accept: string): Form =>
  accept.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus';
