/** Puts together what is wished, what is observed and what was counted. */
import { type Advice, advise, tooLargeDays, tooSmallDays } from '../domain/advice.ts';
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import type { Incident } from '../domain/incident.ts';
import type { Job } from '../domain/job.ts';
import type { ObservedJob } from '../domain/observed.ts';
import type { Plan } from '../domain/plan.ts';
import { noStatistics, type Statistics } from '../domain/statistics.ts';
import type { EnvironmentView, JobsPage, JobView, ListedJob } from './control.ts';
import type { Incidents } from './incidents.ts';
import type { LastEnds } from './last-ends.ts';
import type { LogShipping } from './log-shipping.ts';
import type { ControlParts } from './parts.ts';
import type { Removals } from './removals.ts';
import { rootNotices } from './root-user.ts';
import type { Summaries, Summary } from './summaries.ts';
import { bookedPlan, type Wishes } from './wishes.ts';

interface Known {
  readonly wishes: Wishes;
  readonly removals: Removals;
  readonly summaries: Summaries;
  readonly incidents: Incidents;
  readonly lastEnds: LastEnds;
  readonly shipping: LogShipping;
}

/** Which crons are due next is looked up anew after so long where none is, ms: what holds one back may be over. */
const nextDueLookMs = 10_000;

export class Views {
  readonly #parts: ControlParts;
  readonly #wishes: Wishes;
  readonly #removals: Removals;
  readonly #summaries: Summaries;
  readonly #incidents: Incidents;
  readonly #lastEnds: LastEnds;
  readonly #shipping: LogShipping;
  /** Good until that moment, while the summary is the same. */
  readonly #nextDues = new Map<
    string,
    { readonly summary: Summary; readonly until: number; readonly next: EnvironmentView['nextDue'] }
  >();

  constructor(parts: ControlParts, known: Known) {
    this.#parts = parts;
    this.#wishes = known.wishes;
    this.#removals = known.removals;
    this.#summaries = known.summaries;
    this.#incidents = known.incidents;
    this.#lastEnds = known.lastEnds;
    this.#shipping = known.shipping;
  }

  /** One environment, with notices that need a look at its root folder. */
  async environment(environment: Environment): Promise<EnvironmentView> {
    const [view, looked] = await Promise.all([
      this.#summary(environment),
      this.#parts.system.look(environment.root),
    ]);
    const root = rootNotices(environment, looked, this.#parts.system.currentUser === 'root');
    return { ...view, notices: [...view.notices, ...root] };
  }

  /** Many of them, without a look at their folders. */
  async environments(environments: readonly Environment[]): Promise<EnvironmentView[]> {
    return await Promise.all(environments.map((each) => this.#summary(each)));
  }

  async job(environment: Environment, name: string): Promise<JobView> {
    const { store, clock } = this.#parts;
    const where = { environment: environment.name, job: name };
    const [job, [statistics], [lastRun]] = await Promise.all([
      store.job(environment.name, name),
      store.statistics(environment.name, name),
      store.runs({ ...where, limit: 1 }),
    ]);
    if (job === undefined) throw new Refusal('job.unknown', where);
    const counted = statistics ?? noStatistics(environment.name, name, Math.min(job.createdAt, clock.wall()));
    const [view] = await this.#listed(environment, [{ job, statistics: counted }]);
    return { ...(view as ListedJob), lastRun: lastRun ?? null };
  }

  /** Read in one go, whatever their number. */
  async jobs(environment: Environment, page: JobsPage): Promise<ListedJob[]> {
    return await this.#listed(
      environment,
      await this.#parts.store.jobPage({ environment: environment.name, ...page }),
    );
  }

  async #listed(
    environment: Environment,
    rows: readonly { readonly job: Job; readonly statistics: Statistics }[],
  ): Promise<ListedJob[]> {
    const names = rows.map(({ job }) => job.name);
    const lastEnds = await this.#lastEnds.of(environment.name, names);
    const observed = byJob(this.#parts.platform.observe(environment.name, names));
    return rows.map(({ job, statistics }) => {
      const seen = observed.get(job.name) ?? unobserved(environment, job);
      const lastEnd = lastEnds.get(job.name) ?? null;
      return { job, observed: seen, statistics, lastEnd, nextDueAt: this.#nextDue(environment, job, seen) };
    });
  }

  #nextDue(environment: Environment, job: Job, observed: ObservedJob): number | null {
    if (job.type !== 'cron' || job.status !== 'enabled' || environment.plan === null) return null;
    if (observed.state.kind === 'scheduled') return observed.state.nextDueAt;
    return this.#parts.platform.nextDue(environment.name, 1, job.name)[0]?.dueAt ?? null;
  }

  async #summary(environment: Environment): Promise<EnvironmentView> {
    const { platform, plans } = this.#parts;
    const { name } = environment;
    const whole = await this.#summaries.of(name);
    const { workers, paused, placesEnabled, ...summary } = whole;
    // Only workers have anything to say here, and most jobs of a large environment are crons.
    const observed = platform.observe(name, [...workers]);
    const plan = bookedPlan(plans, environment);
    const usage = platform.usage(name);
    const advice = plan === null ? null : this.#advice(name, plan, placesEnabled);
    const running = observed.reduce((sum, each) => sum + each.instancesRunning, 0);
    return {
      ...summary,
      environment,
      plan,
      workersRunning: running,
      workersExpected: plan === null ? 0 : summary.workersExpected,
      usage: usage ?? null,
      cronFailsOfDay: this.#parts.metrics.peaks(name, 1, null)?.cronFails ?? 0,
      nextDue: plan === null ? null : this.#nextDueOf(name, whole),
      advice,
      notices: [
        ...this.#troubles(environment),
        ...pauses(environment, paused),
        ...crashLoops(observed),
        ...this.#shipping.notices(name),
        ...incidentNotices(
          this.#incidents.openOf(name).filter(({ kind }) => !toldOtherwise(kind, advice)),
          name,
        ),
        // That less would do is nothing that anybody has to act on.
        ...(advice?.kind === 'larger' ? [advice.sentence] : []),
      ],
    };
  }

  /** Looked up when the one before has passed: of thousands of crons that takes a while, and lists of environments are read often. */
  #nextDueOf(name: string, summary: Summary): EnvironmentView['nextDue'] {
    const now = this.#parts.clock.wall();
    const known = this.#nextDues.get(name);
    if (known !== undefined && known.summary === summary && now < known.until) return known.next;
    const next = this.#parts.platform.nextDue(name, 1)[0] ?? null;
    this.#nextDues.set(name, {
      summary,
      until: Math.min(next?.dueAt ?? Infinity, now + nextDueLookMs),
      next,
    });
    return next;
  }

  #advice(name: string, plan: Plan, enabledPlaces: number): Advice | null {
    const { metrics, plans } = this.#parts;
    const recent = metrics.peaks(name, tooSmallDays, plan.memoryBytes);
    return advise(plan, plans, recent, metrics.peaks(name, tooLargeDays, null), enabledPlaces);
  }

  #troubles({ name, plan }: Environment): string[] {
    const notices: string[] = [];
    if (this.#removals.has(name))
      notices.push(
        `"${name}" is being removed; where that was cut short, "nightshift env remove ${name}" goes on with it.`,
      );
    const why = this.#wishes.untaken(name);
    if (why !== null)
      notices.push(`The last change is kept and could not be carried out yet (${why}): it is tried again.`);
    if (plan !== null && !this.#parts.plans.some((each) => each.name === plan)) {
      const names = this.#parts.plans.map((each) => each.name).join(', ');
      notices.push(`Plan ${plan} is not in plans.yml any more: book one of ${names}.`);
    }
    return notices;
  }
}

