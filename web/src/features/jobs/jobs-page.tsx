/** An environment: what runs, what failed, what is next? */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { read } from '../../data/api.ts';
import { useEnvironmentName, useSearchText } from '../../data/place.ts';
import { EmptyState } from '../../design/empty-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Loaded, Page, Section } from '../../design/page.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { useJobs } from '../../parts/jobs/use-jobs.ts';
import { EnvironmentHead } from './environment-head.tsx';
import { JobTable } from './job-table.tsx';
import classes from './jobs-page.module.css';
import { LastNight } from './last-night.tsx';
import { NowCard } from './now-card.tsx';

export function JobsPage() {
  const environment = useEnvironmentName();
  const asked = { params: { environment } };
  const facts = useQuery(read('environment', asked));
  const found = useJobs(environment);
  const [text, setText] = useSearchText();
  return (
    <Page title={environment}>
      <Loaded query={facts}>
        {(whole) => (
          <>
            <EnvironmentHead environment={whole} jobs={found.jobs ?? []} />
            {whole.plan !== null && (
              <div className={classes.cards}>
                <NowCard environment={whole} />
                <LastNight environment={environment} />
              </div>
            )}
            <Loaded query={{ data: found.jobs, error: found.error, isPending: found.isPending }}>
              {(jobs) =>
                jobs.length === 0 ? (
                  <Section>
                    <NoJobs environment={environment} booked={whole.plan !== null} />
                  </Section>
                ) : (
                  <Section
                    flush
                    title={`Jobs · ${jobs.length.toLocaleString('en')}${found.readsOn ? ' …' : ''}`}
                    actions={
                      <>
                        <SearchField label="Search jobs" text={text} onChange={setText} />
                        <AddJob environment={environment} />
                      </>
                    }
                  >
                    <JobTable
                      environment={environment}
                      jobs={jobs.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()))}
                    />
                  </Section>
                )
              }
            </Loaded>
          </>
        )}
      </Loaded>
    </Page>
  );
}

const AddJob = ({ environment }: { readonly environment: string }) => (
  <Button
    data-add
    component={Link}
    to="/environments/$environment/new-job"
    params={{ environment } as never}
    leftSection={<Icon name="plus" />}
  >
    Job
  </Button>
);

function NoJobs({ environment, booked }: { readonly environment: string; readonly booked: boolean }) {
  if (!booked) {
    return (
      <EmptyState
        title="No jobs component is booked"
        action={
          <Button
            component={Link}
            to="/environments/$environment/component"
            params={{ environment } as never}
          >
            Choose a plan
          </Button>
        }
        command={`nightshift book ${environment} M`}
      >
        A plan bounds memory, CPU and the number of jobs of this environment. Then workers and crons can run
        here.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No job yet"
      action={<AddJob environment={environment} />}
      command={`nightshift job add ${environment} mailer worker --command 'php artisan queue:work'`}
    >
      A worker runs non-stop and is restarted when it fails: a queue, a socket server. A cron runs at its
      interval: reports, feeds, clean-ups.
    </EmptyState>
  );
}
