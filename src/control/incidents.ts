import type { NewDelivery } from '../domain/alert.ts';
import {
  type Incident,
  type IncidentKind,
  incidentKinds,
  over,
  type Sighting,
  sighted,
} from '../domain/incident.ts';
import type { AlertBook } from './alert-book.ts';
import type { ControlParts } from './parts.ts';

/** Open incidents read at once at the start. */
const pageSize = 1_000;

type Subject = Pick<Sighting, 'environment' | 'job' | 'kind'>;
type Parts = Pick<ControlParts, 'store' | 'clock' | 'newId' | 'onTrouble'>;

const keyOf = ({ environment, job, kind }: Subject): string => JSON.stringify([environment, job, kind]);

/** An incident as it is to be kept, with what is kept in the same step. */
interface Unsaved {
  readonly incident: Incident;
  readonly deliveries: readonly NewDelivery[];
  readonly judged: readonly string[];
}

/**
 * The incidents that are open, kept here and in the store. Each begins once and is over once, also across a restart; what
 * the store can't take now is kept, and written as soon as it can ({@link flush}). What is to be sent of an incident is kept in
 * the same step with it: a crash can't come between the two.
 */
export class Incidents {
  /** Hears that deliveries were kept. */
  onDeliveries: () => void = () => undefined;
  readonly #parts: Parts;
  readonly #book: Pick<AlertBook, 'deliveriesOf'>;
  readonly #open = new Map<string, Incident>();
  readonly #unsaved = new Map<string, Unsaved>();
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: Parts, book: Pick<AlertBook, 'deliveriesOf'>) {
    this.#parts = parts;
    this.#book = book;
  }

  /** Reads those that an earlier daemon left open. */
  async load(): Promise<void> {
    for (let before: string | undefined; ; ) {
      const filter = { open: true, limit: pageSize, ...(before === undefined ? {} : { before }) };
      const page = await this.#parts.store.incidents(filter);
      for (const incident of page) this.#open.set(keyOf(incident), incident);
      before = page.at(-1)?.id;
      if (page.length < pageSize) return;
    }
  }

  /** Those of an environment that are not over, oldest first; null: those of the machine. */
  openOf(environment: string | null): Incident[] {
    return [...this.#open.values()]
      .filter((incident) => incident.environment === environment)
      .sort((a, b) => a.beganAt - b.beganAt);
  }

  /** Of all environments and the machine, those of these kinds. */
  openOfKinds(kinds: readonly IncidentKind[]): Incident[] {
    return [...this.#open.values()].filter(({ kind }) => kinds.includes(kind));
  }

  /** How many are open of each kind, of these environments; null is the machine. */
  openByKind(environments: readonly (string | null)[]): ReadonlyMap<IncidentKind, number> {
    const known = new Set(environments);
    const counts = new Map<IncidentKind, number>(incidentKinds.map((kind) => [kind, 0]));
    for (const { environment, kind } of this.#open.values())
      if (known.has(environment)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return counts;
  }

  get(subject: Subject): Incident | undefined {
    return this.#open.get(keyOf(subject));
  }

  /**
   * Something is wrong: begins an incident, or counts it towards the one that is open.
   * @param judged the run whose end this is about: it needs no other look
   */
  sight(sighting: Sighting, judged?: string): void {
    const { clock, newId, onTrouble } = this.#parts;
    const known = this.get(sighting);
    const incident = sighted(known, sighting, clock.wall(), known?.id ?? newId());
    this.#open.set(keyOf(incident), incident);
    this.#keep(known, incident, judged === undefined ? [] : [judged]);
    if (known === undefined) onTrouble(incident.environment, `${incident.kind}: ${incident.reason}`);
  }

  /** It is right again. Nothing happens when no such incident is open. */
  end(subject: Subject, why: string): void {
    const { clock, onTrouble } = this.#parts;
    const known = this.get(subject);
    if (known === undefined) return;
    this.#open.delete(keyOf(subject));
    this.#keep(known, over(known, why, clock.wall()), []);
    onTrouble(known.environment, `${known.kind} is over: ${why}`);
  }

  /** Everything about a job, or about an environment, is over. */
  endAll(environment: string, job: string | null, why: string, kinds?: readonly IncidentKind[]): void {
    for (const incident of this.openOf(environment)) {
      if (job !== null && incident.job !== job) continue;
      if (kinds === undefined || kinds.includes(incident.kind)) this.end(incident, why);
    }
  }

  /** The environment is gone, and its incidents with it. */
  forget(environment: string): void {
    for (const [key, incident] of this.#open)
      if (incident.environment === environment) this.#open.delete(key);
    for (const [id, { incident }] of this.#unsaved)
      if (incident.environment === environment) this.#unsaved.delete(id);
  }

  /** Writes what is not written yet. Never rejects: what could not be written is tried with the next call. */
  async flush(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save());
    await this.#saving;
  }

  #keep(before: Incident | undefined, incident: Incident, judged: readonly string[]): void {
    const waiting = this.#unsaved.get(incident.id);
    this.#unsaved.set(incident.id, {
      incident,
      deliveries: [...(waiting?.deliveries ?? []), ...this.#book.deliveriesOf(before, incident)],
      judged: [...(waiting?.judged ?? []), ...judged],
    });
    void this.flush();
  }

  async #save(): Promise<void> {
    for (const [id, unsaved] of [...this.#unsaved]) {
      const { incident, deliveries, judged } = unsaved;
      try {
        await this.#parts.store.saveIncident(incident, { deliveries, judged });
      } catch {
        // The store's trouble is told by those who wait for it; this one is kept for the next time.
        return;
      }
      if (this.#unsaved.get(id) === unsaved) this.#unsaved.delete(id);
      if (deliveries.length > 0) this.onDeliveries();
    }
  }
}
