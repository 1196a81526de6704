/** Holds every answer of a server under test to the OpenAPI document. */
import { Readable } from 'node:stream';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';
import { openApiDocument } from './open-api.ts';

interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Answer>> }>>>
  >;
  readonly components: { readonly responses: Readonly<Record<string, Answer>> };
}

/** The document as a server of this version serves it. */
export const documentUnderTest = openApiDocument('test') as unknown as Document & Record<string, unknown>;

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
(formats as unknown as (ajv: Ajv2020) => void)(ajv);
// What is no schema in the document, and what only describes.
for (const word of ['openapi', 'info', 'servers', 'security', 'paths', 'components', 'example'])
  ajv.addKeyword(word);
ajv.addSchema(documentUnderTest, 'document');

const validators = new Map<string, ValidateFunction>();

/** A validator of the schema at this place of the document. */
export function validatorAt(...place: readonly string[]): ValidateFunction {
  const pointer = place
    .map((each) => encodeURIComponent(each.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  const known = validators.get(pointer) ?? ajv.compile({ $ref: `document#/${pointer}` });
  validators.set(pointer, known);
  return known;
}

/** What the document says that an answer is not; null when it is as it says. */
export function differenceOf(
  method: string,
  path: string,
  status: number,
  type: string,
  body: unknown,
): string | null {
  const operation = documentUnderTest.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) return `${method} ${path} is not in the document`;
  const key = operation.responses[String(status)] === undefined ? 'default' : String(status);
  const answer = operation.responses[key];
  if (key === 'default' && status < 400) return `${method} ${path} is not documented to answer ${status}`;
  const place =
    answer?.$ref === undefined
      ? ['paths', path, method.toLowerCase(), 'responses', key]
      : answer.$ref.replace('#/', '').split('/');
  const resolved =
    answer?.$ref === undefined ? answer : documentUnderTest.components.responses[place.at(-1) ?? ''];
  if (body === undefined)
    return resolved?.content === undefined ? null : `${method} ${path} answers ${status} without its body`;
  if (resolved?.content?.[type] === undefined) return `${method} ${path} is not documented to answer ${type}`;
  const validate = validatorAt(...place, 'content', type, 'schema');
  return validate(body) ? null : `${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`;
}

/** From now on an answer of the API that is not as documented is an error of the test that asked. */
export function holdToDocument(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { url } = request.routeOptions;
    if (url === undefined || !url.startsWith('/api/v1/')) return payload;
    const type = String(reply.getHeader('content-type') ?? '').split(';', 1)[0] ?? '';
    // A file is a text of its own kind.
    const body: unknown =
      payload instanceof Readable
        ? ''
        : typeof payload === 'string' && payload !== ''
          ? JSON.parse(payload)
          : undefined;
    const path = url.replaceAll(/:(\w+)/g, '{$1}');
    const difference = differenceOf(request.method, path, reply.statusCode, type, body);
    if (difference !== null) throw new Error(`not as documented: ${difference}`);
    return payload;
  });
}
