/** Names for jobs, made from what the files have: letters, digits, ".", "_" and "-", and none twice. */
import { limits } from '../domain/limits.ts';

/** Names that are made of a sentence or of a command end after so many characters, where a word ends. */
const madeCharacters = 40;

/** A name that is allowed, as near as possible to the one that is given; empty where nothing of it can stand. */
const allowedName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .replace(/[-._]+$/, '')
    .slice(0, limits.jobNameCharacters);

/** `Rotate the logs` → `rotate-the-logs`. */
export function nameOfWords(text: string): string {
  const whole = allowedName(text.toLowerCase().replaceAll(/['’]/g, ''));
  if (whole.length <= madeCharacters) return whole;
  const cut = whole.slice(0, madeCharacters + 1);
  return allowedName(cut.slice(0, Math.max(cut.lastIndexOf('-'), 1)));
}

/** What runs other programs, and says nothing of what a job does. */
const runners =
  /^(sudo|exec|env|nice|ionice|nohup|time|php\d*(\.\d+)?|python\d*(\.\d+)?|ruby|node|perl|sh|bash|dash|bundle|npm|npx|yarn|poetry|uv|run|artisan|console|rake|manage\.py|run-parts|test|root|cd|flock|timeout|chronic)$/;

/** `php bin/console app:send-mails --all` → `app-send-mails`. */
export function nameOfCommand(command: string): string {
  const parts = command.split(/\s*(?:&&|\|\||[;|{}()])\s*/).reverse();
  for (const word of parts.flatMap((part) => part.split(/\s+/))) {
    const base = word.replace(/^.*\//, '').replaceAll(/['"]/g, '');
    if (base === '' || /^[-<>&$]|=|^\d+$/.test(base) || runners.test(base)) continue;
    const name = nameOfWords(base.replace(/\.(sh|php|py|rb|js|mjs|ts|pl)$/, ''));
    if (name !== '') return name;
  }
  return '';
}

/** Hands out names, each once: the second `mails` is `mails-2`. */
export class JobNames {
  readonly #taken = new Set<string>();

  /** @param fallback where nothing of the name can stand */
  take(wanted: string, fallback: string): string {
    const name = allowedName(wanted) || fallback;
    for (let count = 1; ; count++) {
      const ending = count === 1 ? '' : `-${count}`;
      const tried = name.slice(0, limits.jobNameCharacters - ending.length) + ending;
      if (this.#taken.has(tried)) continue;
      this.#taken.add(tried);
      return tried;
    }
  }
}
