/** Pages of a list as one list. Pure. */
import type { JobSummary } from '../../../../src/contract/job.ts';
import type { List } from '../../../../src/contract/wire.ts';

export type JobsPage = List<JobSummary>;

/** Where each page begins, as far as the pages before it tell: the first at the beginning, each other after a name. */
export function chainOf(pages: readonly (JobsPage | undefined)[]): readonly (string | undefined)[] {
  const chain: (string | undefined)[] = [undefined];
  for (const page of pages) {
    if (page === undefined || page.next === null) break;
    chain.push(page.next);
  }
  return chain;
}

/** The rows of the pages that are there, and behind them what was known before of those that are not. */
export function joinedPages(
  pages: readonly (JobsPage | undefined)[],
  before: readonly JobSummary[],
): readonly JobSummary[] | undefined {
  const missing = pages.indexOf(undefined);
  const there = (missing === -1 ? pages : pages.slice(0, missing)) as readonly JobsPage[];
  const last = there.at(-1);
  if (last === undefined) return undefined;
  // Most environments have one page: its very list, which is the same as long as nothing changes.
  const items = there.length === 1 ? last.items : there.flatMap((page) => page.items);
  const { next } = last;
  return next === null ? items : [...items, ...before.filter(({ name }) => name > next)];
}
