/** The reference page of the command line, made from the commands themselves: `node src/cli/reference.ts` writes it. */
import type { Command, Option } from 'commander';
import { makeProgram } from './program.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

export function cliPage(): string {
  const program = makeProgram({ now: 0, run: async () => undefined }, '', () => undefined);
  return `<!-- Made from src/cli/definitions by src/cli/reference.ts: change it there. -->

# The command line

\`nightshift\` speaks to the daemon over the socket in its data folder: \`--data DIR\`, else \`NIGHTSHIFT_DATA\`, else
\`/var/lib/nightshift\` for root and \`~/.local/state/nightshift\` for others. \`serve\`, \`install\`, \`uninstall\`, \`doctor\`,
\`crontab\`, \`completion\`, \`version\` and \`help\` need no daemon.

Exit code: 0; 1 refused or failed, with one line on standard error that says what to do; 2 wrong usage. \`exec\` ends as its
command does: with its exit code, or with 128 + n for signal n. Commands that change something return when it is
done. What can't be undone asks on a terminal, and wants \`--yes\` elsewhere.

These options may stand anywhere before a \`--\`:

${optionsTable(program.options)}
With \`--json\`, lists are arrays; times are RFC 3339 in UTC, sizes bytes, durations seconds. Stable fields:

| command | fields |
| --- | --- |
${stableFields.map(([command, fields]) => `| \`${command}\` | ${fields} |`).join('\n')}

${program.commands.flatMap(sections).join('\n')}`;
}

const stableFields = [
  [
    'jobs',
    'name, type, status, state, running, fails, exitsOk, restarts, durationAvgSeconds, durationMaxSeconds, memoryAvgBytes, memoryMaxBytes',
  ],
  [
    'job show',
    'those of `jobs`, and command, exitSignal, exitTimeoutSeconds, instances, interval, crontab, timezone, maxRuntimeSeconds, maxInstances',
  ],
  [
    'runs',
    'newest first: id, job, trigger, dueAt, startedAt, endedAt, exitCode, exitSignal, outcome, reason, memoryMaxBytes, commit',
  ],
  [
    'logs',
    'one document a line (NDJSON): time, job, run, level, stream, message; messageBase64 where a line is not UTF-8',
  ],
  ['crons', 'job, dueAt; with `--past` also fate, run, reason'],
  ['crontab', 'description, next'],
] as const;

/** A section for each command that does something, those of a group beneath each other. */
function sections(command: Command): readonly string[] {
  if (command.name().startsWith('__')) return [];
  if (command.commands.length > 0) return command.commands.flatMap(sections);
  const name = nameOf(command);
  const options = command.options.length === 0 ? '' : `\n${optionsTable(command.options)}`;
  return [`## ${name}\n\n\`nightshift ${name} ${command.usage()}\`: ${command.description()}\n${options}`];
}

const nameOf = (command: Command): string =>
  command.parent === null || command.parent.parent === null
    ? command.name()
    : `${nameOf(command.parent)} ${command.name()}`;

function optionsTable(options: readonly Option[]): string {
  const rows = options.map((option) => {
    const usual = option.defaultValue;
    const shown = usual === undefined || usual === true ? '' : ` (default: ${usual})`;
    return `| \`${option.flags}\` | ${cell(option.description)}${shown} |`;
  });
  return `| option | |\n| --- | --- |\n${rows.join('\n')}\n`;
}

if (import.meta.main) {
  const { writeFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  writeFileSync(join(import.meta.dirname, '../../docs/reference/cli.md'), cliPage());
}
