/** What only crons have: the next due times, the calendar of the ledger, how long the runs took. */
import { useQuery } from '@tanstack/react-query';
import type { Job } from '../../../../src/contract/job.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { read } from '../../data/api.ts';
import { ClockTime, Moment } from '../../design/moment.tsx';
import { Loaded, Section } from '../../design/page.tsx';
import { Durations } from './durations.tsx';
import classes from './job-page.module.css';
import { LedgerCalendar } from './ledger-calendar.tsx';

const nextShown = 5;

export function CronParts({ job, runs }: { readonly job: Job; readonly runs: readonly Run[] }) {
  const { environment, name } = job;
  return (
    <>
      <div className={classes.pair}>
        <Section title="What became of its due times">
          <LedgerCalendar environment={environment} job={name} />
        </Section>
        <Section title="Next due times">
          <Next job={job} />
        </Section>
      </div>
      <Section title={`How long the last ${runs.length === 1 ? 'run' : `${runs.length} runs`} took`}>
        <Durations runs={runs} />
      </Section>
    </>
  );
}

function Next({ job }: { readonly job: Job }) {
  const { environment, name } = job;
  const next = useQuery(read('upcoming', { params: { environment }, query: { job: name, next: nextShown } }));
  return (
    <Loaded query={next}>
      {({ items }) => (
        <>
          {items.length === 0 && <p className={classes.dim}>None: {job.reason}</p>}
          <ol className={classes.next}>
            {items.map(({ dueAt }) => (
              <li key={dueAt}>
                <ClockTime at={dueAt} />
                <span className={classes.dim}>
                  <Moment at={dueAt} />
                </span>
              </li>
            ))}
          </ol>
          <p className={classes.note}>
            {job.crontab === null ? `Every ${job.interval}` : `crontab ${job.crontab}, ${job.timezone}`}
            {job.paused ? '. Held back: these will be skipped.' : ''}
          </p>
        </>
      )}
    </Loaded>
  );
}
