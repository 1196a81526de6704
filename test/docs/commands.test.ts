import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { makeProgram } from '../../src/cli/program.ts';
import { inlineCode, pages, shellLines } from './pages.ts';

/** The words of a command, as far as one simple command of the documentation goes: quotes, comments, what is piped or redirected. */
function words(line: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] as string;
    if (character === "'" || character === '"') {
      const end = line.indexOf(character, at + 1);
      word = (word ?? '') + line.slice(at + 1, end);
      at = end;
    } else if (/[\s]/.test(character)) {
      if (word !== null) found.push(word);
      word = null;
    } else if (/[|>&;<]/.test(character) || (character === '#' && word === null)) break;
    else word = (word ?? '') + character;
  }
  return word === null ? found : [...found, word];
}

/** What follows the name of our program in a line, or null where it is about something else. */
function ownWords(line: string): string[] | null {
  const match = /^\s*(?:\$ )?(?:sudo )?(?:bin\/)?nightshift (.*)$/.exec(line);
  if (match === null) return null;
  return words(match[1] as string);
}

/** The sentence that a person would get for this command, or null when it is understood. */
async function misunderstood(argv: readonly string[]): Promise<string | null> {
  const quiet = { writeOut: () => undefined, writeErr: () => undefined };
  const runner = { now: 0, run: async () => undefined };
  const program = makeProgram(runner, '', (each) => each.exitOverride().configureOutput(quiet));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return null;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code === 'commander.helpDisplayed' || code === 'commander.version' ? null : message;
  }
}

/** The commands that the words name, as far as they name any: `user add`. */
function named(argv: readonly string[]): boolean {
  let command: Command | undefined = makeProgram({ now: 0, run: async () => undefined }, '', () => undefined);
  for (const word of argv) {
    if (command.commands.length === 0 || /^(-|\[|…|COMMAND)/.test(word)) return true;
    command = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (command === undefined) return false;
  }
  return true;
}

describe.each(pages)('%s', (page) => {
  test('gives commands that the command line understands', async () => {
    const wrong: string[] = [];
    for (const { where, text } of shellLines(page)) {
      const argv = ownWords(text);
      const why = argv === null ? null : await misunderstood(argv);
      if (why !== null) wrong.push(`${where}: ${text.trim()}: ${why}`);
    }
    expect(wrong).toEqual([]);
  });

  test('speaks of commands that there are', () => {
    const wrong = inlineCode(page).filter(({ text }) => {
      const match = /^(?:bin\/)?nightshift (.+)$/.exec(text);
      return (
        match !== null && !named(words(match[1] as string).flatMap((word) => word.split('|').slice(0, 1)))
      );
    });
    expect(wrong.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
  });
});
