/** INI files as supervisord reads them: Python's RawConfigParser with `;` and `#` as comments, also behind a blank on the line. */
import type { Findings } from './imported.ts';

export interface IniOption {
  readonly name: string;
  /** Lines of a value that goes on are joined by line ends. */
  readonly value: string;
  readonly line: number;
}

export interface IniSection {
  readonly name: string;
  readonly line: number;
  /** By name, in lower case; of two with one name the last counts. */
  readonly options: Map<string, IniOption>;
}

/** Sections in their order; those of one name are one. What is no section, option or comment is told. */
export function readIni(text: string, findings: Findings): IniSection[] {
  const sections = new Map<string, IniSection>();
  let section: IniSection | null = null;
  let option: { name: string; lines: string[]; line: number; indent: number } | null = null;
  const finish = (): void => {
    if (option === null || section === null) return;
    const { name, lines, line } = option;
    section.options.set(name, { name, value: lines.join('\n').trimEnd(), line });
    option = null;
  };
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    const content = withoutComment(raw);
    if (content.trim() === '') {
      // A comment of its own leaves a value open; an empty line may stand within one.
      if (option !== null && raw.trim() === '') option.lines.push('');
      continue;
    }
    const indent = content.length - content.trimStart().length;
    if (option !== null && indent > option.indent) {
      option.lines.push(content.trim());
      continue;
    }
    finish();
    const header = /^\s*\[([^\]]+)\]/.exec(content);
    if (header !== null) {
      const name = (header[1] as string).trim();
      section = sections.get(name) ?? { name, line, options: new Map() };
      sections.set(name, section);
      continue;
    }
    const at = content.search(/[=:]/);
    const name = content.slice(0, Math.max(at, 0)).trim().toLowerCase();
    if (section === null || name === '') findings.note(line, content, 'left out', notIni(section));
    else option = { name, lines: [content.slice(at + 1).trim()], line, indent };
  }
  finish();
  return [...sections.values()];
}

const notIni = (section: IniSection | null): string =>
  section === null
    ? 'it stands before the first [section]: put it below one'
    : 'it is neither a [section] nor "name = value": correct it and import again';

/** A comment begins with the line, or behind a blank. */
function withoutComment(line: string): string {
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (
      (character === ';' || character === '#') &&
      (line.slice(0, at).trim() === '' || /\s/.test(line[at - 1] ?? ''))
    )
      return line.slice(0, at).trimEnd();
  }
  return line.trimEnd();
}
