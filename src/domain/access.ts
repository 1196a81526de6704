import type { Role, TokenScope } from './account.ts';
import { Refusal } from './errors.ts';

/** Who asks, as far as rights go. */
export interface Identity {
  readonly role: Role;
  /** For members: the environments they see. */
  readonly environments?: readonly string[];
  /** What the token may do that it came with; absent: it came with none, and may do all that its role may. */
  readonly scope?: TokenScope;
  /** The name of that token, to be told in a refusal. */
  readonly token?: string;
}

/**
 * What can be asked of a whole machine or of what an environment is made of: for operators only.
 * Everything else can be done by whoever sees the environment.
 */
export const operatorActs = [
  'create environments',
  'remove environments',
  'begin or end a trial',
  'manage accounts',
  'manage members',
  'manage the alerts of the machine',
  'make backups',
] as const;
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
  if (identity.scope !== undefined && identity.scope !== 'operator') throw outOfScope(identity, act);
}

/** What a use case asks of a token: `secret` reads what could be used elsewhere, such as variables. */
export type Need = 'read' | 'secret' | 'write';

export function checkScope(identity: Identity, need: Need): void {
  if (need === 'read' || identity.scope !== 'read') return;
  throw outOfScope(identity, need === 'write' ? 'change anything' : 'read secrets');
}

const outOfScope = ({ token, scope }: Identity, act: string): Refusal =>
  new Refusal('access.scope', { token, scope, act });
