/** The composition root of the daemon: opens the parts in order, wires them, and lets go of them in reverse. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { networkSenders } from '../alerts/senders.ts';
import { keepBackups } from '../backup/automatic.ts';
import { checkNotRestoring } from '../backup/restore.ts';
import type { ServeOptions } from '../cli/local.ts';
import { createControl } from '../control/create-control.ts';
import { parsePlans } from '../control/plans-file.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { formatListenAddress } from '../domain/listen-address.ts';
import { defaultPlans, type Plan } from '../domain/plan.ts';
import { GitCode } from '../git/git-code.ts';
import { pushLimits } from '../git/push-limits.ts';
import { Repositories } from '../git/repositories.ts';
import { createGitService } from '../git/service.ts';
import { Wall } from '../git/wall.ts';
import { authentication } from '../http/authentication.ts';
import { listenOnSocket } from '../http/listen.ts';
import { createHttpServer } from '../http/server.ts';
import { createFileLogStore } from '../logs/file-log-store.ts';
import { otlpSender } from '../logs/otlp-sender.ts';
import { openMetrics } from '../metrics/open-metrics.ts';
import { heartbeatKey } from '../platforms/local/crons.ts';
import { createLocalPlatform } from '../platforms/local/local-platform.ts';
import { chooseRuntime } from './choose-runtime.ts';
import { systemClock as clock } from './clock.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { dashboardUrl, takeOperatorPassword, tellSetUpLink, warningOfListening } from './first-account.ts';
import { keepHouse } from './housekeeping.ts';
import { injectedFaults, withBoundaries } from './injected-faults.ts';
import { takeInstanceLock } from './instance-lock.ts';
import { dashboardFolder, listenWish, openSsh, openTcp } from './listen.ts';
import { machineGoesDown } from './machine-goes-down.ts';
import { backupSource, createBackups, noBackups, openStore } from './moving.ts';
import { createIdSource } from './run-ids.ts';
import { resolveUser, system } from './system.ts';
import { trustedProxies } from './trusted-proxies.ts';
import { version } from './version.ts';

/** What is told to the person who started the daemon, as plain lines. */
type Say = (line: string) => void;

/**
 * Serves until SIGTERM or SIGINT; SIGQUIT ends the jobs too.
 * @returns the exit code
 * @throws Refusal when the data folder, the runtime or the socket can't be used; then nothing is left behind
 */
export async function serve(options: ServeOptions, say: Say = console.log): Promise<number> {
  const log = pino({ level: process.env.NIGHTSHIFT_LOG_LEVEL ?? 'warn' }, pino.destination(2));
  const closing: (() => Promise<void> | void)[] = [];
  const asked = endAsked();
  try {
    const folder = await openDataFolder(options.data);
    const lock = await takeInstanceLock(folder.path);
    closing.push(() => lock.release());
    await compose(options, folder, log, say, closing, asked.forJobsToo);
    const signal = await asked.signal;
    log.info({ signal }, 'asked to end');
    return 0;
  } finally {
    asked.stop();
    for (const close of closing.reverse()) await close();
  }
}

