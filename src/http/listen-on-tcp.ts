import type { FastifyInstance } from 'fastify';
import { type ListenAddress, listenFailure } from '../domain/listen-address.ts';

/**
 * Listens on TCP; closing `app` ends it.
 * @returns where it listens, with the port that the machine chose where 0 was asked for
 * @throws Refusal `listen.failed`
 */
export async function listenOnTcp(app: FastifyInstance, address: ListenAddress): Promise<ListenAddress> {
  try {
    await app.listen({ ...address, listenTextResolver: (at) => `the dashboard listens at ${at}` });
  } catch (thrown) {
    throw listenFailure(address, thrown, '--listen');
  }
  const bound = app.server.address();
  return { ...address, port: typeof bound === 'object' && bound !== null ? bound.port : address.port };
}
