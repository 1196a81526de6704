/** What browsers are told about every answer over TCP. */
import type { FastifyInstance } from 'fastify';
import { isSecure } from './cookie.ts';

/** Only our own scripts, styles, images and connections; inside nobody's frame. Decision 6 says how the dashboard lives with it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  // What says nothing else about itself is nobody's to keep: it may be a secret.
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** Browsers take these only from an address with TLS. A year; without subdomains, which may be somebody else's. */
const behindTls: Readonly<Record<string, string>> = {
  'strict-transport-security': 'max-age=31536000',
  'cross-origin-opener-policy': 'same-origin',
};

/** Set on the bare response before a route answers: streams that write their own head have them too, and a route may say otherwise. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const all = isSecure(request) ? { ...headers, ...behindTls } : headers;
    for (const [name, value] of Object.entries(all)) reply.raw.setHeader(name, value);
  });
}
