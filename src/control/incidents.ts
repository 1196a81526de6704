import {
  type Incident,
  type IncidentKind,
  incidentKinds,
  over,
  type Sighting,
  sighted,
} from '../domain/incident.ts';
import type { ControlParts } from './parts.ts';

/** Open incidents read at once at the start. */
const pageSize = 1_000;

type Subject = Pick<Sighting, 'environment' | 'job' | 'kind'>;

const keyOf = ({ environment, job, kind }: Subject): string => JSON.stringify([environment, job, kind]);

/**
 * The incidents that are open, kept here and in the store. Each begins once and is over once, also across a restart; what
 * the store can't take now is kept, and written as soon as it can ({@link flush}).
 */
export class Incidents {
  readonly #parts: Pick<ControlParts, 'store' | 'clock' | 'newId' | 'onTrouble'>;
  readonly #open = new Map<string, Incident>();
  readonly #unsaved = new Map<string, Incident>();
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: Pick<ControlParts, 'store' | 'clock' | 'newId' | 'onTrouble'>) {
    this.#parts = parts;
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

  /** Something is wrong: begins an incident, or counts it towards the one that is open. */
  sight(sighting: Sighting): void {
    const { clock, newId, onTrouble } = this.#parts;
    const known = this.get(sighting);
    const incident = sighted(known, sighting, clock.wall(), known?.id ?? newId());
    this.#open.set(keyOf(incident), incident);
    this.#keep(incident);
    if (known === undefined) onTrouble(incident.environment, `${incident.kind}: ${incident.reason}`);
  }

  /** It is right again. Nothing happens when no such incident is open. */
  end(subject: Subject, why: string): void {
    const { clock, onTrouble } = this.#parts;
    const known = this.get(subject);
    if (known === undefined) return;
    this.#open.delete(keyOf(subject));
    this.#keep(over(known, why, clock.wall()));
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
    for (const [id, incident] of this.#unsaved)
      if (incident.environment === environment) this.#unsaved.delete(id);
  }

  /** Writes what is not written yet. Never rejects: what could not be written is tried with the next call. */
  async flush(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save());
    await this.#saving;
  }

  #keep(incident: Incident): void {
    this.#unsaved.set(incident.id, incident);
    void this.flush();
  }

  async #save(): Promise<void> {
    for (const [id, incident] of [...this.#unsaved]) {
      try {
        await this.#parts.store.saveIncident(incident);
      } catch {
        // The store's trouble is told by those who wait for it; this one is kept for the next time.
        return;
      }
      if (this.#unsaved.get(id) === incident) this.#unsaved.delete(id);
    }
  }
}
