/** What must hold in every simulated life of the scheduler, whatever crashes and whichever clock is set. */
export const invariants = {
  'accounted-once': 'every due time of every cron is in the ledger exactly once: ran, skipped or missed',
  'at-most-once': 'no due time begins two runs; what ran or was skipped in its time is never told again',
  'known-due-time':
    'what begins or is accounted for is a due time of the cron, not before it counts, and stretches are counted rightly',
  'not-before': 'nothing begins before it is due, nor before the machine is taken up',
  'not-late': 'what begins by its schedule begins within a minute; what comes later is caught up or missed',
  'catch-up-as-wished':
    'only crons that wish it are caught up: the latest once, or all, never beyond the maximum age',
  'max-instances': 'no cron has more open runs than its max instances when one begins',
  'held-back': 'a cron that is held begins nothing',
  'no-flood': 'the effects of one event are bounded, however long the gap before it',
  'no-spin': 'after a tick that served everything, the wake lies in the future',
  'no-stall': 'between now and what a cron says is next, there is no due time that is not accounted for',
} as const;

export type Invariant = keyof typeof invariants;

export class Violation extends Error {
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant}: ${detail} (${invariants[invariant]})`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

/** Throws a Violation unless the condition holds; the detail is made only then. */
export function holds(condition: boolean, invariant: Invariant, detail: () => string): void {
  if (!condition) throw new Violation(invariant, detail());
}
