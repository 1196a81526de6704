/** From incidents to deliveries, and what becomes of those: decided here, carried out elsewhere. No clock, no I/O. */
import {
  type AlertChannel,
  type AlertRules,
  type Delivery,
  type DeliveryPhase,
  type NewDelivery,
  usualJobAlerts,
} from '../../domain/alert.ts';
import type { Incident } from '../../domain/incident.ts';
import type { Run } from '../../domain/run.ts';
import { hasFailed } from '../../domain/statistics.ts';

/** Whether somebody wants to be told of it by now. */
function isToBeTold(incident: Incident, rules: AlertRules): boolean {
  const { kind, job, count } = incident;
  const ofJob = (job === null ? undefined : rules.jobs[job]) ?? usualJobAlerts;
  if (rules.off.includes(kind) || ofJob.off.includes(kind)) return false;
  return kind !== 'cron-failed' || count >= ofJob.afterFails;
}

const hears = (channel: AlertChannel, { environment, kind }: Incident): boolean =>
  (channel.environment === null || channel.environment === environment) &&
  (channel.kinds === null || channel.kinds.includes(kind));

/** One notice to one channel has one id, so that it is never kept twice, whoever makes it how often. */
const deliveryId = (incident: string, phase: DeliveryPhase, channel: string): string =>
  `${incident}.${phase}.${channel}`;

/**
 * What is to be sent of an incident as it is now.
 * @param before as it was, where it was open already: it is told once, when it begins or when it has come often enough
 */
export function deliveriesOf(
  before: Incident | undefined,
  incident: Incident,
  rules: AlertRules,
  channels: readonly AlertChannel[],
  now: number,
): NewDelivery[] {
  const told = before !== undefined && isToBeTold(before, rules);
  if (incident.endedAt === null) {
    if (told || !isToBeTold(incident, rules)) return [];
    return channels
      .filter((channel) => hears(channel, incident))
      .map((channel) => ({ delivery: newDelivery(incident, 'begin', channel, now), after: null }));
  }
  // Whoever was told of its begin is told of its end, whatever the rules say meanwhile; the store knows who was.
  return channels
    .filter((channel) => channel.environment === null || channel.environment === incident.environment)
    .map((channel) => ({
      delivery: newDelivery(incident, 'over', channel, now),
      after: deliveryId(incident.id, 'begin', channel.id),
    }));
}

function newDelivery(incident: Incident, phase: DeliveryPhase, channel: AlertChannel, now: number): Delivery {
  return {
    ...fresh(now),
    id: deliveryId(incident.id, phase, channel.id),
    environment: channel.environment,
    channel: channel.id,
    phase,
    incident: incident.id,
    run: incident.run,
    about: incident.environment,
  };
}

const fresh = (now: number) => ({
  createdAt: now,
  dueAt: now,
  attempts: 0,
  state: 'waiting' as const,
  endedAt: null,
  trouble: null,
});

/** What an outside monitor is told of a run: that it began, and how it ended. Nothing where a person ended it. */
export function pingOf(run: Run, now: number): NewDelivery | null {
  if (run.job === null || run.startedAt === null) return null;
  const phase =
    run.outcome === null
      ? 'start'
      : run.outcome === 'ok'
        ? 'success'
        : hasFailed(run.outcome)
          ? 'fail'
          : null;
  if (phase === null) return null;
  const channel = pingChannel(run.job);
  const delivery: Delivery = {
    // The end of a run that is over at once comes after its begin all the same.
    ...fresh(now),
    createdAt: phase === 'start' ? now : now + 1,
    id: `${run.id}.${phase}`,
    environment: run.environment,
    channel,
    phase,
    incident: null,
    run: run.id,
    about: run.environment,
  };
  return { delivery, after: null };
}

const pingChannel = (job: string): string => `ping/${job}`;
export const isPing = ({ phase }: Pick<Delivery, 'phase'>): boolean =>
  phase === 'start' || phase === 'success' || phase === 'fail';

export interface Failure {
  /** Why, in a sentence. */
  readonly why: string;
  /** The receiver was there and did not want it: the same again will hardly do. */
  readonly refused: boolean;
}

const secondMs = 1_000;
const hourMs = 3_600_000;
/** A receiver that is away gets what it missed when it is back within this. */
const patienceMs = 72 * hourMs;
/** A monitor has drawn its own conclusions after this. */
const pingPatienceMs = 2 * hourMs;
const refusalsMost = 8;

/** The pause before the next attempt: 5 s, 10 s, 20 s … an hour. */
export const pauseAfter = (attempts: number): number =>
  Math.min(hourMs, 5 * secondMs * 2 ** Math.max(0, attempts - 1));

/** The delivery after an attempt that failed. */
export function afterFailure(delivery: Delivery, { why, refused }: Failure, now: number): Delivery {
  const attempts = delivery.attempts + 1;
  const patience = isPing(delivery) ? pingPatienceMs : patienceMs;
  const next = now + pauseAfter(attempts);
  if ((refused && attempts >= refusalsMost) || next > delivery.createdAt + patience)
    return { ...delivery, attempts, state: 'given-up', endedAt: now, trouble: why };
  return { ...delivery, attempts, dueAt: next, trouble: why };
}

export const arrived = (delivery: Delivery, now: number): Delivery => ({
  ...delivery,
  attempts: delivery.attempts + 1,
  state: 'delivered',
  endedAt: now,
  trouble: null,
});

export const leftOut = (delivery: Delivery, why: string, now: number): Delivery => ({
  ...delivery,
  state: 'left-out',
  endedAt: now,
  trouble: why,
});

/** What is to be done with what waits for one channel. */
export type Step =
  | { readonly kind: 'send'; readonly delivery: Delivery; readonly leaveOut: readonly Delivery[] }
  /** Quiet hours: these wait for their end. */
  | { readonly kind: 'hold'; readonly held: readonly Delivery[]; readonly until: number }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'nothing' };

/**
 * One channel gets one notice at a time, in their order: what began is told before it is over, and a receiver that is away is
 * asked with the first one alone.
 * @param waiting of one channel, oldest first
 * @param quietUntil the end of the quiet hours that hold now; null when none do
 */
export function nextStep(waiting: readonly Delivery[], quietUntil: number | null, now: number): Step {
  const [first] = waiting;
  if (first === undefined) return { kind: 'nothing' };
  if (quietUntil !== null && !isPing(first)) {
    const held = waiting
      .filter(({ dueAt }) => dueAt < quietUntil)
      .map((each) => ({ ...each, dueAt: quietUntil }));
    return { kind: 'hold', held, until: quietUntil };
  }
  if (first.dueAt > now) return { kind: 'wait', until: first.dueAt };
  const end = wasNeverTried(first) ? waiting.find((each) => isEndOf(each, first)) : undefined;
  // It has begun and is over, and nobody has heard of either: the one notice says both.
  return end === undefined
    ? { kind: 'send', delivery: first, leaveOut: [] }
    : { kind: 'send', delivery: end, leaveOut: [first] };
}

/** A begin that was tried may have arrived. One that waited for a receiver that is away is told all the same; one of quiet hours is not. */
const wasNeverTried = ({ attempts, phase, dueAt, createdAt }: Delivery): boolean =>
  attempts === 0 && (phase === 'start' || dueAt > createdAt);

const isEndOf = (later: Delivery, { phase, incident, run }: Delivery): boolean =>
  phase === 'begin'
    ? later.phase === 'over' && later.incident === incident
    : phase === 'start' && isPing(later) && later.phase !== 'start' && later.run === run;
