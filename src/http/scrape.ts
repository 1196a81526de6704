/**
 * `/metrics`, for Prometheus. From this machine itself it is open, so that a Prometheus beside Nightshift needs no set-up; from elsewhere
 * it wants a token, as everything does. What comes through a proxy comes from elsewhere, whatever its address says.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Actor, Control } from '../control/control.ts';
import { contentTypes, type Form } from '../control/exposition.ts';

/** What proxies add. */
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

const scraper: Actor = { name: 'prometheus', role: 'operator', via: 'http' };

export function registerScrape(
  app: FastifyInstance,
  control: Pick<Control, 'exposition'>,
  actorOf: (request: FastifyRequest) => Actor | Promise<Actor>,
): void {
  app.get('/metrics', async (request, reply) => {
    const actor = isFromHere(request) ? scraper : await actorOf(request);
    const form = formOf(request.headers.accept ?? '');
    const text = await control.exposition(actor, form);
    return reply.header('content-type', contentTypes[form]).header('cache-control', 'no-store').send(text);
  });
}

const formOf = (accept: string): Form =>
  accept.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus';

/** A program on this machine that asked for it by a name of this machine: not a page in a browser that was led here by its own name. */
function isFromHere(request: FastifyRequest): boolean {
  const address = request.socket.remoteAddress ?? '';
  const loopback = /^(127\.|::1$|::ffff:127\.)/.test(address);
  const named = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(request.headers.host ?? '');
  const unnamed = request.headers.authorization === undefined;
  return loopback && named && unnamed && !proxyHeaders.some((name) => request.headers[name] !== undefined);
}
