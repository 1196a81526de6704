/** How far downloads of logs are, by the id that their readers chose: for who wants to see it while the bytes come. */
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { ReadProgress } from '../logs/log-store.ts';

export interface LogDownloadView extends ReadProgress {
  readonly ended: boolean;
}

export class LogDownloads {
  /** The one that began last stands last; an id that is used again means the later one. */
  readonly #known = new Map<string, LogDownloadView>();

  begin(
    environment: string,
    id: string,
  ): { readonly progress: (progress: ReadProgress) => void; readonly end: () => void } {
    const key = keyOf(environment, id);
    let view: LogDownloadView = { bytesRead: 0, bytesToRead: 0, ended: false };
    const note = (now: LogDownloadView): void => {
      if (this.#known.get(key) === view) this.#known.set(key, now);
      view = now;
    };
    this.#known.delete(key);
    this.#known.set(key, view);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= limits.logDownloadsNoted) break;
      this.#known.delete(oldest);
    }
    return {
      progress: ({ bytesRead, bytesToRead }) => note({ bytesRead, bytesToRead, ended: false }),
      end: () => note({ ...view, ended: true }),
    };
  }

  /** Throws {@link Refusal} `download.unknown`. */
  of(environment: string, id: string): LogDownloadView {
    const view = this.#known.get(keyOf(environment, id));
    if (view === undefined) throw new Refusal('download.unknown', { environment, download: id });
    return view;
  }
}

const keyOf = (environment: string, id: string): string => `${environment}/${id}`;
