import { Refusal } from './errors.ts';

/** Who asks, as far as rights go. */
export interface Identity {
  readonly role: 'operator' | 'member';
  /** For members: the environments they see. */
  readonly environments?: readonly string[];
}

/**
 * What can be asked of a whole machine or of what an environment is made of: for operators only.
 * Everything else can be done by whoever sees the environment.
 */
export const operatorActs = ['create environments', 'remove environments', 'begin or end a trial'] as const;
export type OperatorAct = (typeof operatorActs)[number];

/** Operators see every environment, members their own. */
export const sees = (identity: Identity, environment: string): boolean =>
  identity.role === 'operator' || (identity.environments ?? []).includes(environment);

/** Refuses an environment that is not seen in the words of one that does not exist: names are not given away. */
export function checkSees(identity: Identity, environment: string): void {
  if (!sees(identity, environment)) throw new Refusal('environment.unknown', { environment });
}

export function checkOperator(identity: Identity, act: OperatorAct): void {
  if (identity.role !== 'operator') throw new Refusal('access.denied', { act });
}
