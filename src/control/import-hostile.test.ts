/** A thousand files that somebody, or a disk, has broken: each becomes jobs and sentences, or one sentence. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '../domain/errors.ts';
import { type Imported, type ImportFormat, importFiles, type SourceFile } from '../importers/import-files.ts';
import { parseDeployFile } from './deploy-file.ts';
import { differenceOf } from './file-difference.ts';
import { jobsAsFile } from './jobs-as-file.ts';

const to = { environment: 'shop', root: '/srv/shop', user: 'www-data', timezone: 'UTC' };

/** In the forms of the documentation of these programs. */
const examples: readonly { format: ImportFormat; file: SourceFile; more?: readonly SourceFile[] }[] = [
  {
    format: 'supervisor',
    file: {
      name: '/etc/supervisor/conf.d/worker.conf',
      text: `[supervisord]
environment = APP_ENV="production",DEBUG=0 ; for all

[program:worker]
process_name=%(program_name)s_%(process_num)02d
command=php /srv/shop/artisan queue:work sqs --sleep=3 \\
  --tries=3 --name="%(ENV_HOST)s"
directory=/srv/shop/current
stopasgroup=true
user=forge
numprocs=8
redirect_stderr=true
stdout_logfile=/srv/shop/worker.log
stopwaitsecs=3600
stopsignal=QUIT
`,
    },
  },
  {
    format: 'crontab',
    file: {
      name: '/etc/crontab',
      text: `SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin
MAILTO=ops@example.org
CRON_TZ=Europe/Berlin
# m h dom mon dow user  command
17 *	* * *	root	cd / && run-parts --report /etc/cron.hourly
# Clean up
25 6	* * 1-5	www-data	cd /srv/shop && php clean.php --of 10\\% >> /dev/null 2>&1
@daily	www-data	mail -s "done" ops%Hello,%all is well
@reboot	www-data	/srv/shop/bin/listen
`,
    },
  },
  {
    format: 'procfile',
    file: {
      name: 'Procfile',
      text: 'web: bundle exec puma -C config/puma.rb\nworker: bundle exec sidekiq -c 5\nrelease: bin/rails db:migrate\nclock: bin/clock $PORT\n',
    },
  },
  {
    format: 'systemd',
    file: {
      name: '/etc/systemd/system/mails.service',
      text: `[Unit]
Description=Mails
[Service]
User=www-data
WorkingDirectory=/srv/shop
Environment=APP_ENV=production "GREETING=Hello you"
ExecStartPre=-/bin/mkdir -p out
ExecStart=/usr/bin/php bin/mails.php \\
  --queue $QUEUE
KillSignal=SIGINT
TimeoutStopSec=1min 30s
MemoryMax=256M
[Timer]
OnCalendar=Mon..Fri *-*-* 04:30
Persistent=true
Unit=mails.service
[Install]
WantedBy=multi-user.target
`,
    },
  },
  {
    format: 'systemd',
    file: {
      name: String.raw`/etc/systemd/system/messenger-a@eu\x2dwest.service`,
      text: `[Service]
ExecStart=php bin/console messenger:consume %i --time-limit=3600 "100%%"
Environment="MESSENGER_CONSUMER_NAME=symfony-%n-%i" PREFIX=%p
WorkingDirectory=/srv/shop/%I
User=%j
Restart=always
[Install]
DefaultInstance=async
`,
    },
    more: [
      {
        name: '/etc/systemd/system/messenger-a@.service.d/10-override.conf',
        text: '[Service]\nExecStart=\nExecStart=php bin/console messenger:consume %N -v\nEnvironment=\n',
      },
      {
        name: '/etc/systemd/system/messenger-.service.d/20-all.conf',
        text: '[Unit]\nAfter=redis.service\n[Service]\nTimeoutStopSec=\nKillSignal=SIGQUIT\n',
      },
      {
        name: '/etc/systemd/system/messenger-a@eu.timer',
        text: '[Timer]\nOnCalendar=\nOnCalendar=*:0/20\nUnit=messenger-a@%i.service\n',
      },
    ],
  },
  {
    format: 'upsun',
    file: {
      name: '.upsun/config.yaml',
      text: `applications:
  shop:
    type: php:8.3
    variables: {env: {APP_ENV: production}}
    crons:
      clean: {spec: 'H 3 * * *', commands: {start: php bin/clean.php}, timeout: 90}
    workers:
      queue:
        commands:
          start: |
            php bin/console messenger:consume
`,
    },
  },
];