const byJob = <Row extends { readonly job: string }>(rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [row.job, row]));

const pausedShown = 5;

function pauses({ name, paused: all }: Environment, paused: readonly string[]): string[] {
  if (all)
    return [
      `The crons are paused, their due times are skipped: "nightshift env resume ${name}" lets them go on.`,
    ];
  if (paused.length === 0) return [];
  const more = paused.length > pausedShown ? ` and ${paused.length - pausedShown} more` : '';
  const names = paused.slice(0, pausedShown).join(', ') + more;
  return [`Paused, due times are skipped: ${names}. "nightshift job resume ${name} JOB" lets one go on.`];
}

const crashLoops = (observed: readonly ObservedJob[]): string[] =>
  observed
    .filter((each) => each.state.kind === 'crash-loop')
    .map((each) => `The job "${each.job}" is in a crash loop: ${each.reason}.`);

/** A crash loop is told as it is now, and memory that is short by the advice, which says what helps. */
const toldOtherwise = (kind: Incident['kind'], advice: Advice | null): boolean =>
  kind === 'crash-loop' || (advice?.kind === 'larger' && (kind === 'plan-full' || kind === 'swap'));

/** More of them are listed elsewhere. */
const incidentsShown = 10;

function incidentNotices(incidents: readonly Incident[], environment: string): string[] {
  const shown = incidents.slice(0, incidentsShown).map(({ reason, count }) => {
    const again = count === 1 ? '' : ` (${count} times)`;
    return `${reason}${again}.`;
  });
  const more = incidents.length - shown.length;
  return more > 0
    ? [...shown, `${more} more incidents are open: see "nightshift incidents ${environment}".`]
    : shown;
}

/** What can be said of a job that the platform has nothing to say about. */
function unobserved(environment: Environment, job: Job): ObservedJob {
  const disabled = job.status === 'disabled';
  const waiting = environment.plan === null ? 'no plan is booked' : 'it is about to be taken in';
  return {
    environment: environment.name,
    job: job.name,
    state: { kind: disabled ? 'disabled' : 'stopped' },
    reason: disabled ? 'it is disabled' : waiting,
    runs: [],
    instancesRunning: 0,
    memoryBytes: null,
  };
}
