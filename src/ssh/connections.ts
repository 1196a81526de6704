/**
 * The connections that stand: how many there may be, how long one may take to log in, and what ends one that goes too far.
 * They are our own sockets; ssh2 speaks the protocol on them.
 */
import type { Socket } from 'node:net';
import type { Connection } from 'ssh2';
import { limits } from '../domain/limits.ts';
import { Login } from './login.ts';
import type { LoginLimit } from './login-limit.ts';
import { placeOf } from './login-limit.ts';
import { serveSession } from './session.ts';
import type { SshParts } from './ssh-server.ts';
import { endsOfWrite, refuseForwarding } from './ssh2-internals.ts';

interface Standing {
  readonly socket: Socket;
  readonly place: string;
  login: Login | null;
  cancelPatience: () => void;
}

/** Answers that wait in a socket for a client that asks and does not read. */
const unreadBytesMost = 8 * 1024 * 1024;
/** What a client may send before it has logged in. */
const bytesBeforeLoginMost = 256 * 1024;
/** Sessions of one connection at once. */
const sessionsMost = 64;

export class Connections {
  readonly #parts: SshParts;
  readonly #limit: LoginLimit;
  readonly #all = new Map<string, Standing>();

  constructor(parts: SshParts, limit: LoginLimit) {
    this.#parts = parts;
    this.#limit = limit;
  }

  /** False: the connection is not to be spoken to, and is closed already. */
  take(socket: Socket): boolean {
    const { clock } = this.#parts;
    const { remoteAddress: address, remotePort: port } = socket;
    socket.on('error', () => socket.destroy());
    if (address === undefined || port === undefined || this.#limit.blocked(address, clock.monotonic())) {
      socket.destroy();
      return false;
    }
    const standing: Standing = {
      socket,
      place: placeOf(address),
      login: null,
      cancelPatience: () => undefined,
    };
    if (!this.#makeRoom(standing.place)) {
      socket.destroy();
      return false;
    }
    const key = keyOf(address, port);
    this.#all.set(key, standing);
    socket.setNoDelay(true);
    standing.cancelPatience = clock.after(limits.sshLoginSeconds * 1000, () => socket.destroy());
    socket.on('data', () => {
      const early = standing.login?.actor === undefined && socket.bytesRead > bytesBeforeLoginMost;
      if (early || socket.writableLength > unreadBytesMost) socket.destroy();
    });
    socket.once('close', () => {
      // Its port may be another connection's by now.
      if (this.#all.get(key) === standing) this.#all.delete(key);
      standing.cancelPatience();
      if (standing.login?.failed === true) this.#limit.failed(address, clock.monotonic());
    });
    return true;
  }

  /** The client has said that it speaks SSH. */
  speaks(connection: Connection, address: string, port: number): void {
    const standing = this.#all.get(keyOf(address, port));
    // One that has gone meanwhile has nobody to speak to.
    connection.on('error', () => standing?.socket.destroy());
    if (standing === undefined) return;
    const { socket } = standing;
    const login = new Login(this.#parts, this.#limit, address, () => socket.destroy());
    standing.login = login;
    connection.on('authentication', (context) => void login.attempt(context));
    connection.on('ready', () => {
      standing.cancelPatience();
      if (this.#isCrowded(login.environment)) socket.destroy();
      socket.setKeepAlive(true, this.#parts.keepaliveMs);
    });
    refuseForwarding(connection);
    const onEndOfWrite = endsOfWrite(connection);
    let open = 0;
    connection.on('session', (accept, reject) => {
      if (login.environment === null || open >= sessionsMost) {
        reject();
        return;
      }
      const session = accept();
      open++;
      session.once('close', () => open--);
      serveSession(
        this.#parts,
        { environment: login.environment, socket, onEndOfWrite, actor: () => login.actorNow() },
        session,
      );
    });
  }

  /** One environment leaves room for the others. */
  #isCrowded(environment: string | null): boolean {
    const there = [...this.#all.values()].filter((each) => each.login?.environment === environment);
    return there.length > limits.sshConnectionsPerEnvironment;
  }

  endAll(): void {
    for (const { socket } of this.#all.values()) socket.destroy();
  }

  /** Those that have not logged in are few, and fewer of one address; the oldest gives way to a new one. */
  #makeRoom(place: string): boolean {
    if (this.#all.size >= limits.sshConnections) return false;
    const strangers = [...this.#all.values()].filter((each) => each.login?.actor === undefined);
    const ofPlace = strangers.filter((each) => each.place === place);
    if (ofPlace.length >= limits.sshStrangersPerAddress) return false;
    if (strangers.length >= limits.sshStrangers) strangers[0]?.socket.destroy();
    return true;
  }
}

const keyOf = (address: string, port: number): string => `${address} ${port}`;
