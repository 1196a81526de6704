/** What becomes of the settings of systemd's services and timers (systemd.service(5), systemd.exec(5), systemd.timer(5)); the guide prints it. */
import type { Directives } from './imported.ts';

const walls = {
  fate: 'not needed',
  becomes: 'each run has a container of its own: see the reference of isolation',
} as const;
const order = {
  fate: 'not needed',
  becomes: 'jobs start with the machine, in no order: a worker waits itself for what it needs',
} as const;
const output = {
  fate: 'not needed',
  becomes: 'all output is kept: `nightshift logs ENV --job NAME`',
} as const;
const plan = { fate: 'adapted', becomes: 'the plan bounds all jobs of the environment together' } as const;
const monotonic = {
  fate: 'left out',
  becomes: 'crons follow the calendar: write OnCalendar=, or use `--every`',
} as const;

export const serviceDirectives = {
  ExecStart: { fate: 'kept', becomes: 'the command; several of a oneshot are joined by `&&`' },
  ExecStartPre: { fate: 'adapted', becomes: 'stands before the command, joined by `&&`' },
  ExecStartPost: { fate: 'left out', becomes: 'let the program do it itself' },
  ExecReload: { fate: 'left out', becomes: 'a deployment restarts workers: `nightshift deploy ENV`' },
  ExecStop: { fate: 'left out', becomes: 'a worker is asked to end by its exit signal' },
  ExecStopPost: { fate: 'left out', becomes: 'let the program do it itself, when it gets the exit signal' },
  ExecCondition: { fate: 'left out', becomes: 'let the command look itself: `test … && …`' },
  Type: { fate: 'not needed', becomes: 'a program must not go into the background: of `forking` it is told' },
  Restart: { fate: 'not needed', becomes: 'workers are restarted whenever they exit' },
  RestartSec: { fate: 'not needed', becomes: 'pauses grow from 1 s to a minute' },
  KillSignal: { fate: 'kept', becomes: 'the exit signal' },
  KillMode: {
    fate: 'adapted',
    becomes:
      'the exit signal goes to the program itself, and after the exit timeout all that is left is killed',
  },
  TimeoutStopSec: { fate: 'kept', becomes: 'the exit timeout, from 1 s to 1 h' },
  RuntimeMaxSec: { fate: 'kept', becomes: 'the max runtime of a cron' },
  WorkingDirectory: { fate: 'kept', becomes: 'the root, or `cd` to a folder below it' },
  UMask: { fate: 'adapted', becomes: 'the command begins with `umask`' },
  User: {
    fate: 'left out',
    becomes: 'jobs run as the user of the environment: `nightshift env create … --user`',
  },
  Group: { fate: 'left out', becomes: 'jobs run with the groups of the environment’s user' },
  Environment: {
    fate: 'kept',
    becomes: 'variables of the environment where all units agree, else in front of the command',
  },
  EnvironmentFile: { fate: 'kept', becomes: 'the file is read, as Environment=' },
  PassEnvironment: { fate: 'left out', becomes: 'set its variables with `nightshift env set`' },
  MemoryMax: { fate: 'adapted', becomes: 'the plan is chosen so that it holds them all' },
  MemoryLimit: { fate: 'adapted', becomes: 'as MemoryMax' },
  MemoryHigh: plan,
  CPUQuota: plan,
  CPUWeight: plan,
  TasksMax: plan,
  Nice: { fate: 'left out', becomes: 'the plan bounds the CPU time' },
  StandardOutput: output,
  StandardError: output,
  SyslogIdentifier: output,
} as const satisfies Directives;

export const timerDirectives = {
  OnCalendar: { fate: 'kept', becomes: 'a crontab expression that says the same, where there is one' },
  OnUnitActiveSec: {
    fate: 'adapted',
    becomes: 'an interval: 1m, 10m, 30m, 1h, 1d or 1w; or every so many minutes',
  },
  OnUnitInactiveSec: {
    fate: 'adapted',
    becomes: 'as OnUnitActiveSec: due times do not wait for the end of a run',
  },
  OnBootSec: monotonic,
  OnStartupSec: monotonic,
  OnActiveSec: monotonic,
  Persistent: { fate: 'kept', becomes: 'what was missed is run once (`catch_up: latest`)' },
  RandomizedDelaySec: {
    fate: 'left out',
    becomes: 'write H in place of the minute: it stands for a moment that is spread over the machine’s jobs',
  },
  AccuracySec: { fate: 'not needed', becomes: 'runs begin when they are due' },
  Unit: { fate: 'kept', becomes: 'the service that runs' },
  WakeSystem: { fate: 'left out', becomes: 'a machine that sleeps is not woken' },
} as const satisfies Directives;

/** Whole sections. */
export const unitSections = { Unit: order, Install: order } as const satisfies Directives;

/** What keeps a service in, and what a container does anyway. */
export const wallSetting =
  /^(Protect|Private|Restrict|ReadOnly|ReadWrite|Inaccessible|System(Call|d)|Capability|Ambient|NoNew|Lock|Dynamic|Remove|Root|Bind|Temporary|Keyring|Delegate|Slice|Limit|OOM|IO|CPU(Accounting|Affinity)|MemoryAccounting|TasksAccounting|State|Runtime|Cache|Logs|Configuration)/;
export const wallDirective = walls;