const junk = fc.oneof(
  fc.constantFrom(
    '=',
    '%',
    '%(',
    '[',
    ']',
    '"',
    "'",
    '\\',
    '\n',
    ' ;',
    '#',
    '@',
    '*/0',
    '999999999999',
    '${',
    '\u0000',
    '\u202e',
    '\t',
    ':',
    '&',
    '{',
    '- ',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

interface Change {
  /** Which of the files. */
  readonly file: number;
  readonly kind: 'insert' | 'delete' | 'double' | 'swap' | 'cut' | 'case';
  readonly at: number;
  readonly length: number;
  readonly junk: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  file: fc.nat(3),
  kind: fc.constantFrom('insert', 'delete', 'double', 'swap', 'cut', 'case'),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.nat(12),
  junk,
});

function changed(text: string, { kind, at, length, junk }: Change): string {
  const place = Math.floor(at * (text.length + 1));
  const end = place + length;
  switch (kind) {
    case 'insert':
      return text.slice(0, place) + junk + text.slice(place);
    case 'delete':
      return text.slice(0, place) + text.slice(end);
    case 'double':
      return text.slice(0, end) + text.slice(place);
    case 'cut':
      return text.slice(0, place);
    case 'case':
      return text.slice(0, place) + text.slice(place, end).toUpperCase() + text.slice(end);
    case 'swap': {
      const lines = text.split('\n');
      const line = Math.floor(at * lines.length);
      const other = (line + 1 + length) % lines.length;
      [lines[line], lines[other]] = [lines[other] ?? '', lines[line] ?? ''];
      return lines.join('\n');
    }
  }
}

function read(format: ImportFormat, files: readonly SourceFile[]): Imported | string {
  try {
    return importFiles(format, files, to);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    expect(error.code).toBe('import.file');
    return error.message;
  }
}

/** One line, that ends in words and holds nothing that a terminal acts on. */
function expectSentence(sentence: string): void {
  expect(sentence.length).toBeGreaterThan(10);
  expect(sentence).not.toMatch(/\n|undefined|\[object|NaN|Error:/);
}

/** Lines that have to be spoken of: those that are no comments, in files of one line for one thing. */
function spoken(format: ImportFormat, text: string, { jobs, notes }: Imported): void {
  if (format !== 'procfile' && format !== 'crontab') return;
  const told = new Set([...jobs, ...notes].map(({ line }) => line));
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const content = line.trim();
    const variable = format === 'crontab' && /^("[^"]*"|'[^']*'|[A-Za-z_][^\s=]*)\s*=/.test(content);
    if (content === '' || content.startsWith('#') || variable) continue;
    expect(told, `line ${index + 1} of ${JSON.stringify(text)}`).toContain(index + 1);
  }
}

test.each(examples)(
  '200 broken files of $format are jobs and sentences, or one sentence: $file.name',
  ({ format, file, more = [] }) => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const files = [file, ...more].map((each, index, all) => {
          const own = changes.filter((one) => one.file % all.length === index);
          return { ...each, text: own.reduce(changed, each.text) };
        });
        const found = read(format, files);
        if (typeof found === 'string') return expectSentence(found);
        for (const { sentence, line, directive } of found.notes) {
          expectSentence(sentence);
          expect(line).toBeGreaterThan(0);
          expect(directive.length).toBeLessThanOrEqual(120);
        }
        spoken(format, files[0]?.text ?? '', found);
        // What is imported keeps all rules of jobs, and can be written as a nightshift.yml.
        const making = () => ({ environment: 'shop', now: 0, spread: () => 0 });
        const { difference } = differenceOf({ imported: true, plan: null, jobs: found.jobs }, [], making);
        expect(difference.added).toHaveLength(found.jobs.length);
        expect(parseDeployFile(jobsAsFile(found.jobs)).jobs ?? []).toHaveLength(found.jobs.length);
      }),
      { numRuns: 200 },
    );
  },
);
