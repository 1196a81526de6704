/**
 * The OpenAPI document, made from the table of routes and the schemas that check every request: it can't say anything else
 * than what the server does. Shapes that have a name in the contract have it here, too.
 */
import { z } from 'zod';
import * as account from '../contract/account.ts';
import * as advice from '../contract/advice.ts';
import * as alert from '../contract/alert.ts';
import * as cron from '../contract/cron.ts';
import * as daemon from '../contract/daemon.ts';
import * as deployment from '../contract/deployment.ts';
import * as environment from '../contract/environment.ts';
import { eventNames, events } from '../contract/events.ts';
import * as execRequest from '../contract/exec-request.ts';
import * as incident from '../contract/incident.ts';
import * as job from '../contract/job.ts';
import * as log from '../contract/log.ts';
import * as metrics from '../contract/metrics.ts';
import * as moving from '../contract/moving.ts';
import { apiPrefix, type Route, routes } from '../contract/routes.ts';
import * as run from '../contract/run.ts';
import * as sshKey from '../contract/ssh-key.ts';
import * as why from '../contract/why.ts';
import { errorBody } from '../contract/wire.ts';
import { fieldNotes } from './field-notes.ts';

type Json = Record<string, unknown>;

const inPascalCase = (name: string): string => (name[0] ?? '').toUpperCase() + name.slice(1);

/** Every object of the contract by its name; what only a query or a path is made of has none. */
function namedShapes(): Map<z.ZodType, string> {
  const found = new Map<z.ZodType, string>();
  const modules = [
    account,
    advice,
    alert,
    cron,
    daemon,
    deployment,
    environment,
    execRequest,
    incident,
    job,
    log,
    metrics,
    moving,
    run,
    sshKey,
    why,
  ];
  for (const [name, shape] of modules.flatMap((each) => Object.entries(each) as [string, unknown][])) {
    if (shape instanceof z.ZodObject && !/(Query|Params)$/.test(name)) found.set(shape, inPascalCase(name));
  }
  for (const name of eventNames) {
    const shape = events[name];
    if (!found.has(shape)) found.set(shape, `${name.split('-').map(inPascalCase).join('')}Event`);
  }
  return found.set(errorBody, 'Error');
}

const names = namedShapes();
const registry = z.registry<{ id: string }>();
for (const [shape, id] of names) registry.add(shape, { id });

/** Turns shapes into JSON Schemas whose named parts are gathered as components. */
class Components {
  readonly schemas: Record<string, Json> = {};

  of(shape: z.ZodType, io: 'input' | 'output'): Json {
    // Inside another object, so that a named shape becomes a reference as well.
    const whole = z.toJSONSchema(z.object({ it: shape }), {
      io,
      metadata: registry as never,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        // The format says it; the pattern fills a screen.
        if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
        // `contentEncoding` says it.
        if (jsonSchema.format === 'base64') delete jsonSchema.format;
        // What is answered may have more fields one day: clients are to pass over what they don't know.
        if (io === 'output') delete jsonSchema.additionalProperties;
      },
    }) as unknown as { readonly properties: { readonly it: Json }; readonly $defs?: Record<string, Json> };
    const read = JSON.parse(
      JSON.stringify(whole).replaceAll('"#/$defs/', '"#/components/schemas/'),
    ) as typeof whole;
    for (const [name, schema] of Object.entries(read.$defs ?? {}))
      this.schemas[name] = described(name, schema);
    return read.properties.it;
  }
}

/** With what the contract's comments say of its fields. */
function described(name: string, schema: Json): Json {
  const notes = fieldNotes[name];
  const properties = schema.properties as Record<string, Json> | undefined;
  if (notes === undefined) return schema;
  return {
    ...(notes[''] === undefined ? {} : { description: notes[''] }),
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([field, property]) => {
              const note = notes[field];
              return [field, note === undefined ? property : { description: note, ...property }];
            }),
          ),
        }),
  };
}

interface Shape {
  readonly properties?: Record<string, Json>;
  readonly required?: readonly string[];
}

function parametersOf(route: Route, components: Components): Json[] {
  const path = components.of(route.params, 'input') as Shape;
  const query = components.of(route.query, 'input') as Shape;
  const notes = fieldNotes[queryNotes.get(route.query) ?? ''] ?? {};
  return [
    ...Object.entries(path.properties ?? {}).map(([name, schema]) => ({
      name,
      in: 'path',
      required: true,
      schema,
    })),
    ...Object.entries(query.properties ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: query.required?.includes(name) === true,
      ...(notes[name] === undefined ? {} : { description: notes[name] }),
      schema,
    })),
    ...(route.ifMatch ? [ifMatchParameter] : []),
    ...(route.once ? [onceParameter] : []),
    ...(route.kind === 'events'
      ? [
          {
            name: 'Last-Event-ID',
            in: 'header',
            description: 'The id of the last event that was seen: the stream goes on after it.',
            schema: { type: 'string' },
          },
        ]
      : []),
  ];
}

const ifMatchParameter = {
  name: 'If-Match',
  in: 'header',
  description:
    'The tag of what you have seen, `"etag"`: where somebody has changed it since, the request is refused with 412 and says who it was.',
  schema: { type: 'string' },
};

const onceParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Any text of your own, such as a UUID. Sent again with the same key within a day, the request is done once and answered alike.',
  schema: { type: 'string', maxLength: 200 },
};

/** The names under which notes of queries are kept. */
const queryNotes = new Map<z.ZodType, string>(
  [account, cron, daemon, environment, incident, job, log, metrics, run].flatMap((each) =>
    (Object.entries(each) as [string, unknown][]).flatMap(([name, shape]) =>
      shape instanceof z.ZodObject && name.endsWith('Query') ? [[shape, inPascalCase(name)] as const] : [],
    ),
  ),
);

const eventIdOfAnswer = {
  description:
    'The place of the newest event when the answer was begun: follow `/events?after=` it to miss nothing.',
  schema: { type: 'string' },
};

function answerOf(route: Route, components: Components): Json {
  const headers = route.method === 'GET' ? { headers: { 'Nightshift-Event-Id': eventIdOfAnswer } } : {};
  const schema = (): Json => components.of(route.response, 'output');
  switch (route.kind) {
    case 'socket':
      return { description: 'The connection is a WebSocket now.' };
    case 'file':
      return {
        description: 'A file, compressed with gzip.',
        content: { 'application/gzip': { schema: { type: 'string', contentMediaType: 'application/gzip' } } },
      };
    case 'events':
      return {
        description: `Server-sent events that never end. Names of events: ${eventNames.join(', ')}.`,
        ...headers,
        content: { 'text/event-stream': { schema: { type: 'string' }, 'x-item-schema': schema() } },
      };
    case 'stream':
      return {
        description: 'One JSON document a line, or lines of text where `format=text`.',
        ...headers,
        content: {
          'application/x-ndjson': { schema: { type: 'string' }, 'x-item-schema': schema() },
          'text/plain': { schema: { type: 'string' } },
        },
      };
    case 'json':
      return route.status === 204
        ? { description: 'Done.' }
        : {
            description: route.status === 201 ? 'Made.' : 'The answer.',
            ...headers,
            content: { 'application/json': { schema: schema() } },
          };
  }
}

function operationOf(name: string, route: Route, components: Components): Json {
  const parameters = parametersOf(route, components);
  const hasBody = !(route.body instanceof z.ZodUndefined);
  return {
    operationId: name,
    summary: route.summary,
    tags: [tagOf(route.path)],
    ...(route.access === 'public' ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(hasBody && route.kind !== 'socket'
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: components.of(route.body, 'input') } },
          },
        }
      : {}),
    ...(route.kind === 'socket'
      ? { 'x-first-message': components.of(route.body, 'input'), description: socketDescription }
      : {}),
    responses: {
      [String(route.status)]: answerOf(route, components),
      default: { $ref: '#/components/responses/Refused' },
    },
  };
}

const socketDescription =
  'Spoken over a WebSocket. The first message is a text one, the request as JSON (`x-first-message`); all that follow are binary: ' +
  'one byte names the channel (0 stdin, 1 stdout, 2 stderr, 3 the end as JSON, 4 the terminal’s new size as JSON, 5 a signal’s name, ' +
  '6 how many bytes of stdin may be sent more as uint32 big-endian, 255 the end of stdin), then comes its payload.';

/** What belongs together on the page: the first word of the path that names no environment. */
function tagOf(path: string): string {
  const [first = '', , third] = path.split('/').filter((word) => word !== '');
  return first === 'environments' && third !== undefined ? third : first;
}

const introduction = `Everything that Nightshift does can be asked for here; the dashboard and the command line use nothing else.

- Times are RFC 3339 in UTC with milliseconds, sizes are bytes, durations seconds.
- A request that is refused changes nothing. It has the status and the shape of \`Error\`: a stable \`code\` and one sentence that says what to do.
- Lists have \`items\` and \`next\`: give \`next\` as \`after\` (or \`before\`, in histories) to get the page that follows; it is null on the last one.
- A change answers when its effects are there: stopped is stopped. \`wait=false\` answers at once.
- Send a token as \`Authorization: Bearer TOKEN\`. A browser's session is a cookie; with it, what changes something needs the header \`${account.sessionHeader}\`.
- New fields may be added to answers: pass over what you don't know.`;

/** The whole document. @param version of Nightshift */
export function openApiDocument(version: string): Json {
  const components = new Components();
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, route] of Object.entries(routes as Record<string, Route>)) {
    const path = apiPrefix + route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(name, route, components) };
  }
  const error = components.of(errorBody, 'output');
  return {
    openapi: '3.1.0',
    info: { title: 'Nightshift', version, description: introduction, license: { name: 'MIT' } },
    servers: [{ url: '/', description: 'This daemon' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(components.schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      responses: {
        Refused: {
          description: 'It was refused, or went wrong; nothing was changed.',
          content: { 'application/json': { schema: error } },
        },
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of /tokens.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'nightshift',
          description: 'The cookie of a session (`__Host-nightshift` behind TLS), set by a log-in.',
        },
      },
    },
  };
}
