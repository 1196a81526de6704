/** Where the program begins: the command line, with what it can do without a daemon handed in. */
import { runCli } from '../cli/cli.ts';
import { version } from './version.ts';

process.exitCode = await runCli(
  process.argv.slice(2),
  { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  {
    version: await version(),
    serve: async (options) => (await import('./serve.ts')).serve(options),
    install: async (wishes, tell) => (await import('./service.ts')).installService(wishes, tell),
    uninstall: async (wishes, tell) => (await import('./service.ts')).uninstallService(wishes, tell),
    doctor: async (options) => (await import('./doctor.ts')).doctor(options),
    checkBackup: async (file) => (await import('./moving.ts')).checkBackup(file),
    restore: async (wish) => (await import('./moving.ts')).restore(wish),
    crontab: async (input) => (await import('./crontab.ts')).explainCrontab(input),
  },
);
