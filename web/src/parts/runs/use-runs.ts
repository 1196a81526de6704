/** Runs, newest first, page after page; the newest are read anew while the page is open. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Run } from '../../../../src/contract/run.ts';
import { api, read } from '../../data/api.ts';
import { withNewest } from './with-newest.ts';

const newestRuns = 50;
const pageRuns = 200;

export interface Runs {
  readonly runs: readonly Run[] | undefined;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly hasOlder: boolean;
  readonly readingOlder: boolean;
  readonly readOlder: () => void;
}

export function useRuns(environment: string, job: string | undefined): Runs {
  const params = { environment };
  const ofJob = job === undefined ? {} : { job };
  const newest = useQuery(read('runs', { params, query: { ...ofJob, limit: newestRuns } }));
  const pages = useInfiniteQuery({
    // Under a name of its own: events change lists in place, and these are pages of lists.
    queryKey: ['runs-pages', params, ofJob],
    queryFn: ({ pageParam, signal }) => {
      const before = pageParam === undefined ? {} : { before: pageParam };
      return api.call('runs', { params, query: { ...ofJob, ...before, limit: pageRuns } }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const runs = useMemo(
    () =>
      pages.data === undefined
        ? newest.data?.items
        : withNewest(
            pages.data.pages.flatMap(({ items }) => items),
            newest.data?.items ?? [],
          ),
    [pages.data, newest.data],
  );
  return {
    runs,
    error: runs === undefined ? (pages.error ?? newest.error) : null,
    isPending: runs === undefined && pages.error === null,
    hasOlder: pages.hasNextPage,
    readingOlder: pages.isFetchingNextPage,
    readOlder: () => {
      if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
    },
  };
}
