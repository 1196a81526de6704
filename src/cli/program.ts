/** The command line's words: every command with its arguments and options. What a command does is loaded when it is called. */
import { Command } from 'commander';
import { accessCommands } from './definitions/access.ts';
import { alertCommands } from './definitions/alerts.ts';
import { componentCommands } from './definitions/component.ts';
import type { Runner } from './definitions/definition.ts';
import { deploymentCommands } from './definitions/deployments.ts';
import { historyCommands } from './definitions/history.ts';
import { jobCommands } from './definitions/job.ts';
import { keyCommands } from './definitions/key.ts';
import { machineCommands } from './definitions/machine.ts';
import { movingCommands } from './definitions/moving.ts';
import { shippingCommands } from './definitions/shipping.ts';

/** The whole tree. `prepare` is called before any command is added, so that all of them inherit what it sets. */
export function makeProgram(runner: Runner, version: string, prepare: (program: Command) => void): Command {
  const program = new Command('nightshift')
    .description('The jobs component for web applications: workers and crons beside the web front-end.')
    .version(`nightshift ${version}`, '-V, --version', 'print the version')
    .option('--data <DIR>', 'the data folder of the daemon (default: NIGHTSHIFT_DATA, else your own)')
    .option('--json', 'print data as one JSON document; logs as NDJSON')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true });
  prepare(program);
  machineCommands(program, runner);
  componentCommands(program, runner);
  jobCommands(program, runner);
  historyCommands(program, runner);
  deploymentCommands(program, runner);
  movingCommands(program, runner);
  alertCommands(program, runner);
  shippingCommands(program, runner);
  keyCommands(program, runner);
  accessCommands(program, runner);
  return program;
}
