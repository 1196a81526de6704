/** What becomes of each directive of supervisord (supervisord.org, "Configuration File"); the guide prints this table. */
import type { Directives } from './imported.ts';

const logs = {
  fate: 'not needed',
  becomes: 'all output is kept and rotated: `nightshift logs ENV --job NAME`',
} as const;
const talk = {
  fate: 'not needed',
  becomes: 'people come by the command line, the dashboard, SSH and the API',
} as const;
const events = {
  fate: 'left out',
  becomes: 'there are no event listeners: follow `GET /api/v1/events`, or `nightshift incidents`',
} as const;

/** Of `[program:x]`. */
export const programDirectives = {
  command: { fate: 'kept', becomes: 'the command; words that a shell would change are quoted' },
  process_name: { fate: 'adapted', becomes: 'the job has the name of the program' },
  numprocs: {
    fate: 'kept',
    becomes: '`instances`; a job for each where the command counts them by `%(process_num)`',
  },
  numprocs_start: { fate: 'kept', becomes: 'the number in the name, where there is a job for each' },
  priority: {
    fate: 'not needed',
    becomes: 'workers start at once, in no order: a worker waits itself for what it needs',
  },
  autostart: { fate: 'kept', becomes: '`false`: the job comes disabled' },
  startsecs: { fate: 'not needed', becomes: 'a run of 10 s or more counts as a good start' },
  startretries: { fate: 'not needed', becomes: 'workers are restarted for ever, with pauses up to a minute' },
  autorestart: {
    fate: 'left out',
    becomes:
      'workers are restarted whenever they exit; what shall run once and end is a cron, or `nightshift exec`',
  },
  exitcodes: {
    fate: 'not needed',
    becomes: 'workers are restarted after every exit, and the code is in `nightshift runs ENV`',
  },
  stopsignal: { fate: 'kept', becomes: 'the exit signal' },
  stopwaitsecs: { fate: 'kept', becomes: 'the exit timeout, from 1 s to 1 h' },
  stopasgroup: {
    fate: 'adapted',
    becomes:
      'the exit signal goes to the program itself, and after the exit timeout all that is left is killed',
  },
  killasgroup: { fate: 'not needed', becomes: 'nothing of a run outlives it' },
  user: {
    fate: 'left out',
    becomes: 'jobs run as the user of the environment: `nightshift env create … --user`',
  },
  redirect_stderr: {
    fate: 'not needed',
    becomes: 'output and errors are kept together, each line with its stream',
  },
  stdout_logfile: logs,
  stdout_logfile_maxbytes: logs,
  stdout_logfile_backups: logs,
  stdout_capture_maxbytes: events,
  stdout_events_enabled: events,
  stdout_syslog: logs,
  stderr_logfile: logs,
  stderr_logfile_maxbytes: logs,
  stderr_logfile_backups: logs,
  stderr_capture_maxbytes: events,
  stderr_events_enabled: events,
  stderr_syslog: logs,
  environment: {
    fate: 'kept',
    becomes: 'variables of the environment where all programs agree, else in front of the command',
  },
  directory: { fate: 'kept', becomes: 'the root, or `cd` to a folder below it' },
  umask: { fate: 'adapted', becomes: 'the command begins with `umask`' },
  serverurl: talk,
} as const satisfies Directives;

/** By the name of the section, without what stands behind the colon. */
export const sectionDirectives = {
  program: { fate: 'kept', becomes: 'a worker' },
  include: { fate: 'kept', becomes: 'the files are read too' },
  group: { fate: 'adapted', becomes: 'its programs are jobs of the same environment' },
  supervisord: {
    fate: 'adapted',
    becomes: '`environment` becomes variables of the environment; the rest is not needed',
  },
  unix_http_server: talk,
  inet_http_server: talk,
  supervisorctl: talk,
  rpcinterface: talk,
  ctlplugin: talk,
  eventlistener: events,
  'fcgi-program': {
    fate: 'left out',
    becomes: 'a FastCGI socket is not held open: let the web server start it, or PHP-FPM',
  },
} as const satisfies Directives;
