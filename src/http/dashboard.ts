/**
 * The dashboard's files, as Vite has built them. A file is served only when it stands in the list that was read from the
 * folder, so that no address leads out of it. Names below assets/ carry a hash of their content and never change.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';

const startPage = 'index.html';
/** A name that begins so holds a hash of the file. */
const hashedFolder = 'assets/';
const yearSeconds = 31_536_000;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** In order of preference, each beside the file itself. */
const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const;

/** What is shown where the dashboard was not built: by whoever runs a checkout. */
const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Nightshift</title>
<h1>Nightshift runs</h1>
<p>The dashboard of this checkout is not built yet. This builds it, then load this page again:</p>
<pre>script/web</pre>
<p>The command line and the <a href="/api/docs">API</a> work without it.</p>
</html>
`;

/** The part of the address that names a file or a page; undefined when it belongs to somebody else than the dashboard. */
export function dashboardPath(request: Pick<FastifyRequest, 'method' | 'url'>): string | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
  const [path = '/'] = request.url.split('?', 1);
  return /^\/(api|hooks|metrics|healthz)(\/|$)/.test(path) ? undefined : path;
}

export class Dashboard {
  readonly #folder: string;
  #files: ReadonlySet<string> = new Set();
  /** When the start page was written that the list belongs to; a new build is noticed by it. */
  #builtAt = 0;

  /** @param folder Vite's output; it may be missing, and may come later */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Answers a request for a file, or with the start page, which shows the page that the address names. */
  async serve(path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (!(await this.#look())) {
      return reply
        .header('cache-control', 'no-cache')
        .type('text/html; charset=utf-8')
        .send(request.method === 'HEAD' ? '' : notBuilt);
    }
    const asked = path.slice(1);
    if (this.#files.has(asked)) return await this.#send(asked, request, reply);
    // A piece of an older build: an answer that is no script would be worse than none.
    if (asked.startsWith(hashedFolder))
      return reply.code(404).type('text/plain').send('there is no such file\n');
    return await this.#send(startPage, request, reply);
  }

  async #send(file: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const accepted = String(request.headers['accept-encoding'] ?? '');
    const encoding = encodings.find(
      ({ name, suffix }) =>
        new RegExp(`\\b${name}\\b(?!;q=0(\\.0*)?(,|$))`).test(accepted) && this.#files.has(file + suffix),
    );
    const path = join(this.#folder, file + (encoding?.suffix ?? ''));
    const { size, mtimeMs } = await stat(path);
    const etag = `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}${encoding === undefined ? '' : `-${encoding.name}`}"`;
    reply
      .header('etag', etag)
      .header('vary', 'accept-encoding')
      .header(
        'cache-control',
        file.startsWith(hashedFolder) ? `public, max-age=${yearSeconds}, immutable` : 'no-cache',
      );
    if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(etag) === true)
      return reply.code(304).send();
    if (encoding !== undefined) reply.header('content-encoding', encoding.name);
    reply.type(contentTypes[extname(file)] ?? 'application/octet-stream');
    if (request.method === 'HEAD') return reply.header('content-length', size).send();
    return reply.send(await readFile(path));
  }

  /** Whether there is a build; its list is read again when it is another one than before. */
  async #look(): Promise<boolean> {
    const found = await stat(join(this.#folder, startPage)).catch(() => undefined);
    if (found === undefined) return false;
    if (found.mtimeMs !== this.#builtAt) {
      const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true });
      this.#files = new Set(
        entries
          .filter((entry) => entry.isFile())
          .map((entry) => relative(this.#folder, join(entry.parentPath, entry.name)).split(sep).join('/')),
      );
      this.#builtAt = found.mtimeMs;
    }
    return true;
  }
}
