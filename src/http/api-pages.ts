/** What describes the API to programs (`/api/openapi.json`) and to people (`/api/docs`). Both are for everybody: they hold no secret. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { docsPage, docsStyle } from './docs-page.ts';
import { openApiDocument } from './open-api.ts';

interface Page {
  readonly type: string;
  readonly text: string;
  readonly etag: string;
}

const pageOf = (type: string, text: string): Page => ({
  type,
  text,
  etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`,
});

/** @param version of Nightshift */
export function registerApiPages(app: FastifyInstance, version: string): void {
  // Made when somebody asks for the first time: most starts of the daemon serve nobody's curiosity.
  const made = new Map<string, Page>();
  const page = (path: string, make: () => Page): void => {
    app.get(path, async (request, reply) => {
      const found = made.get(path) ?? make();
      made.set(path, found);
      return await send(found, request, reply);
    });
  };
  page('/api/openapi.json', () =>
    pageOf('application/json; charset=utf-8', JSON.stringify(openApiDocument(version))),
  );
  page('/api/docs', () => pageOf('text/html; charset=utf-8', docsPage(openApiDocument(version))));
  page('/api/docs.css', () => pageOf('text/css; charset=utf-8', docsStyle));
}

async function send(
  { type, text, etag }: Page,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  reply.header('etag', etag).header('cache-control', 'no-cache');
  if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(etag) === true)
    return reply.code(304).send();
  return reply.type(type).send(text);
}
