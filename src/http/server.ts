/**
 * The HTTP server: the routes of the contract's table over the use cases. It translates and decides nothing: shapes are
 * checked by the table's schemas, rules and access by `control`.
 */
import websocket from '@fastify/websocket';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { eventIdHeader } from '../contract/events.ts';
import { execMessageBytesMax } from '../contract/exec.ts';
import { apiPrefix, type Route, type RouteName, routes } from '../contract/routes.ts';
import type { Actor, Control, Expected } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { registerApiPages } from './api-pages.ts';
import { type ActorOf, nobody, socketOperator } from './authentication.ts';
import { backupOf } from './backup-stream.ts';
import { expectedBy, idempotencyKeyOf } from './conditions.ts';
import { Dashboard, dashboardPath } from './dashboard.ts';
import { registerDeployHook } from './deploy-hook.ts';
import { failureOf, sentenceOfIssues } from './errors.ts';
import { streamEvents } from './event-stream.ts';
import { serveExec } from './exec-socket.ts';
import { type DocumentRouteName, documentHandlers } from './handlers.ts';
import { registerHealth } from './health.ts';
import { streamLogs } from './log-stream.ts';
import { registerScrape } from './scrape.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { registerSessionRoutes, type SessionRouteName, sessionRouteNames } from './session-routes.ts';

export interface HttpServerOptions {
  readonly control: Control;
  readonly log: Logger;
  /** Proxies whose word about the client's address and TLS is taken: addresses or networks; none by default. */
  readonly trustProxy?: readonly string[];
  /** Who asks; by default {@link socketOperator}. Throws a Refusal when nobody may. */
  readonly actorOf?: ActorOf;
  /** The folder of the dashboard that Vite has built; absent: this way in has no dashboard. */
  readonly dashboard?: string;
  /** Of Nightshift, for the page that describes the API. */
  readonly version?: string;
  /** Until it answers true every request is refused as `daemon.starting`. */
  readonly isReady?: () => boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, {@link nobody} on public routes; set for every request to a route of the API, before its body is read. */
    actor: Actor;
  }
}

/** How often Node looks for connections whose request has not come in time, ms. */
const slownessCheckMs = 5_000;

const publicRoutes: ReadonlySet<string> = new Set(
  Object.values(routes)
    .filter(({ access }) => access === 'public')
    .map(({ method, path }) => `${method} ${apiPrefix}${path}`),
);
const isPublic = (request: FastifyRequest): boolean =>
  publicRoutes.has(`${request.method} ${request.routeOptions.url}`);

export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { control, log, actorOf = socketOperator, isReady } = options;
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.requestBodyBytes,
    requestTimeout: limits.requestSecondsMax * 1000,
    http: {
      headersTimeout: limits.requestHeadersSecondsMax * 1000,
      connectionsCheckingInterval: slownessCheckMs,
    },
    routerOptions: { maxParamLength: 1_024 },
    // A daemon that ends does not wait for those who follow a log.
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    ...(options.trustProxy === undefined ? {} : { trustProxy: [...options.trustProxy] }),
    frameworkErrors: (error, request, reply) => refuse(error, request, reply),
  }) as unknown as FastifyInstance;
  app.server.maxConnections = limits.connections;
  app.setErrorHandler(refuse);
  addSecurityHeaders(app);
  if (isReady !== undefined)
    app.addHook('onRequest', async () => {
      if (!isReady()) throw new Refusal('daemon.starting');
    });
  const dashboard = options.dashboard === undefined ? undefined : new Dashboard(options.dashboard);
  app.setNotFoundHandler(async (request, reply) => {
    const path = dashboardPath(request);
    if (dashboard !== undefined && path !== undefined) return await dashboard.serve(path, request, reply);
    throw new Refusal('route.unknown', { method: request.method, path: request.url.split('?')[0] });
  });
  app.register(websocket, {
    options: { maxPayload: execMessageBytesMax },
    // A client that vanishes is nothing to worry about; `serveExec` hears of the end.
    errorHandler: (err, socket) => {
      log.debug({ err }, 'a WebSocket broke off');
      socket.terminate();
    },
  });
  registerDeployHook(app, control);
  registerHealth(app, control);
  registerScrape(app, control, actorOf);
  registerApiPages(app, options.version ?? 'unreleased');
  app.register(async (api) => {
    api.decorateRequest('actor', null as unknown as Actor);
    // Before the body is read: who may do nothing costs nothing.
    api.addHook('onRequest', async (request) => {
      request.actor = isPublic(request) ? nobody : await actorOf(request);
    });
    // Before anything is read: what changes from here on is told after this place.
    api.addHook('onRequest', async (request, reply) => {
      if (request.method === 'GET' && request.actor !== nobody)
        reply.header(eventIdHeader, control.lastEventId());
    });
    const handlers = documentHandlers(control);
    for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
      const url = `${apiPrefix}${route.path}`;
      if (name === 'events') {
        api.get(url, async (request, reply) => {
          const { query } = checked<'events'>(routes.events, request);
          await streamEvents({ control, request, reply, query, actorOf: () => actorOf(request) });
          return reply;
        });
      } else if (name === 'backup') {
        api.post(url, async (request, reply) => {
          const { body } = checked<'backup'>(routes.backup, request);
          return await backupOf(control, reply, request.actor, body.passphrase);
        });
      } else if (name === 'exec') registerExec(api, url, options);
      else if (isSessionRoute(name)) continue;
      else if (name === 'logs') {
        api.get(url, async (request, reply) => {
          const { params, query } = checked<'logs'>(routes.logs, request);
          const again = (): Actor | Promise<Actor> => actorOf(request);
          await streamLogs({ control, log, reply, actor: request.actor, actorOf: again, params, query });
          return reply;
        });
      } else registerDocument(api, url, route, handlers[name] as AnyHandler, control);
    }
    registerSessionRoutes(api, apiPrefix, {
      control,
      read: (name, part, request) => readPart(routes[name], part, request[part]) as never,
    });
  });
  return app;
}

