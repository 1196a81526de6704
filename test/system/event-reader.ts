/** Follows `GET /events` over the daemon's socket, as a browser does: by ids, and with the last one when it comes again. */
import { get as httpGet, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EventLog } from '../testkit/event-log.ts';

export interface SeenEvent {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it waits for.
  readonly data: any;
}

export class EventReader {
  readonly seen = new EventLog<SeenEvent>();
  readonly #response: IncomingMessage;
  /** The place up to which it has read. */
  lastId = '';

  private constructor(response: IncomingMessage) {
    this.#response = response;
    let fields: Record<string, string> = {};
    const lines = createInterface({ input: response });
    for (const each of [response, lines]) each.on('error', () => undefined); // the daemon is ended
    lines.on('line', (line) => {
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) fields[name] = value;
      if (line !== '') return;
      const { id, event, data } = fields;
      if (id !== undefined) this.lastId = id;
      if (id !== undefined && event !== undefined)
        this.seen.push({ id, event, data: JSON.parse(data ?? '{}') });
      fields = {};
    });
  }

  /** Resolves when the daemon has begun to answer. */
  static async follow(dataFolder: string, lastId?: string): Promise<EventReader> {
    const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
    const socketPath = join(dataFolder, 'nightshift.sock');
    return await new Promise((resolve, reject) => {
      const asked = httpGet({ socketPath, path: '/api/v1/events', headers }, (response) =>
        response.statusCode === 200
          ? resolve(new EventReader(response))
          : reject(new Error(`status ${response.statusCode}`)),
      );
      asked.on('error', reject);
    });
  }

  /** The first event of this name whose data have these values. */
  has(event: string, data: Record<string, unknown> = {}): Promise<SeenEvent> {
    const fits = (each: SeenEvent): boolean =>
      each.event === event && Object.entries(data).every(([name, value]) => each.data[name] === value);
    return this.seen.first(`the event "${event}" with ${JSON.stringify(data)}`, fits, 20_000);
  }

  close(): void {
    this.#response.destroy();
  }
}
