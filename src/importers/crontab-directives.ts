/** What becomes of the lines of a crontab (crontab(5)); the guide prints this table. */
import type { Directives } from './imported.ts';

export const crontabDirectives = {
  '*/10 * * * * command': {
    fate: 'kept',
    becomes:
      'a cron with the same expression, in the time zone of the machine that you import on (`--timezone` for another)',
  },
  '@daily command': { fate: 'kept', becomes: 'a cron with the same expression' },
  '@reboot command': {
    fate: 'left out',
    becomes:
      'what runs on is a worker, which starts with the machine: `nightshift job add ENV NAME worker --command …`',
  },
  '# comment': { fate: 'adapted', becomes: 'the name of the job in the next line, where it is short enough' },
  'user (sixth column)': {
    fate: 'left out',
    becomes: 'jobs run as the user of the environment; what ran as root comes disabled',
  },
  'command % input': { fate: 'adapted', becomes: '`printf … | command`' },
  'cd DIR && command': { fate: 'adapted', becomes: 'the command: jobs begin in the root' },
  'command > FILE 2>&1': {
    fate: 'adapted',
    becomes: 'the command, where the file lies outside the root: all output is in `nightshift logs`',
  },
  MAILTO: {
    fate: 'left out',
    becomes:
      'who is told of crons that fail: `nightshift alerts mail`; what they print is in `nightshift logs ENV --job NAME`',
  },
  MAILFROM: { fate: 'left out', becomes: 'as MAILTO' },
  CRON_TZ: { fate: 'kept', becomes: 'the time zone of the lines below it' },
  RANDOM_DELAY: {
    fate: 'left out',
    becomes: 'write H in place of the minute: it stands for a moment that is spread over the machine’s jobs',
  },
  SHELL: { fate: 'adapted', becomes: 'another shell than /bin/sh stands before the command' },
  LOGNAME: { fate: 'not needed', becomes: 'it is the user of the environment' },
  USER: { fate: 'not needed', becomes: 'it is the user of the environment' },
  'NAME = value': {
    fate: 'kept',
    becomes: 'a variable of the environment where all lines agree, else in front of the command',
  },
} as const satisfies Directives;