const isSessionRoute = (name: RouteName): name is SessionRouteName =>
  (sessionRouteNames as readonly string[]).includes(name);

type AnyHandler = (asked: {
  actor: Actor;
  request: FastifyRequest;
  params: unknown;
  query: unknown;
  body: unknown;
  expected: Expected;
}) => Promise<unknown>;

function registerDocument(
  api: FastifyInstance,
  url: string,
  route: Route,
  handler: AnyHandler,
  control: Control,
): void {
  api.route({
    method: route.method,
    url,
    handler: async (request, reply) => {
      const { actor } = request;
      const expected = expectedBy(request, route);
      const parts = checked<DocumentRouteName>(route, request);
      const act = (): Promise<unknown> => handler({ actor, request, expected, ...parts });
      const key = idempotencyKeyOf(request, route);
      const answer = key === undefined ? await act() : await doneOnce(control, key, request, reply, act);
      const tag = tagOf(answer);
      if (tag !== undefined) reply.header('etag', `"${tag}"`);
      return reply.code(route.status).send(answer);
    },
  });
}

async function doneOnce(
  control: Control,
  key: string,
  request: FastifyRequest,
  reply: FastifyReply,
  act: () => Promise<unknown>,
): Promise<unknown> {
  const { method, url, body } = request;
  const { answer, again } = await control.once(request.actor, key, [method, url, body ?? null], act);
  if (again) reply.header('idempotency-replayed', 'true');
  return answer;
}

/** The tag that a document has of itself. */
const tagOf = (answer: unknown): string | undefined =>
  typeof answer === 'object' && answer !== null && 'etag' in answer && typeof answer.etag === 'string'
    ? answer.etag
    : undefined;

function registerExec(api: FastifyInstance, url: string, options: HttpServerOptions): void {
  const { control, log, actorOf = socketOperator } = options;
  api.route({
    method: 'GET',
    url,
    // Before the upgrade, so that a refusal is an ordinary answer.
    preHandler: async (request) => {
      checked<'exec'>(routes.exec, request);
    },
    handler: () => {
      throw new Refusal('request.invalid', {
        why: 'exec is spoken over a WebSocket: upgrade the connection',
      });
    },
    wsHandler: async (socket, request) => {
      const { params } = checked<'exec'>(routes.exec, request);
      await serveExec({
        control,
        log,
        socket,
        environment: params.environment,
        actorOf: () => actorOf(request),
      });
    },
  });
}

/** The parts of a request, as the route's schemas read them. Throws InvalidRequest with the first thing that is wrong. */
function checked<Name extends RouteName>(
  route: Route,
  request: FastifyRequest,
): {
  params: z.output<(typeof routes)[Name]['params']>;
  query: z.output<(typeof routes)[Name]['query']>;
  body: z.output<(typeof routes)[Name]['body']>;
} {
  return {
    params: readPart(route, 'params', request.params),
    query: readPart(route, 'query', request.query),
    // A socket's body is its first message.
    body: route.kind === 'socket' ? undefined : readPart(route, 'body', request.body ?? undefined),
  } as never;
}

function readPart(route: Route, part: 'params' | 'query' | 'body', value: unknown): unknown {
  const result = route[part].safeParse(value ?? undefined);
  if (!result.success) throw sentenceOfIssues(result.error, part);
  return result.data;
}

function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = failureOf(thrown);
  if (failure.isBug) {
    request.log.error(
      { err: thrown, method: request.method, route: request.routeOptions.url },
      'request failed',
    );
  }
  if (failure.retryAfterSeconds !== undefined) reply.header('retry-after', failure.retryAfterSeconds);
  if (failure.status === 401) reply.header('www-authenticate', 'Bearer');
  reply.code(failure.status).send(failure.body);
}
