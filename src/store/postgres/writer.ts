/**
 * The one connection that writes: it is made anew when it was lost. With `alone` it holds a lock for as long as it lives, so that
 * no two daemons that act write to one database.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { Refusal } from '../../domain/errors.ts';
import { Session } from './session.ts';
import { locks, type Target } from './target.ts';

/** A daemon that was killed lets go at once, one whose machine is lost when the server notices; ms. */
const waitForOthersMs = 10_000;
const askAgainMs = 200;

interface Connection {
  readonly client: Client;
  readonly session: Session;
}

export class Writer {
  readonly #target: Target;
  readonly #alone: boolean;
  /** Tells our own earlier connection from that of another daemon. */
  readonly #application = `nightshift ${randomUUID().slice(0, 8)}`;
  #connection: Connection | undefined;
  /** From then on others ask again by themselves: nobody waits here. */
  #wasAlone = false;

  constructor(target: Target, alone: boolean) {
    this.#target = target;
    this.#alone = alone;
  }

  /** Rejects with what PostgreSQL or the system says, or with Refusal `store.taken`. */
  async session(): Promise<Session> {
    if (this.#connection?.session.broken === false) return this.#connection.session;
    await this.close();
    const connection = await this.#connect();
    try {
      if (this.#alone) await this.#beAlone(connection.session);
    } catch (error) {
      await end(connection.client);
      throw error;
    }
    this.#connection = connection;
    return connection.session;
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) await end(connection.client);
  }

  async #connect(): Promise<Connection> {
    const client = new Client({ ...this.#target.config, application_name: this.#application });
    const session = new Session(client, this.#target.name);
    try {
      await client.connect();
      return { client, session };
    } catch (error) {
      await end(client);
      throw error;
    }
  }

  async #beAlone(session: Session): Promise<void> {
    // The way to the server may have been lost, and the server not know it yet.
    await session.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = '${this.#application}' AND pid <> pg_backend_pid()`);
    for (let waited = 0; ; waited += askAgainMs) {
      const [row] = await session.rows(`SELECT pg_try_advisory_lock(${locks.alone}) AS taken`);
      if (row?.taken === true) {
        this.#wasAlone = true;
        return;
      }
      if (this.#wasAlone || waited >= waitForOthersMs)
        throw new Refusal('store.taken', { name: session.name });
      await delay(askAgainMs);
    }
  }
}

/** It may be lost already. */
const end = (client: Client): Promise<void> => client.end().catch(() => undefined);
