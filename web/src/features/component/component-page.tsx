/** Component: does the plan fit? */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Environment, Plan } from '../../../../src/contract/environment.ts';
import { formatPlanSize, formatSize } from '../../../../src/contract/format.ts';
import { read } from '../../data/api.ts';
import { useChange } from '../../data/change.ts';
import { commandLine } from '../../data/command-line.ts';
import { ApiFailure } from '../../data/failure.ts';
import { useEnvironmentName } from '../../data/place.ts';
import { confirm } from '../../design/confirm.tsx';
import { CopyAs } from '../../design/copy-as.tsx';
import { Failure, Notice } from '../../design/notice.tsx';
import { Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { toast } from '../../design/toasts.tsx';
import { AdvicePanel } from '../../parts/advice-panel.tsx';
import classes from './component-page.module.css';
import { PlanCard } from './plan-card.tsx';
import { whatChanges } from './plan-words.ts';

export function ComponentPage() {
  const environment = useEnvironmentName();
  const facts = useQuery(read('environment', { params: { environment } }));
  const plans = useQuery(read('plans'));
  return (
    <Page title={`Component of ${environment}`}>
      <Loaded query={facts}>
        {(found) => (
          <Loaded query={plans}>{({ items }) => <Component environment={found} plans={items} />}</Loaded>
        )}
      </Loaded>
      <AdvicePanel environment={environment} />
    </Page>
  );
}

function Component({
  environment,
  plans,
}: {
  readonly environment: Environment;
  readonly plans: readonly Plan[];
}) {
  const { name, plan: booked, usage, notices, advice, trial } = environment;
  const [chosen, setChosen] = useState<string>();
  const params = { environment: name };
  const book = useChange('book', {
    onDone: (_, { body }) => {
      setChosen(undefined);
      toast(
        booked === null
          ? `Plan ${body?.plan} is booked.`
          : `${name} has plan ${body?.plan} now; nothing was restarted.`,
      );
    },
  });
  const unbook = useChange('unbook', {
    onDone: () =>
      toast(`The component of ${name} is given up; its jobs are stopped, their definitions stay.`),
  });
  const next = plans.find((plan) => plan.name === chosen);
  const current = plans.find((plan) => plan.name === booked);

  const giveUp = async () => {
    const yes = await confirm({
      title: `Give up the jobs component of ${name}?`,
      text: `Stops ${environment.workersRunning === 1 ? 'the one worker that runs' : `the ${environment.workersRunning} workers that run`} and every run of a cron. The definitions of its ${environment.jobs} jobs stay and work again when a plan is booked.`,
      button: 'Stop the jobs and unbook',
      danger: true,
    });
    if (yes) unbook.mutate({ params, query: { wait: 'false' } });
  };

  return (
    <>
      <PageHead
        title="Component"
        facts={<span>{factsInWords(environment)}</span>}
        actions={
          booked !== null && (
            <Button variant="default" color="red" loading={unbook.isPending} onClick={() => void giveUp()}>
              Unbook …
            </Button>
          )
        }
      />
      {trial && (
        <Notice tone="accent">{name} is on trial: a plan can be booked when the trial has ended.</Notice>
      )}
      {notices.map((notice) => (
        <Notice key={notice}>{notice}</Notice>
      ))}
      {/* That the plan is too small stands among the notices. */}
      {advice?.kind === 'smaller' && <Notice tone="accent">{advice.sentence}</Notice>}
      <Failure of={unbook.error} />
      <div className={classes.plans} role="radiogroup" aria-label="Plans">
        {plans.map((plan) => (
          <PlanCard
            key={plan.name}
            plan={plan}
            isBooked={plan.name === booked}
            isChosen={plan.name === chosen}
            isAdvised={plan.name === advice?.plan}
            usage={usage}
            jobsEnabled={environment.jobsEnabled}
            onChoose={() => {
              book.reset();
              setChosen(plan.name === booked ? undefined : plan.name);
            }}
          />
        ))}
      </div>
      {next === undefined ? (
        <p className={classes.hint}>
          {booked === null
            ? 'Choose a plan. Its memory and CPU hold for all jobs of the environment together.'
            : 'Choose another plan to see what would change.'}
        </p>
      ) : (
        <Section title={booked === null ? `Book ${next.name}` : `From ${booked} to ${next.name}`}>
          <div className={classes.change}>
            <ul>
              {whatChanges(environment, current, next).map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
            <Failure
              of={book.error}
              action={
                book.error instanceof ApiFailure &&
                book.error.code === 'plan.memory-in-use' && (
                  <Button
                    color="red"
                    onClick={() =>
                      book.mutate({
                        params,
                        query: { wait: 'false' },
                        body: { plan: next.name, force: true },
                      })
                    }
                  >
                    End what does not fit
                  </Button>
                )
              }
            />
            <div className={classes.acts}>
              <CopyAs command={commandLine('book', name, next.name)} />
              <div className={classes.buttons}>
                <Button variant="default" onClick={() => setChosen(undefined)}>
                  Cancel
                </Button>
                <Button
                  loading={book.isPending}
                  onClick={() => book.mutate({ params, query: { wait: 'false' }, body: { plan: next.name } })}
                >
                  {booked === null ? `Book ${next.name}` : `Change to ${next.name}`}
                </Button>
              </div>
            </div>
          </div>
        </Section>
      )}
    </>
  );
}

function factsInWords({ plan, limits, usage, jobsEnabled }: Environment): string {
  if (plan === null || limits === null) return 'no plan is booked';
  const peak = usage?.memoryMaxBytes;
  const memory =
    peak == null
      ? formatPlanSize(limits.memoryBytes)
      : `${formatSize(peak)} of ${formatPlanSize(limits.memoryBytes)} at the peak`;
  return `plan ${plan} · ${memory} · ${jobsEnabled} of ${limits.jobs} jobs`;
}
