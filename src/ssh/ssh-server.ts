/**
 * The way in over SSH. The user name is the environment, the key says who comes; what they may do is decided in `control`.
 * It serves commands and git, and nothing else of what SSH can do: no shell, no files, no forwarding.
 */
import { createServer, type Socket } from 'node:net';
import type { Logger } from 'pino';
import ssh2 from 'ssh2';
import type { Control } from '../control/control.ts';
import type { Clock } from '../domain/clock.ts';
import { type ListenAddress, listenFailure } from '../domain/listen-address.ts';
import { algorithms } from './algorithms.ts';
import { Connections } from './connections.ts';
import type { GitService } from './git-service.ts';
import type { HostKey } from './host-key.ts';
import { LoginLimit } from './login-limit.ts';
import { SessionCounts } from './session-counts.ts';
import { identity } from './ssh2-internals.ts';

export interface SshServerOptions {
  readonly control: Control;
  readonly log: Logger;
  readonly clock: Clock;
  readonly hostKey: HostKey;
  /** What the machine is called, for people. */
  readonly hostName: string;
  /** Clients wait until it resolves. */
  readonly ready: Promise<void>;
  /** Serves git; without it, git is refused with a sentence. */
  readonly gitService?: GitService;
  /** A client that is silent for so long is asked whether it is there; after three times without an answer it counts as gone. */
  readonly keepaliveMs: number;
}

/** What sessions share. */
export interface SshParts extends SshServerOptions {
  readonly counts: SessionCounts;
}

export interface SshServer {
  /** Where it listens. */
  readonly address: ListenAddress;
  /** Ends all connections, and what runs on them; closing twice is closing once. */
  close(): Promise<void>;
}

/** So many unanswered questions, and the client counts as gone. */
const keepaliveTimes = 3;

/** Rejects with Refusal `listen.failed`. */
export async function startSshServer(options: SshServerOptions, address: ListenAddress): Promise<SshServer> {
  const { hostKey, hostName, log } = options;
  const parts: SshParts = { ...options, counts: new SessionCounts() };
  const protocol = new ssh2.Server({
    hostKeys: [hostKey.privateKey],
    // ssh2 takes lists that may be changed.
    algorithms: {
      kex: [...algorithms.kex],
      serverHostKey: [...algorithms.serverHostKey],
      cipher: [...algorithms.cipher],
      hmac: [...algorithms.hmac],
      compress: [...algorithms.compress],
    },
    ident: identity,
    banner: `Nightshift on ${hostName}\n`,
    keepaliveInterval: options.keepaliveMs,
    keepaliveCountMax: keepaliveTimes,
  });
  const connections = new Connections(parts, new LoginLimit());
  protocol.on('connection', (connection, { ip, port }) => connections.speaks(connection, ip, port));
  const server = createServer((socket: Socket) => {
    if (!connections.take(socket)) return;
    void options.ready.then(() => {
      if (!socket.destroyed) protocol.injectSocket(socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...address }, resolve);
  }).catch((error: unknown) => {
    throw listenFailure(address, error, '--ssh');
  });
  server.on('error', (err) => log.error({ err }, 'the SSH server had trouble with a connection'));
  let closed: Promise<void> | undefined;
  const bound = server.address();
  return {
    address: {
      host: address.host,
      port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
    },
    close: () => {
      closed ??= new Promise((resolve) => server.close(() => resolve()));
      connections.endAll();
      return closed;
    },
  };
}
