/** One thing that `install` and `uninstall` do, or find done, as it is told. */
export interface Deed {
  /** `wrote /etc/…`; `would write /etc/…` where nothing is to be done. */
  readonly sentence: string;
  /** False for what was as it should be already, and for notes. */
  readonly changed: boolean;
}

export type Tell = (deed: Deed) => void;

/** Carries out what it is given and tells it, or only tells it. */
export class Doer {
  readonly #tell: Tell;
  readonly #dryRun: boolean;

  constructor(tell: Tell, dryRun: boolean) {
    this.#tell = tell;
    this.#dryRun = dryRun;
  }

  get isDry(): boolean {
    return this.#dryRun;
  }

  /** @param infinitive,past the deed in both forms: `write X`, `wrote X` */
  async change(infinitive: string, past: string, act: () => Promise<unknown>): Promise<void> {
    if (!this.#dryRun) await act();
    this.#tell({ sentence: this.#dryRun ? `would ${infinitive}` : past, changed: true });
  }

  note(sentence: string): void {
    this.#tell({ sentence, changed: false });
  }
}
