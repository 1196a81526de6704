/** The runs of the same job right before and right after a run. */
import { useQuery } from '@tanstack/react-query';
import type { Run } from '../../../../src/contract/run.ts';
import { read } from '../../data/api.ts';

/** Most people come from a list of recent runs; no more than the second figure are kept of a job. */
const nearRuns = 50;
const allRuns = 1_000;

export function useNeighbours(run: Run): {
  readonly before: Run | undefined;
  readonly after: Run | undefined;
} {
  const { environment, id } = run;
  const job = run.job ?? '';
  const params = { environment };
  const enabled = run.job !== null;
  const calm = { enabled, refetchInterval: false, staleTime: 30_000 } as const;
  const older = useQuery({ ...read('runs', { params, query: { job, before: id, limit: 1 } }), ...calm });
  const near = useQuery({
    ...read('runs', { params, query: { job, limit: nearRuns } }),
    enabled,
  });
  const isNear = near.data?.items.some((each) => each.id === id) ?? true;
  const all = useQuery({
    ...read('runs', { params, query: { job, limit: allRuns } }),
    ...calm,
    enabled: enabled && !isNear,
  });
  const list = (isNear ? near.data : all.data)?.items ?? [];
  const place = list.findIndex((each) => each.id === id);
  return { before: older.data?.items[0], after: place > 0 ? list[place - 1] : undefined };
}
