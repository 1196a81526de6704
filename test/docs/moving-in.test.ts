/** The table in docs/guides/moving-in.md: what is kept of files that many people have, in the form in which their programs' documentation has them. */
import { expect, test } from 'vitest';
import { type ImportFormat, importFiles } from '../../src/importers/import-files.ts';
import { read } from '../architecture/sources.ts';

interface Example {
  readonly format: ImportFormat;
  /** As the table has it. */
  readonly title: string;
  readonly name: string;
  readonly text: string;
  readonly root: string;
  readonly user: string;
}

const examples: readonly Example[] = [
  {
    ...{ format: 'supervisor', title: "Laravel's queue worker under supervisord" },
    ...{ name: '/etc/supervisor/conf.d/laravel-worker.conf', root: '/var/www/app.com', user: 'forge' },
    text: `[program:laravel-worker]
process_name=%(program_name)s_%(process_num)02d
command=php /var/www/app.com/artisan queue:work sqs --sleep=3 --tries=3 --max-time=3600
autostart=true
autorestart=true
stopasgroup=true
killasgroup=true
user=forge
numprocs=8
redirect_stderr=true
stdout_logfile=/var/www/app.com/worker.log
stopwaitsecs=3600
`,
  },
  {
    ...{ format: 'systemd', title: "an instance of Symfony Messenger's unit" },
    ...{ name: '/etc/systemd/system/messenger-worker@1.service', root: '/srv/shop', user: 'www-data' },
    text: `[Unit]
Description=Symfony messenger-consume %i

[Service]
ExecStart=php bin/console messenger:consume async --time-limit=3600
Environment="MESSENGER_CONSUMER_NAME=symfony-%n-%i"
Restart=always
RestartSec=30

[Install]
WantedBy=default.target
`,
  },
  {
    ...{ format: 'procfile', title: 'a Procfile of Rails with Sidekiq' },
    ...{ name: 'Procfile', root: '/srv/shop', user: 'www-data' },
    text: `web: bundle exec rails server -p $PORT
worker: bundle exec sidekiq -c 5
clock: bundle exec clockwork clock.rb
release: bundle exec rails db:migrate
`,
  },
  {
    ...{ format: 'crontab', title: "Debian's own /etc/crontab" },
    ...{ name: '/etc/crontab', root: '/srv/shop', user: 'www-data' },
    text: `SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin
17 * * * *  root  cd / && run-parts --report /etc/cron.hourly
25 6 * * *  root  test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }
47 6 * * 7  root  test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.weekly; }
52 6 1 * *  root  test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.monthly; }
`,
  },
];

function row({ format, title, name, text, root, user }: Example): string {
  const to = { environment: 'shop', root, user, timezone: 'UTC' };
  const { jobs, notes } = importFiles(format, [{ name, text }], to);
  const settings = text.split('\n').flatMap((line, index) => (/^\s*($|[#;[])/.test(line) ? [] : [index + 1]));
  const told = new Set(notes.map(({ line }) => line));
  const kept = settings.filter((line) => !told.has(line)).length;
  const fates = (['adapted', 'not needed', 'left out'] as const).map(
    (fate) => notes.filter((note) => note.fate === fate).length,
  );
  const enabled = jobs.filter(({ status }) => status === undefined).length;
  const made = `${jobs.length}${enabled === jobs.length ? '' : ', disabled'}`;
  return `| ${[title, made, settings.length, kept, ...fates].join(' | ')} |`;
}

test('the guide says of known files what is kept of them', () => {
  const guide = read('docs/guides/moving-in.md');
  expect(examples.map(row).filter((each) => !guide.includes(each))).toEqual([]);
});
