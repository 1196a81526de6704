import type { EnvironmentWish, PlatformEvent, TakenUp } from '../platforms/platform.ts';
import { Accounts } from './accounts.ts';
import { adviceCases } from './advice-cases.ts';
import { alertCases } from './alert-cases.ts';
import { Alerts } from './alerts.ts';
import { backupCases } from './backup-cases.ts';
import { Changes } from './changes.ts';
import { componentCases } from './component-cases.ts';
import type { Control } from './control.ts';
import { CronWatch } from './cron-watch.ts';
import { deploymentCases } from './deployment-cases.ts';
import { recoverDeployments } from './deployment-recovery.ts';
import { environmentCases } from './environment-cases.ts';
import { eventCases, tellPlatformEvents } from './event-cases.ts';
import { EventHub } from './event-hub.ts';
import { fileCases } from './file-cases.ts';
import { type FirstOperator, firstOperator } from './first-operator.ts';
import { guarded } from './guard.ts';
import { hookCases } from './hook-cases.ts';
import { importCases } from './import-cases.ts';
import { jobCases } from './job-cases.ts';
import { LastEnds } from './last-ends.ts';
import { LogShipping } from './log-shipping.ts';
import { maskingLogs } from './masking-logs.ts';
import { Masks } from './masks.ts';
import { metricsCases, tellMetrics } from './metrics-cases.ts';
import { Moments } from './moments.ts';
import { Once } from './once.ts';
import type { ControlParts } from './parts.ts';
import { readingCases } from './reading-cases.ts';
import { rememberingStore } from './remembering-store.ts';
import { Removals } from './removals.ts';
import { restartCases } from './restart-cases.ts';
import { RunEnds } from './run-ends.ts';
import { secondFactorCases } from './second-factor-cases.ts';
import { Serial } from './serial.ts';
import { sessionCases } from './session-cases.ts';
import { shippingCases } from './shipping-cases.ts';
import { signInCases } from './sign-in-cases.ts';
import { sshKeyCases } from './ssh-key-cases.ts';
import { Summaries } from './summaries.ts';
import { tellingStore } from './telling-store.ts';
import { tokenCases } from './token-cases.ts';
import type { Tools } from './tools.ts';
import { userCases } from './user-cases.ts';
import { Views } from './views.ts';
import { whyCases } from './why-cases.ts';
import { Wishes } from './wishes.ts';

/** The use cases, and what the composition root needs of them beyond the port. */
export interface RunningControl extends Control, FirstOperator {
  /** Reads what an earlier daemon has left and answers the wishes of all environments, for {@link Platform.start}. */
  wishes(): Promise<EnvironmentWish[]>;
  /** Everything that a start needs: wishes, the platform's start, half-done removals and deployments. Called once. */
  start(): Promise<TakenUp>;
  /** Stops what control itself has under way; the platform and the store are closed by whoever made them. */
  close(): void;
}

