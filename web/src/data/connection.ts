/**
 * How this page hears of changes: `live` by the stream of events, `polling` where the daemon has none, `lost` when it does not
 * answer. The thin bar on top and the pace of reading follow from it.
 */
export type ConnectionState = 'connecting' | 'live' | 'polling' | 'lost';

type Listener = () => void;

export class Connection {
  #state: ConnectionState = 'connecting';
  readonly #listeners = new Set<Listener>();

  readonly state = (): ConnectionState => this.#state;

  become(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const each of this.#listeners) each();
  }

  readonly listen = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export const connection = new Connection();
