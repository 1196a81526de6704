/** What an event means for what has been read: answers that change in place, and answers that have to be read anew. Pure. */
import type { ApiEvent } from '../../../src/contract/events.ts';
import type { Run } from '../../../src/contract/run.ts';

/** The key of an answer, as `keyOf` makes it. */
export type Key = readonly [route: string, params: Fields, query: Fields];
type Fields = Readonly<Record<string, unknown>>;

export interface Effect {
  /** Which answers it is about. */
  readonly about: (key: Key) => boolean;
  /** Only answers that are so; all of them when absent. */
  readonly where?: (answer: unknown, key: Key) => boolean;
  /** The answer after the event; the same one where it does not matter. Absent: it has to be read anew. */
  readonly patch?: (answer: unknown, key: Key) => unknown;
}

interface Item {
  readonly name: string;
}
interface List<Each> {
  readonly items: readonly Each[];
}
const isList = <Each>(answer: unknown): answer is List<Each> =>
  typeof answer === 'object' && answer !== null && Array.isArray((answer as { items?: unknown }).items);

const of =
  (route: string, params: Fields = {}) =>
  ([name, asked]: Key): boolean =>
    name === route && Object.entries(params).every(([key, value]) => asked[key] === value);

export function effectsOf({ event, data }: ApiEvent): readonly Effect[] {
  switch (event) {
    case 'job': {
      const { environment, job, openRuns, ...observed } = data;
      return [
        ...ofJob(environment, job, observed, { openRuns }),
        anew('environment', { environment }),
        anew('environments'),
      ];
    }
    case 'statistics': {
      const { environment, job, ...figures } = data;
      return ofJob(environment, job, figures);
    }
    case 'definition': {
      const { environment, job, change } = data;
      return [
        change === 'removed'
          ? withoutJob(environment, job)
          : { ...anew('jobs', { environment }), where: (answer, key) => reaches(answer, key, job) },
        ...(change === 'removed' ? [] : [anew('job', { environment, job })]),
        anew('environment', { environment }),
        anew('environments'),
        anew('upcoming', { environment }),
      ];
    }
    case 'statistics-reset':
      return [anew('jobs', data), anew('job', { environment: data.environment })];
    case 'run-began':
    case 'run-started':
      return ofRun(data);
    case 'run-ended':
      return [...ofRun(data), ...ofEnd(data)];
    case 'due-time':
      return [
        anew('dueTimes', { environment: data.environment }),
        anew('upcoming', { environment: data.environment }),
      ];
    case 'deployment':
      return [
        anew('deployments', { environment: data.environment }),
        anew('deployment', { environment: data.environment }),
      ];
    case 'environment':
      return [
        anew('environments'),
        { about: ([, params, query]) => (params.environment ?? query.environment) === data.environment },
      ];
    case 'incident':
      return [anew('incidents')];
    case 'activity':
      return [anew('activity')];
    case 'reset':
      return [{ about: () => true }];
  }
}

const anew = (route: string, params: Fields = {}): Effect => ({
  about: of(route, params.environment === undefined ? {} : params),
});

/** The job's row in the list, and the job itself. */
function ofJob(environment: string, job: string, fields: Fields, ownFields: Fields = {}): Effect[] {
  return [
    {
      about: of('jobs', { environment }),
      patch: (answer) => {
        if (!isList<Item>(answer) || !answer.items.some(({ name }) => name === job)) return answer;
        return {
          ...answer,
          items: answer.items.map((item) => (item.name === job ? { ...item, ...fields } : item)),
        };
      },
    },
    {
      about: of('job', { environment, job }),
      patch: (answer) => (isJob(answer, job) ? { ...answer, ...fields, ...ownFields } : answer),
    },
  ];
}

/** Is this the page of the list in which a job of that name has its place? Names are in the order of their letters. */
function reaches(answer: unknown, [, , { after }]: Key, job: string): boolean {
  if (!isList<Item>(answer)) return true;
  if (typeof after === 'string' && job <= after) return false;
  const { next } = answer as { next?: string | null };
  return typeof next !== 'string' || job <= next;
}

const isJob = (answer: unknown, job: string): answer is Item =>
  typeof answer === 'object' && answer !== null && (answer as Partial<Item>).name === job;

const withoutJob = (environment: string, job: string): Effect => ({
  about: of('jobs', { environment }),
  patch: (answer) =>
    isList<Item>(answer) ? { ...answer, items: answer.items.filter(({ name }) => name !== job) } : answer,
});

function ofRun(run: Run): Effect[] {
  const { environment } = run;
  return [
    { about: of('run', { environment, run: run.id }), patch: () => run },
    {
      about: of('runs', { environment }),
      patch: (answer, [, , query]) => (isList<Run>(answer) ? withRun(answer, run, query) : answer),
    },
    {
      about: of('job', { environment, job: run.job }),
      patch: (answer) =>
        isJob(answer, run.job ?? '') && isNewer(run, (answer as { lastRun?: Run | null }).lastRun)
          ? { ...answer, lastRun: run }
          : answer,
    },
  ];
}

/** The last end of its job. */
function ofEnd({ environment, job, id, endedAt, outcome, reason }: Run): Effect[] {
  if (job === null || endedAt === null || outcome === null) return [];
  return ofJob(environment, job, { lastEnd: { run: id, endedAt, outcome, reason } });
}

const isNewer = (run: Run, last: Run | null | undefined): boolean =>
  last === null || last === undefined || last.id === run.id || run.createdAt >= last.createdAt;

/** In its place where the list has it; at the top of the newest page where it is new. */
function withRun(list: List<Run>, run: Run, query: Fields): List<Run> {
  const known = list.items.findIndex(({ id }) => id === run.id);
  if (known !== -1) return { ...list, items: list.items.with(known, run) };
  const belongs = query.before === undefined && (query.job === undefined || query.job === run.job);
  return belongs ? { ...list, items: [run, ...list.items] } : list;
}
