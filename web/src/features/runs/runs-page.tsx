/** Runs: what ran, and how did it end? */
import { Button, Select } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { commandLine } from '../../data/command-line.ts';
import { textOf, useEnvironmentName, useWishes } from '../../data/place.ts';
import { CopyAs } from '../../design/copy-as.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { HiddenTitle, Loaded, Page, Section } from '../../design/page.tsx';
import { JobSelect } from '../../parts/jobs/job-select.tsx';
import { RunTable } from '../../parts/runs/run-table.tsx';
import { type Runs, useRuns } from '../../parts/runs/use-runs.ts';
import { fits, type OutcomeWish, outcomeWishes, wishOf } from './outcome-wish.ts';
import classes from './runs-page.module.css';

export function RunsPage() {
  const environment = useEnvironmentName();
  const [asked, change] = useAsked();
  const found = useRuns(environment, asked.job);
  return (
    <Page title={`Runs of ${environment}`}>
      <HiddenTitle>Runs</HiddenTitle>
      <Loaded query={{ data: found.runs, error: found.error, isPending: found.isPending }}>
        {(runs) => {
          const shown = runs.filter((run) => fits(run, asked.outcome, asked.since, asked.until));
          return (
            <Section
              flush
              title="Runs"
              actions={
                <>
                  <JobSelect
                    environment={environment}
                    none="all jobs"
                    job={asked.job}
                    onChange={(job) => change({ job })}
                  />
                  <Select
                    size="xs"
                    aria-label="Outcome"
                    data={outcomeWishes.map(([value, label]) => ({ value, label }))}
                    value={asked.outcome}
                    onChange={(outcome) =>
                      change({ outcome: outcome === 'any' ? undefined : (outcome ?? undefined) })
                    }
                    allowDeselect={false}
                  />
                  <CopyAs
                    command={commandLine('runs', environment, ...(asked.job ? ['--job', asked.job] : []))}
                  />
                </>
              }
            >
              {asked.since !== undefined && (
                <p className={classes.range}>
                  Only runs between {new Date(asked.since).toLocaleString('en-GB')} and{' '}
                  {new Date(asked.until ?? Date.now()).toLocaleString('en-GB')}.{' '}
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    onClick={() => change({ since: undefined, until: undefined })}
                  >
                    Show all times
                  </Button>
                </p>
              )}
              {shown.length > 0 ? (
                <RunTable runs={shown} />
              ) : (
                !found.hasOlder && (
                  <NoRuns environment={environment} narrowed={runs.length > 0 || asked.job !== undefined} />
                )
              )}
              <Older found={found} looked={runs.length} shown={shown.length} />
            </Section>
          );
        }}
      </Loaded>
    </Page>
  );
}

/** Reads on when it comes into sight, and says how far it has looked. */
function Older({
  found,
  looked,
  shown,
}: {
  readonly found: Runs;
  readonly looked: number;
  readonly shown: number;
}) {
  const end = useRef<HTMLDivElement>(null);
  const readOlder = useRef(found.readOlder);
  readOlder.current = found.readOlder;
  useEffect(() => {
    const element = end.current;
    if (element === null) return;
    const watch = new IntersectionObserver(
      ([seen]) => {
        if (seen?.isIntersecting) readOlder.current();
      },
      { rootMargin: '600px' },
    );
    watch.observe(element);
    return () => watch.disconnect();
    // A page that brought nothing to show leaves the end in sight: look again.
  }, [looked]);
  if (!found.hasOlder) return shown > 0 ? <p className={classes.end}>These are all that are kept.</p> : null;
  return (
    <div ref={end} className={classes.end}>
      {found.readingOlder ? (
        `Looked through ${looked.toLocaleString('en')} runs, reading older ones …`
      ) : (
        <Button size="compact-xs" variant="subtle" onClick={found.readOlder}>
          Older runs
        </Button>
      )}
    </div>
  );
}

function NoRuns({ environment, narrowed }: { readonly environment: string; readonly narrowed: boolean }) {
  if (narrowed)
    return (
      <EmptyState title="None of the runs that are kept is such">Choose another job or outcome.</EmptyState>
    );
  return (
    <EmptyState title="Nothing has run yet" command={`nightshift jobs ${environment}`}>
      Every execution of a job is a run: a worker's process from start to exit, one execution of a cron, one
      remote command. Each keeps its output, its exit and what memory it took.
    </EmptyState>
  );
}

interface Asked {
  readonly job: string | undefined;
  readonly outcome: OutcomeWish;
  /** Wall time, ms. */
  readonly since: number | undefined;
  readonly until: number | undefined;
}

function useAsked(): readonly [Asked, (change: Readonly<Record<string, unknown>>) => void] {
  const [{ job, outcome, since, until }, change] = useWishes();
  const moment = (value: unknown): number | undefined => {
    const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  };
  const asked = {
    job: textOf(job),
    outcome: wishOf(outcome),
    since: moment(since),
    until: moment(until),
  };
  return [asked, change];
}
