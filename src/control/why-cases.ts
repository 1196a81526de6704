/** Why a job is as it is: gathers what is known of it for `domain/why.ts`, and the last lines of the run that matters. */
import type { Job } from '../domain/job.ts';
import { type Act, type Why, type WhyFacts, whyOf } from '../domain/why.ts';
import type { KeptActivity } from '../store/store.ts';
import type { Actor, Control } from './control.ts';
import { lastLines } from './last-lines.ts';
import type { Tools } from './tools.ts';
import { bookedPlan } from './wishes.ts';

/** Of each so many of the newest are looked at: enough for a week of most jobs. */
const runsRead = 500;
const dueTimesRead = 200;
const actsRead = 1_000;

const linesShown = 10;

export interface WhyView extends Why {
  /** The last lines of that run, oldest first. */
  readonly output: readonly string[];
}

export function whyCases(tools: Tools): Pick<Control, 'why'> {
  return {
    async why(actor, environment, name) {
      const why = whyOf(await factsOf(tools, actor, environment, name));
      const output =
        why.run === null ? [] : await lastLines(tools.parts.logs, environment, why.run, linesShown);
      return { ...why, output };
    },
  };
}

async function factsOf(tools: Tools, actor: Actor, name: string, job: string): Promise<WhyFacts> {
  const { parts, changes, views } = tools;
  const { store, platform, clock, plans } = parts;
  const environment = await changes.known(actor, name);
  const view = await views.job(environment, job);
  const where = { environment: name, job };
  const [runs, dueTimes, activity] = await Promise.all([
    store.runs({ ...where, limit: runsRead }),
    view.job.type === 'cron' ? store.dueTimes({ ...where, limit: dueTimesRead }) : [],
    store.activity({ environment: name, limit: actsRead }),
  ]);
  return {
    now: clock.wall(),
    job: view.job,
    observed: view.observed,
    plan: bookedPlan(plans, environment),
    plans,
    paused: environment.paused,
    runs,
    dueTimes,
    acts: activity.filter((entry) => isAbout(entry, view.job)).map(actOf),
    nextDueAt: view.nextDueAt,
    usedBytes: platform.usage(name)?.memoryBytes ?? null,
  };
}

/** The activity log names a job at the beginning of what it says; what is about the plan or the code is about all of them. */
function isAbout({ at, act, detail }: KeptActivity, { name, createdAt }: Job): boolean {
  // A run that was asked for says so itself.
  if (at < createdAt || act === 'run job') return false;
  if (act.endsWith(' job')) return detail === name || detail.startsWith(`${name}:`);
  return /plan$|^deploy|nightshift\.yml$| crons$/.test(act);
}

function actOf({ at, actor, act, detail }: KeptActivity): Act {
  // The name of the job, and what it ran, are known to whoever asks why.
  return { at, actor, act, detail: act.endsWith(' job') && act !== 'edit job' ? '' : detail };
}
