/** The parts of alerts, wired: who sees what is wrong, who is told, and who brings it. */
import type { EnvironmentWish, PlatformEvent } from '../platforms/platform.ts';
import { AlertBook } from './alert-book.ts';
import { AlertDispatcher } from './alert-dispatcher.ts';
import { AlertHeartbeat } from './alert-heartbeat.ts';
import { AlertPings } from './alert-pings.ts';
import { AlertWatch } from './alert-watch.ts';
import { Incidents } from './incidents.ts';
import type { ControlParts } from './parts.ts';

export class Alerts {
  readonly book: AlertBook;
  readonly dispatcher: AlertDispatcher;
  readonly incidents: Incidents;
  readonly #watch: AlertWatch;
  readonly #pings: AlertPings;
  readonly #heartbeat: AlertHeartbeat;

  constructor(parts: ControlParts) {
    this.book = new AlertBook(parts);
    this.dispatcher = new AlertDispatcher(parts, this.book);
    this.incidents = new Incidents(parts, this.book);
    this.incidents.onDeliveries = () => this.dispatcher.poke();
    this.#watch = new AlertWatch(parts, this.incidents);
    this.#pings = new AlertPings(parts, this.book, this.dispatcher);
    this.#heartbeat = new AlertHeartbeat(parts, this.book);
  }

  /** Reads what an earlier daemon has left; before the first wish. */
  async load(): Promise<void> {
    await Promise.all([this.incidents.load(), this.book.load()]);
  }

  /** From now on it looks and sends; when the platform has taken up what runs. */
  async start(): Promise<void> {
    await this.#watch.start();
    await this.#pings.start();
    this.dispatcher.start();
    this.#heartbeat.start();
  }

  wish(wish: EnvironmentWish): void {
    this.#watch.wish(wish);
  }

  hear(event: PlatformEvent): void {
    this.#watch.hear(event);
    this.#pings.hear(event);
  }

  /** The environment is gone, and what was kept of it. */
  async forget(environment: string): Promise<void> {
    this.#watch.forget(environment);
    await this.book.load();
  }

  close(): void {
    this.#watch.close();
    this.#heartbeat.close();
    this.dispatcher.close();
  }
}
