/** A backup as the body of an answer. Where it breaks off, so does the connection: half a backup is none. */
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Actor, Control } from '../control/control.ts';

export async function backupOf(
  control: Control,
  reply: FastifyReply,
  actor: Actor,
  passphrase: string | null,
): Promise<Readable> {
  const stream = await control.backup(actor, passphrase);
  reply.type('application/gzip').header('cache-control', 'no-store');
  return stream;
}
