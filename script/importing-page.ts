/** The reference page of the importers, made from the tables that they work by. */
import { crontabDirectives } from '../src/importers/crontab-directives.ts';
import type { Directives } from '../src/importers/imported.ts';
import { procfileDirectives } from '../src/importers/procfile.ts';
import { programDirectives, sectionDirectives } from '../src/importers/supervisor-directives.ts';
import { serviceDirectives, timerDirectives } from '../src/importers/systemd-directives.ts';
import { appDirectives, cronDirectives, workerDirectives } from '../src/importers/upsun-directives.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function table(title: string, directives: Directives, write = (name: string): string => name): string {
  const rows = Object.entries(directives).map(
    ([name, { fate, becomes }]) => `| \`${cell(write(name))}\` | ${fate} | ${cell(becomes)} |`,
  );
  return `### ${title}\n\n| | | |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

const section = (name: string): string => `[${name}]`;

export const importingPage =
  (): string => `<!-- Made from src/importers by script/reference: change it there. -->

# What importing keeps

\`nightshift import\` says of each line of a file that is not kept as it stood what became of it, with the file and the number of the line. These
are its rules; [the guide](../guides/moving-in.md) shows it at work. **kept**: it means here what it meant there. **adapted**: kept in
another form. **not needed**: Nightshift does it without being told. **left out**: there is no equivalent, and the last column says what to
do instead. What stands in no table is left out, and said,
and so is a path in a command that jobs see nothing of, because it lies outside the root.

## supervisord

${table('Sections', sectionDirectives, section)}
${table('Settings of `[program:x]`', programDirectives)}
\`%(program_name)s\`, \`%(group_name)s\`, \`%(process_num)d\`, \`%(numprocs)d\` and \`%(here)s\` are filled in, with their widths.
\`%(ENV_X)s\` becomes the variable \`X\`. A program whose command needs anything else is left out, and said.

## crontab

${table('Lines', crontabDirectives)}
## Procfile

${table('Lines', procfileDirectives)}
## systemd

${table('Settings of services', serviceDirectives)}
${table('Settings of timers', timerDirectives)}
### Templates and drop-ins

Of a template name the instances, as systemd has them: \`/etc/systemd/system/mails@eu.service\` is read from \`mails@.service\`. \`%i\`, \`%I\`, \`%n\`, \`%N\`,
\`%p\`, \`%P\`, \`%j\`, \`%J\` and \`%%\` are filled in from the name; a line that needs another one is left out, and said. Drop-ins (\`mails.service.d/*.conf\`) are read with
their unit, from all folders of systemd and in its order: an empty value takes back what a list holds so far, of every other setting the last
one counts, and the line that no longer counts is told with the one that takes its place.

## Upsun and Platform.sh

${table('Of an app', appDirectives)}
${table('Of a worker', workerDirectives)}
${table('Of a cron', cronDirectives)}`;
