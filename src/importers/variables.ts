/** Variables that files set for their jobs. Here they belong to the environment, so that all of its jobs have the same. */
import { limits } from '../domain/limits.ts';
import type { Findings } from './imported.ts';
import { shellWord } from './shell-text.ts';

/** What one job was given: name and value, with the line that says so. */
export interface JobVariables {
  readonly values: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
}

/**
 * What all jobs have alike becomes a variable of the environment; what differs stands before the command.
 * @param sets one for each job, in their order
 */
export function shareVariables(sets: readonly JobVariables[]): {
  readonly shared: Readonly<Record<string, string>>;
  /** Of each job: what has to stand before its command. */
  readonly own: readonly (readonly (readonly [string, string])[])[];
} {
  const shared: Record<string, string> = {};
  const [first] = sets;
  for (const [name, { value }] of first?.values ?? [])
    if (sets.every((each) => each.values.get(name)?.value === value)) shared[name] = value;
  const own = sets.map(({ values }) =>
    [...values]
      .filter(([name]) => !Object.hasOwn(shared, name))
      .map(([name, { value }]) => [name, value] as const),
  );
  return { shared, own };
}

/** Whether it can be a variable; says why not. */
export function usableVariable(name: string, value: string, findings: Findings, line: number): boolean {
  const wrong =
    name.length > limits.variableNameCharacters || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
      ? 'it is not a name for a variable'
      : name.startsWith('NIGHTSHIFT_')
        ? 'Nightshift sets such names itself'
        : value.length > limits.variableValueCharacters || value.includes('\0')
          ? `its value is longer than ${limits.variableValueCharacters} characters or holds a NUL`
          : null;
  if (wrong !== null) findings.note(line, name, 'left out', `${wrong}: give it another name in the app`);
  return wrong === null;
}

/** The command with variables of its own. */
export function withVariables(
  command: string,
  own: readonly (readonly [string, string])[],
  simple: boolean,
): string {
  if (own.length === 0) return command;
  const words = own.map(([name, value]) => `${name}=${shellWord(value)}`).join(' ');
  return simple ? `${words} ${command}` : `export ${words}; ${command}`;
}