async function compose(
  options: ServeOptions,
  folder: DataFolder,
  log: Logger,
  say: Say,
  closing: (() => Promise<void> | void)[],
  askedForJobsToo: () => boolean,
): Promise<void> {
  const trouble = (environment: string | null, sentence: string): void => log.warn({ environment }, sentence);
  const onTrouble = (sentence: string): void => trouble(null, sentence);
  const listen = listenWish(options.listen);
  const sshWish = listenWish(options.ssh);
  const trustProxy = trustedProxies(options.trustProxy);
  const mayPush = pushLimits({ push: options.pushLimit, file: options.pushFileLimit });
  const plans = await readPlans(folder.path);
  const faults = injectedFaults(process.env.NIGHTSHIFT_FAULTS);
  await checkNotRestoring(folder.path);
  const store = await openStore(folder.path, options.store, (sentence) => {
    onTrouble(sentence);
    say(`note: ${sentence}`);
  });
  closing.push(() => store.close());
  const logs = createFileLogStore({
    folder: folder.logs,
    clock,
    ...faults.logs,
    onTrouble: (told) => trouble(told.environment, told.sentence),
  });
  closing.push(() => logs.close());
  const metrics = openMetrics({ path: folder.metrics, clock, onTrouble });
  closing.push(() => metrics.close());
  const { runtime, cannot } = await chooseRuntime(options.runtime, { folder, clock, onTrouble, faults });
  let started = false;
  closing.push(async () => {
    // From the start on it is the platform's to close.
    if (!started) await runtime.close();
  });
  say(`runtime: ${runtime.name}`);
  for (const sentence of cannot) say(`note: ${sentence}`);

  const newRunId = createIdSource(() => clock.wall());
  const jitter = (): number => Math.random() * 2 - 1;
  const platform = createLocalPlatform({
    runtime: withBoundaries(runtime, faults.boundary, { before: { reopenLog: 'log-renamed' } }),
    journal: withBoundaries(store, faults.boundary, {
      after: { beginRuns: 'run-recorded', runStarted: 'start-recorded', runEnded: 'end-recorded' },
    }),
    logs,
    plans,
    clock,
    newRunId,
    jitter,
    resolveUser,
  });
  const wall = new Wall();
  const repositories = new Repositories(join(folder.path, 'git'), wall, mayPush);
  const code = new GitCode({ repositories, wall, instance: folder.instance, resolveUser });
  closing.push(() => code.close());
  const backups = await backupSource(folder.path);
  let open = 0;
  let dashboard: string | null = null;
  const control = createControl({
    store: withBoundaries(store, faults.boundary, {
      before: { saveDeliveries: 'delivery-arrived' },
      after: { saveDeployment: 'deployment-saved' },
    }),
    platform,
    logs,
    metrics,
    code: withBoundaries(code, faults.boundary, {
      after: { stage: 'code-staged', lay: 'code-laid', keep: 'code-kept' },
    }),
    backups: options.store === null ? createBackups(backups) : noBackups,
    system,
    senders: networkSenders,
    logSender: otlpSender(await version(), () => clock.wall()),
    clock,
    newId: newRunId,
    plans,
    version: await version(),
    pid: process.pid,
    dataFolder: folder.path,
    runtime: { name: runtime.name, cannot },
    dashboard: () => (dashboard === null ? null : dashboardUrl(dashboard)),
    schedulerHeartbeatAt: async () => {
      const beat = await store.meta(heartbeatKey);
      return beat === undefined ? null : Number(beat);
    },
    onTrouble: trouble,
    onEvent: (event) => {
      if (event.kind === 'run-began') open++;
      if (event.kind === 'run-ended') open--;
    },
  });
  const app = createHttpServer({ control, log, version: await version() });
  closing.push(() => app.close());
  // Where people connect; the socket in the data folder is there besides.
  const ways: string[] = [];
  const web = createHttpServer({
    control,
    log,
    actorOf: authentication(control),
    trustProxy,
    version: await version(),
    dashboard: dashboardFolder,
    isReady: () => started,
  });
  closing.push(() => web.close());
  // Before any job is started: an address that can't be had ends it all while nothing is to be undone.
  dashboard = await openTcp(web, listen, (sentence) => say(`note: ${sentence}`));
  if (dashboard !== null) {
    ways.push(`dashboard http://${dashboard}`);
    const warning = warningOfListening(dashboard, trustProxy);
    if (warning !== null) say(`note: ${warning}`);
  }
  if (options.operatorPasswordFile !== undefined)
    await takeOperatorPassword(control, options.operatorPasswordFile, say);
  const ready = Promise.withResolvers<void>();
  const gitService = createGitService({
    control,
    repositories,
    wall,
    resolveUser,
    lead: (place, branch, commit) => code.lead(place, branch, commit),
    log,
  });
  const { sshKeepaliveSeconds: silent = limits.sshKeepaliveSeconds } = options;
  const sshOptions = {
    ...{ control, log, clock, gitService },
    keepaliveMs: silent * 1000,
    ready: ready.promise,
  };
  const ssh = await openSsh(sshOptions, folder.path, sshWish, (sentence) => say(`note: ${sentence}`));
  closing.push(() => ssh?.close());
  if (ssh !== null) ways.push(`ssh ${formatListenAddress(ssh.address)}`);
  const takenUp = await control.start();
  started = true;
  open += takenUp.adopted;
  const endsWithDaemon = options.ephemeral || !runtime.capabilities.outlivesDaemon;
  closing.push(async () => {
    const endJobs = endsWithDaemon || askedForJobsToo() || (await machineGoesDown());
    control.close();
    if (open > 0)
      say(
        endJobs
          ? `ending ${countOf(open)} …`
          : `${countOf(open)} ${open === 1 ? 'goes' : 'go'} on: the next start takes them up`,
      );
    await platform.close({ endJobs });
  });
  // Nobody comes in any more while jobs are ended.
  closing.push(() => ssh?.close());
  closing.push(keepHouse({ store, logs, clock }, onTrouble, faults.packEveryMs));
  if (options.store === null) closing.push(keepBackups(backups, onTrouble));
  await listenOnSocket(app, folder.socket);
  if (takenUp.adopted + takenUp.endedMeanwhile + takenUp.strays > 0) {
    say(
      `taken up: ${takenUp.adopted} running, ${takenUp.endedMeanwhile} ended meanwhile, ${takenUp.strays} unknown ones ended`,
    );
  }
  ready.resolve();
  if (dashboard !== null) await tellSetUpLink(control, say);
  say(`ready: ${ways.length > 0 ? ways.join(' ') : `socket ${folder.socket}`}`);
}

const countOf = (open: number): string => (open === 1 ? '1 run' : `${open} runs`);

async function readPlans(folder: string): Promise<readonly Plan[]> {
  const file = join(folder, 'plans.yml');
  try {
    return parsePlans(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return defaultPlans;
    if (error instanceof Refusal) throw error;
    throw new Refusal('plans.file', { why: (error as Error).message }, { cause: error });
  }
}

/** Resolves with the first signal that asks the daemon to end; a second one does not cut the end short. */
function endAsked(): {
  readonly signal: Promise<NodeJS.Signals>;
  /** Whether it was asked so that jobs end too: by SIGQUIT. */
  readonly forJobsToo: () => boolean;
  readonly stop: () => void;
} {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let jobsToo = false;
  const hear = (signal: NodeJS.Signals): void => {
    jobsToo ||= signal === 'SIGQUIT';
    resolve(signal);
  };
  const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'];
  for (const signal of signals) process.on(signal, hear);
  return {
    signal: promise,
    forJobsToo: () => jobsToo,
    stop: () => {
      for (const signal of signals) process.off(signal, hear);
    },
  };
}
