/** Unit files of systemd as systemd.syntax(7) has them. */
import type { Findings } from './imported.ts';
import { serviceDirectives, timerDirectives } from './systemd-directives.ts';

export interface UnitSetting {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  readonly line: number;
  /** Of the file that it stands in: the unit's own, or a drop-in. */
  readonly findings: Findings;
}

/** In their order: several of one name are several settings. What is neither section, setting nor comment is told. */
export function readUnit(text: string, findings: Findings): UnitSetting[] {
  const settings: UnitSetting[] = [];
  let section = '';
  let open: { text: string; line: number } | null = null;
  const take = ({ text: whole, line }: { text: string; line: number }): void => {
    const content = whole.trim();
    const header = /^\[([^\]]+)\]$/.exec(content);
    const at = content.indexOf('=');
    if (header !== null) section = header[1] as string;
    else if (at < 1 || section === '')
      findings.note(
        line,
        content,
        'left out',
        'it is neither a [Section] nor "Name=value": correct it and import again',
      );
    else
      settings.push({
        section,
        name: content.slice(0, at).trim(),
        value: content.slice(at + 1).trim(),
        line,
        findings,
      });
  };
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const content = raw.trim();
    // Comments may stand between lines that belong together.
    if (/^[#;]/.test(content) || (content === '' && open === null)) continue;
    const joined: { text: string; line: number } =
      open === null
        ? { text: content, line: index + 1 }
        : { text: `${open.text} ${content}`, line: open.line };
    if (joined.text.endsWith('\\')) open = { ...joined, text: joined.text.slice(0, -1) };
    else {
      open = null;
      take(joined);
    }
  }
  if (open !== null) take(open);
  return settings;
}

const isList = (name: string): boolean =>
  /^(Exec|On[A-Z]|(Pass|Unset)?Environment(File)?$)/.test(name) || !isSetting(name);
const isSetting = (name: string): boolean =>
  Object.hasOwn(serviceDirectives, name) || Object.hasOwn(timerDirectives, name);
/** An empty OnCalendar= takes back the timer's other times too. */
const listOf = (name: string): string => (/^On[A-Z]/.test(name) ? 'On' : name);

/**
 * The settings of services and timers that count when all is read, as systemd.syntax(7) has it: an empty value takes back what a list
 * holds so far, and of what is no list the last one counts. What does not count is told where it stands.
 */
export function inForce(settings: readonly UnitSetting[]): UnitSetting[] {
  let found: UnitSetting[] = [];
  for (const each of settings) {
    const { section, name, value } = each;
    const kind = listOf(name);
    const isOver = (before: UnitSetting): boolean =>
      before.section === section && listOf(before.name) === kind && (value === '' || !isList(name));
    if (section === 'Service' || section === 'Timer') {
      for (const before of found.filter(isOver)) tellOver(before, each);
      found = found.filter((before) => !isOver(before));
    }
    if (value !== '') found.push(each);
  }
  return found;
}

function tellOver({ name, value, line, findings }: UnitSetting, by: UnitSetting): void {
  const where = by.findings.file === findings.file ? `line ${by.line}` : `${by.findings.file}:${by.line}`;
  findings.note(line, `${name}=${value}`, 'not needed', `${where} takes its place, as in systemd`);
}

/** All values of a setting. */
export const valuesOf = (settings: readonly UnitSetting[], section: string, name: string): UnitSetting[] =>
  settings.filter((each) => each.section === section && each.name === name);

export const lastOf = (
  settings: readonly UnitSetting[],
  section: string,
  name: string,
): UnitSetting | undefined => valuesOf(settings, section, name).at(-1);

/** `5min 20s`, `1h`, `90`: seconds; undefined for what is no length of time. systemd.time(7). */
export function timeSpan(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (!/^(\d+(\.\d+)?\s*[A-Za-z]+\s*)+$/.test(trimmed)) return undefined;
  let seconds = 0;
  for (const [, amount, unit = ''] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([A-Za-z]+)/g)) {
    const length = unitSeconds(unit);
    if (length === undefined) return undefined;
    seconds += Number(amount) * length;
  }
  return seconds;
}

function unitSeconds(unit: string): number | undefined {
  if (/^(ms|msec)$/.test(unit)) return 0.001;
  if (/^(s|sec|seconds?)$/.test(unit)) return 1;
  if (/^(m|min|minutes?)$/.test(unit)) return 60;
  if (/^(h|hr|hours?)$/.test(unit)) return 3600;
  if (/^(d|days?)$/.test(unit)) return 86_400;
  if (/^(w|weeks?)$/.test(unit)) return 604_800;
  return undefined;
}
