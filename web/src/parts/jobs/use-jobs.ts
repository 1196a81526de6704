/**
 * The jobs of an environment, however many: the first ones at once, the others page after page behind them. Each page is an
 * answer of its own in the cache, so that events change its rows in place.
 */
import { useQueries } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { JobSummary } from '../../../../src/contract/job.ts';
import { read } from '../../data/api.ts';
import { connection } from '../../data/connection.ts';
import { chainOf, joinedPages } from './job-pages.ts';

/** What is on the first screen, and some more; public/first-questions.js asks for the same. */
const firstJobs = 50;
/** So many in one answer that 10,000 take few of them, and so few that none holds the daemon up. */
const pageJobs = 1_000;
/** Events keep the rows; what they do not tell, such as the memory now, is read anew so often where there are many. */
const manyReadEveryMs = 300_000;

export interface Jobs {
  /** In order of their names; undefined before the first page is there. */
  readonly jobs: readonly JobSummary[] | undefined;
  readonly error: Error | null;
  readonly isPending: boolean;
  /** There are more than these, and they are on their way. */
  readonly readsOn: boolean;
}

const pageQuery = (environment: string, after: string | undefined) => ({
  ...read('jobs', {
    params: { environment },
    query: after === undefined ? { limit: firstJobs } : { after, limit: pageJobs },
  }),
  ...(after === undefined
    ? {}
    : { refetchInterval: () => (connection.state() === 'live' ? manyReadEveryMs : false) as number | false }),
});

/** The first page, for whoever knows that it will be wanted. */
export const firstJobsOf = (environment: string) => pageQuery(environment, undefined);

export function useJobs(environment: string): Jobs {
  const [places, setPlaces] = useState<readonly (string | undefined)[]>([undefined]);
  const answers = useQueries({
    queries: places.map((after) => pageQuery(environment, after)),
  });
  const pages = useSame(answers.map(({ data }) => data));
  useEffect(() => setPlaces(chainOf(pages)), [pages]);
  // While a place has moved and its page is read anew, what was known beyond it stays on the screen.
  const whole = useRef<readonly JobSummary[]>([]);
  const jobs = useMemo(() => joinedPages(pages, whole.current), [pages]);
  const readsOn = pages.at(-1)?.next !== null;
  if (jobs !== undefined && !readsOn) whole.current = jobs;
  const error = answers.find((answer) => answer.error !== null)?.error ?? null;
  return {
    jobs,
    error,
    isPending: jobs === undefined && error === null,
    readsOn: jobs !== undefined && readsOn,
  };
}

/** Their names alone, for a choice. */
export const useJobNames = (environment: string): readonly string[] =>
  (useJobs(environment).jobs ?? []).map(({ name }) => name);

/** The same list for as long as it holds the same. */
function useSame<Item>(list: readonly Item[]): readonly Item[] {
  const kept = useRef(list);
  const { current } = kept;
  if (list.length !== current.length || list.some((item, index) => item !== current[index]))
    kept.current = list;
  return kept.current;
}
