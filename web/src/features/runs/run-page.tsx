/** A run: what happened in it? Printed, it makes a record of an incident. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { formatSize } from '../../../../src/contract/format.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { read } from '../../data/api.ts';
import { commandLine } from '../../data/command-line.ts';
import { useEnvironmentName, useRunId } from '../../data/place.ts';
import { CopyAs } from '../../design/copy-as.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { exactly, useNow } from '../../design/moment.tsx';
import { OutcomeBadge } from '../../design/outcome-badge.tsx';
import { Facts, Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import type { LogLooks } from '../../parts/log/log-view.tsx';
import { LogView } from '../../parts/log/log-view.tsx';
import { exitInWords, lengthInWords, triggerWords } from '../../parts/runs/run-words.ts';
import { LifeOfRun } from './life-of-run.tsx';
import classes from './run-page.module.css';
import { useNeighbours } from './use-neighbours.ts';

export function RunPage() {
  const environment = useEnvironmentName();
  const id = useRunId();
  const run = useQuery(read('run', { params: { environment, run: id } }));
  return (
    <Page title={run.data ? `${run.data.job ?? 'Remote command'}, a run` : 'Run'}>
      <Loaded query={run}>{(found) => <Found run={found} key={found.id} />}</Loaded>
    </Page>
  );
}

function Found({ run }: { readonly run: Run }) {
  const { environment, id, job } = run;
  const [looks, setLooks] = useState<LogLooks>({ wrap: true, utc: false });
  return (
    <>
      <PageHead
        title={
          <>
            Run of{' '}
            {job === null ? (
              'a remote command'
            ) : (
              <Link to="/environments/$environment/jobs/$job" params={{ environment, job }}>
                {job}
              </Link>
            )}
          </>
        }
        facts={
          <>
            <OutcomeBadge run={run} />
            <span>{run.reason}</span>
          </>
        }
        actions={
          <>
            <Neighbours run={run} />
            <CopyAs command={commandLine('logs', environment, '--run', id)} />
          </>
        }
      />
      <Section>
        <RunFacts run={run} />
      </Section>
      <LifeOfRun run={run} />
      <h2 className={classes.heading}>Output</h2>
      <LogView
        environment={environment}
        query={queryOf(run)}
        looks={looks}
        onLooks={setLooks}
        size="part"
        empty={
          <EmptyState title="It printed nothing">
            {run.outcome === null
              ? 'What it prints appears here at once.'
              : 'Nothing on standard output, nothing on standard error; or its output was older than what is kept.'}
          </EmptyState>
        }
      />
    </>
  );
}

/** After its end only what our own notes add may follow. */
const afterEndMs = 60_000;

function queryOf({ id, endedAt }: Run) {
  return endedAt === null
    ? { run: id }
    : { run: id, until: new Date(Date.parse(endedAt) + afterEndMs).toISOString() };
}

function RunFacts({ run }: { readonly run: Run }) {
  const now = useNow();
  const { trigger, commit, startedAt, memoryMaxBytes, askedBy, dueAt, attempt, instance, kind, command } =
    run;
  return (
    <>
      <Facts
        of={[
          ['Began because of', `${triggerWords[trigger]}${attempt > 1 ? `, attempt ${attempt}` : ''}`],
          ['Started', startedAt === null ? 'not yet' : exactly(Date.parse(startedAt))],
          ['Length', lengthInWords(run, now)],
          ['Exit', exitInWords(run)],
          ['Peak memory', memoryMaxBytes === null ? 'not measured' : formatSize(memoryMaxBytes)],
          ['Commit', commit === null ? 'not known' : <code>{commit.slice(0, 12)}</code>],
          ['Asked for by', askedBy ?? 'nobody: by itself'],
          ...(dueAt === null ? [] : ([['Due', exactly(Date.parse(dueAt))]] as const)),
          ...(kind === 'worker' ? ([['Instance', String(instance + 1)]] as const) : []),
          ['Run', <code key="id">{run.id}</code>],
        ]}
      />
      <p className={classes.command}>
        <code>{command}</code>
      </p>
    </>
  );
}

function Neighbours({ run }: { readonly run: Run }) {
  const { before, after } = useNeighbours(run);
  if (run.job === null) return null;
  return (
    <nav className={classes.neighbours} aria-label="The runs before and after">
      <Neighbour run={before} words="Run before" />
      <Neighbour run={after} words="Run after" />
    </nav>
  );
}

function Neighbour({ run, words }: { readonly run: Run | undefined; readonly words: string }) {
  if (run === undefined)
    return (
      <Button variant="default" disabled>
        {words}
      </Button>
    );
  return (
    <Button
      variant="default"
      component={Link}
      to="/environments/$environment/runs/$run"
      params={{ environment: run.environment, run: run.id } as never}
      title={`${run.outcome ?? 'runs'}${run.reason ? `: ${run.reason}` : ''}`}
    >
      {words}
    </Button>
  );
}
