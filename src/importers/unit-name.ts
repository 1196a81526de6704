/** Names of systemd's units, and what systemd puts in for them in what a unit says: systemd.unit(5), "Specifiers". */

/** `mails@eu.service` is the instance `eu` of the template `mails@.service`. */
export interface UnitName {
  /** `mails@eu` */
  readonly stem: string;
  /** `mails` */
  readonly prefix: string;
  /** `eu`; empty for the template itself, null for a unit that has no instances. */
  readonly instance: string | null;
  /** `service`; empty where a text came without a name, as from standard input. */
  readonly kind: string;
}

export function unitName(file: string): UnitName {
  const [, stem = 'service', kind = ''] = /([^/]+?)(?:\.([a-z]+))?$/.exec(file) ?? [];
  const at = stem.indexOf('@');
  return at === -1
    ? { stem, prefix: stem, instance: null, kind }
    : { stem, prefix: stem.slice(0, at), instance: stem.slice(at + 1), kind };
}

export const isTemplate = ({ instance }: UnitName): boolean => instance === '';

/** The text with what stands for the unit's name filled in; `unknown` is the first word that only systemd knows on its machine. */
export type FilledIn = { readonly text: string } | { readonly unknown: string };

/** `--queue=%i` of `mails@eu.service` → `--queue=eu`. */
export function fillIn(text: string, name: UnitName): FilledIn {
  let unknown: string | null = null;
  const filled = text.replaceAll(/%(\S)/g, (whole, letter: string) => {
    const value = letter === '%' ? '%' : nameSpecifier(letter, name);
    unknown ??= value === null ? whole : null;
    return value ?? whole;
  });
  return unknown === null ? { text: filled } : { unknown };
}

/** What the letter stands for; null where the name does not say it. */
function nameSpecifier(letter: string, name: UnitName): string | null {
  if (name.kind === '') return null;
  const lastPart = name.prefix.replace(/^.*-/, '');
  switch (letter) {
    case 'p':
      return name.prefix;
    case 'P':
      return unescaped(name.prefix);
    case 'j':
      return lastPart;
    case 'J':
      return unescaped(lastPart);
  }
  if (isTemplate(name)) return null;
  switch (letter) {
    case 'i':
      return name.instance ?? '';
    case 'I':
      return unescaped(name.instance ?? '');
    case 'n':
      return `${name.stem}.${name.kind}`;
    case 'N':
      return name.stem;
    default:
      return null;
  }
}

/** As systemd-escape writes names: `-` stands for a slash, `\x2d` for the byte of that number. */
function unescaped(text: string): string {
  const bytes = text
    .replaceAll('%', '%25')
    .replaceAll('-', '/')
    .replaceAll(/\\x([0-9a-f]{2})/g, '%$1');
  try {
    const plain = decodeURIComponent(bytes);
    return /\p{Cc}/u.test(plain) ? text : plain;
  } catch {
    // Bytes that are no text.
    return text;
  }
}
