/** Logs: what did it say? */
import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { now } from '../../data/clock.ts';
import { commandLine } from '../../data/command-line.ts';
import { useEnvironmentName } from '../../data/place.ts';
import { CopyAs } from '../../design/copy-as.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { HiddenTitle, Page } from '../../design/page.tsx';
import { useJobNames } from '../../parts/jobs/use-jobs.ts';
import { LogView } from '../../parts/log/log-view.tsx';
import { FilterBar } from './filter-bar.tsx';
import classes from './logs-page.module.css';
import { type LogAsked, queryOf, useLogAsked } from './place.ts';

export function LogsPage() {
  const environment = useEnvironmentName();
  const [asked, change] = useLogAsked();
  const jobs = useJobNames(environment);
  const { level, run, since, until, text } = asked;
  const names = asked.jobs.join(',');
  // "The last hour" is the hour before it was chosen, not one that moves with every line.
  const query = useMemo(
    () => queryOf({ jobs: names.split(',').filter(Boolean), level, run, since, until, text }, now()),
    [names, level, run, since, until, text],
  );
  return (
    <Page title={`Logs of ${environment}`}>
      <HiddenTitle>Logs</HiddenTitle>
      <div className={classes.sentence}>
        <FilterBar asked={asked} onChange={change} jobs={jobs} />
        <CopyAs command={commandOf(environment, asked)} />
      </div>
      <LogView
        environment={environment}
        query={query}
        looks={{ wrap: asked.wrap, utc: asked.utc }}
        onLooks={change}
        size="window"
        empty={<Nothing asked={asked} environment={environment} onAll={() => change(all)} />}
      />
    </Page>
  );
}

const all = { jobs: [], level: undefined, run: undefined, since: undefined, until: undefined, text: '' };

const commandOf = (environment: string, { jobs, level, since, until, text }: LogAsked): string =>
  commandLine(
    'logs',
    environment,
    until === undefined && '-f',
    ...jobs.flatMap((job) => ['--job', job]),
    ...(level === undefined ? [] : ['--level', level]),
    ...(since === undefined ? [] : ['--since', since]),
    ...(until === undefined ? [] : ['--until', until]),
    ...(text === '' ? [] : ['--grep', text]),
  );

interface NothingProps {
  readonly asked: LogAsked;
  readonly environment: string;
  readonly onAll: () => void;
}

function Nothing({ asked, environment, onAll }: NothingProps) {
  const { jobs, level, run, since, until, text } = asked;
  const narrowed =
    jobs.length > 0 || text !== '' || [level, run, since, until].some((each) => each !== undefined);
  if (narrowed)
    return (
      <EmptyState title="No line says so" action={<Button onClick={onAll}>Show all lines</Button>}>
        Nothing that is kept fits this sentence. A line that does will appear here as soon as it is written.
        {text !== '' && ' The text is searched for by its very letters, upper and lower case.'}
      </EmptyState>
    );
  return (
    <EmptyState title="Nothing was written yet" command={`nightshift logs ${environment} -f`}>
      What jobs print, on standard output and standard error, appears here as they print it.
    </EmptyState>
  );
}
