import { describe, expect, test } from 'vitest';
import { imported, jobsOf, notesOf, text } from './importing.testkit.ts';

/** In the form that Laravel's documentation gives for queue workers. */
const queueWorker = text`
  [program:shop-worker]
  process_name=%(program_name)s_%(process_num)02d
  command=php /srv/shop/artisan queue:work sqs --sleep=3 --tries=3 --max-time=3600
  autostart=true
  autorestart=true
  stopasgroup=true
  killasgroup=true
  user=forge
  numprocs=8
  redirect_stderr=true
  stdout_logfile=/srv/shop/worker.log
  stopwaitsecs=3600
`;

describe('a program of supervisord', () => {
  test('whose folder is folded over lines is told of in one line all the same', () => {
    const { notes } = imported('supervisor', '[program:a]\ncommand=x\ndirectory=current\n [more]\n');
    const sentences = notes.map(({ sentence }) => sentence);
    expect(sentences).toContainEqual(expect.stringContaining('begins with "cd current [more]"'));
  });

  test('in the form of Laravel’s documentation becomes one worker with eight instances', () => {
    const read = imported('supervisor', queueWorker);
    expect(jobsOf(read)).toEqual([
      {
        name: 'shop-worker',
        type: 'worker',
        command: 'php /srv/shop/artisan queue:work sqs --sleep=3 --tries=3 --max-time=3600',
        instances: 8,
        exitTimeoutSeconds: 3600,
      },
    ]);
    expect(notesOf(read)).toEqual([
      '6 stopasgroup = true: adapted',
      '7 killasgroup = true: not needed',
      '8 user = forge: left out',
      '10 redirect_stderr = true: not needed',
      '11 stdout_logfile = /srv/shop/worker.log: not needed',
    ]);
  });

  test('whose command counts its processes becomes a job for each of them', () => {
    const read = imported(
      'supervisor',
      text`
        [program:feed]
        command = bin/feed --port 80%(process_num)02d --of %(numprocs)d ; behind a blank this is a comment
        numprocs = 2
        numprocs_start = 1
      `,
    );
    expect(jobsOf(read)).toEqual([
      { name: 'feed_01', type: 'worker', command: 'bin/feed --port 8001 --of 2' },
      { name: 'feed_02', type: 'worker', command: 'bin/feed --port 8002 --of 2' },
    ]);
  });

  test('is no shell line: what a shell would change is quoted', () => {
    const [job] = imported(
      'supervisor',
      text`
        [program:odd]
        command = bin/odd $HOME * "two words" it's'quoted' a;b
      `,
    ).jobs;
    expect(job).toBeUndefined();
    const [quoted] = imported(
      'supervisor',
      text`
        [program:odd]
        command = bin/odd $HOME * "two words" a;b
      `,
    ).jobs;
    expect(quoted?.command).toBe("bin/odd '$HOME' '*' 'two words' 'a;b'");
  });

  test('goes on over lines, ends with its signal, begins in its folder and with its mask', () => {
    const [job] = imported(
      'supervisor',
      text`
        [program:mails]
        command = bin/mails
          --all
          --slow
        directory = /srv/shop/current
        umask = 027
        stopsignal = SIGQUIT
        autostart = no
      `,
    ).jobs;
    expect(job).toMatchObject({
      command: 'umask 027 && cd current && exec bin/mails --all --slow',
      exitSignal: 'QUIT',
      status: 'disabled',
    });
  });

  test('that ran as root comes disabled, and says so', () => {
    const read = imported('supervisor', '[program:x]\ncommand=x\nuser=root\n');
    expect(read.jobs[0]?.status).toBe('disabled');
    expect(read.notes[0]?.sentence).toContain('it ran as root, and jobs of "shop" run as www-data');
  });

  test('without a command, or with one that can’t be known, is told and left out', () => {
    const read = imported('supervisor', '[program:a]\nuser=x\n[program:b]\ncommand=run %(host_node_name)s\n');
    expect(read.jobs).toEqual([]);
    expect(notesOf(read)).toEqual([
      '1 [program:a]: left out',
      '4 command = run %(host_node_name)s: left out',
    ]);
  });
});

describe('variables of supervisord', () => {
  test('that all programs have alike belong to the environment, others stand before the command', () => {
    const read = imported(
      'supervisor',
      text`
        [supervisord]
        environment = APP_ENV="production",DEBUG=0
        [program:a]
        command = bin/a
        environment = QUEUE="mails, slow",DEBUG=1
        [program:b]
        command = bin/b --home=%(ENV_HOME)s
      `,
    );
    expect(read.variables).toEqual({ APP_ENV: 'production' });
    expect(read.jobs.map(({ command }) => command)).toEqual([
      "DEBUG=1 QUEUE='mails, slow' bin/a",
      `DEBUG=0 bin/b "--home=\${HOME}"`,
    ]);
  });
});

describe('sections of supervisord', () => {
  test('that are no programs are told, each with what to do instead', () => {
    const read = imported(
      'supervisor',
      text`
        [unix_http_server]
        file = /run/supervisor.sock
        [eventlistener:crash]
        command = crashmail
        [group:all]
        programs = a
        [porgram:a]
        command = a
      `,
    );
    expect(notesOf(read)).toEqual([
      '1 [unix_http_server]: not needed',
      '3 [eventlistener:crash]: left out',
      '5 [group:all]: adapted',
      '7 [porgram:a]: left out',
    ]);
  });

  test('that include files ask for them, until they are there', () => {
    const main = '[include]\nfiles = conf.d/*.conf /opt/x.conf\n';
    const name = '/etc/supervisor/supervisord.conf';
    expect(imported('supervisor', main, {}, name).wanted).toEqual([
      '/etc/supervisor/conf.d/*.conf',
      '/opt/x.conf',
    ]);
    const more = [{ name: '/etc/supervisor/conf.d/a.conf', text: '[program:a]\ncommand=a\n' }];
    const read = imported('supervisor', main, {}, name, more);
    expect(read.wanted).toEqual(['/opt/x.conf']);
    expect(read.jobs).toMatchObject([{ name: 'a', file: '/etc/supervisor/conf.d/a.conf', line: 1 }]);
  });
});