/** Wires the use cases. From now on the platform's events come here first. */
export function createControl(given: ControlParts): RunningControl {
  const events = new EventHub(`${given.clock.wall().toString(36)}${given.pid.toString(36)}`);
  const lastEnds = new LastEnds(given.store);
  const masks = new Masks(given.store);
  const store = tellingStore(rememberingStore(given.store), (told) => {
    if (told.kind === 'environment') masks.forget(told.environment);
    if (told.kind === 'environment' && told.change === 'removed') lastEnds.forget(told.environment);
    events.tell(told);
  });
  const parts: ControlParts = { ...given, store, logs: maskingLogs(given.logs, masks) };
  const serial = new Serial();
  const alerts = new Alerts(parts);
  const { incidents } = alerts;
  const watch = new CronWatch(parts, incidents);
  const wishes = new Wishes(parts, serial, (wish) => {
    watch.wish(wish);
    alerts.wish(wish);
  });
  const removals = new Removals(parts);
  const summaries = new Summaries(parts.store);
  const changes = new Changes({ parts, serial, wishes, removals, summaries });
  const shipping = new LogShipping(parts, alerts.book);
  const views = new Views(parts, { wishes, removals, summaries, incidents, lastEnds, shipping });
  const moments = new Moments(parts);
  const runEnds = new RunEnds(parts.store);
  const tools: Tools = {
    parts,
    serial,
    wishes,
    removals,
    summaries,
    changes,
    views,
    moments,
    runEnds,
    incidents,
    watch,
    events,
    alerts,
    shipping,
  };
  parts.platform.onEvent = (event: PlatformEvent) => {
    if (event.kind === 'run-ended') {
      runEnds.ended(event.run);
      lastEnds.ended(event.run);
    }
    watch.hear(event);
    alerts.hear(event);
    tellPlatformEvents(tools, event);
    tellMetrics(parts.metrics, event);
    if (event.kind === 'trouble') parts.onTrouble(event.environment, event.sentence);
    parts.onEvent(event);
  };
  const requests = new Once(parts);
  const accounts = new Accounts(tools);
  const deployments = deploymentCases(tools);
  return guarded({
    ...environmentCases(tools),
    ...componentCases(tools),
    ...jobCases(tools),
    ...restartCases(tools),
    ...deployments,
    ...hookCases(tools, deployments.deploy),
    ...fileCases(tools),
    ...importCases(tools),
    ...backupCases(tools),
    ...readingCases(tools, parts.clock.wall()),
    ...sshKeyCases(tools, accounts),
    ...signInCases(tools, accounts),
    ...userCases(tools, accounts),
    ...tokenCases(tools, accounts),
    ...secondFactorCases(tools, accounts),
    ...sessionCases(tools, accounts),
    ...firstOperator(tools, accounts),
    once: (actor, key, asked, act) => requests.run(actor, key, asked, act),
    ...eventCases(tools),
    ...metricsCases(tools),
    ...whyCases(tools),
    ...adviceCases(tools),
    ...alertCases(tools),
    ...shippingCases(tools),
    wishes: () => allWishes(tools),
    start: () => start(tools),
    close: () => {
      wishes.forget();
      watch.close();
      alerts.close();
      shipping.close();
    },
  });
}

async function allWishes({ parts, removals, wishes }: Tools): Promise<EnvironmentWish[]> {
  await removals.load();
  const environments = await parts.store.environments();
  const all = await Promise.all(environments.map((environment) => wishes.of(environment)));
  // Of what is being removed nothing may start, and what runs is to end.
  return all.map((wish) => (removals.has(wish.environment.name) ? { ...wish, plan: null } : wish));
}

async function start(tools: Tools): Promise<TakenUp> {
  const { watch, alerts, shipping } = tools;
  await tools.removals.load();
  const finishDeployments = await recoverDeployments(tools);
  const wishes = await allWishes(tools);
  await Promise.all([watch.load(), alerts.load()]);
  for (const wish of wishes) {
    watch.wish(wish);
    alerts.wish(wish);
  }
  tools.parts.metrics.load(wishes.map((wish) => wish.environment.name));
  const taken = await tools.parts.platform.start(wishes);
  await watch.start();
  await alerts.start();
  await shipping.start();
  for (const name of tools.removals.names()) await finishRemoval(tools, name);
  await finishDeployments();
  return taken;
}

/** What fails again is said and left for the next start, or for a person: the others need not wait for it. */
async function finishRemoval(tools: Tools, name: string): Promise<void> {
  const { parts, serial, removals, summaries, watch, alerts, shipping } = tools;
  try {
    await serial.run(name, () => removals.finish(name));
    summaries.forget(name);
    watch.forget(name);
    shipping.forget(name);
    await alerts.forget(name);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    parts.onTrouble(name, `the removal of "${name}" could not be completed: ${why}`);
  }
}
