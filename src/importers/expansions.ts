/** supervisord's `%(name)s`: Python's formatting by name. */
import { variable } from './shell-text.ts';

export type Expansions = Readonly<Record<string, string | number>>;

export interface Expanded {
  readonly text: string;
  /** Names of variables of supervisord's own surroundings that it uses. */
  readonly variables: readonly string[];
  /** The first expansion that can't be known here. */
  readonly unknown: string | null;
}

/** `%(process_num)02d`, `%(ENV_HOME)s`, `%%`. A variable becomes one that the shell puts in. */
export function expand(text: string, values: Expansions): Expanded {
  const variables: string[] = [];
  let unknown: string | null = null;
  const expanded = text.replaceAll(
    /%(?:%|\(([^)]*)\)(?:(0?)(\d{0,2}))([sd]))/g,
    (whole, name?: string, zero?: string, width?: string) => {
      if (name === undefined) return '%';
      const environment = /^ENV_([A-Za-z_][A-Za-z0-9_]*)$/.exec(name)?.[1];
      if (environment !== undefined) {
        variables.push(environment);
        return variable(environment);
      }
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) {
        unknown ??= whole;
        return whole;
      }
      return String(value).padStart(Number(width || 0), zero === '0' ? '0' : ' ');
    },
  );
  return { text: expanded, variables, unknown };
}
