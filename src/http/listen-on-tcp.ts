import type { FastifyInstance } from 'fastify';
import { Refusal } from '../domain/errors.ts';
import { formatListenAddress, type ListenAddress } from '../domain/listen-address.ts';

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'ports below 1024 need root',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such host',
};

/**
 * Listens on TCP; closing `app` ends it.
 * @returns where it listens, with the port that the machine chose where 0 was asked for
 * @throws Refusal `listen.failed`
 */
export async function listenOnTcp(app: FastifyInstance, address: ListenAddress): Promise<ListenAddress> {
  try {
    await app.listen({ ...address, listenTextResolver: (at) => `the dashboard listens at ${at}` });
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    const why = reasons[code ?? ''] ?? code ?? message;
    throw new Refusal(
      'listen.failed',
      { address: formatListenAddress(address), why, option: '--listen' },
      { cause: thrown },
    );
  }
  const bound = app.server.address();
  return { ...address, port: typeof bound === 'object' && bound !== null ? bound.port : address.port };
}
