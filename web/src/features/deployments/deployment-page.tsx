/** A deployment: what was done, how long did each step take, and what was printed? */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { DeploymentWithOutput } from '../../../../src/contract/deployment.ts';
import { formatDuration } from '../../../../src/contract/format.ts';
import { read } from '../../data/api.ts';
import { commandLine } from '../../data/command-line.ts';
import { useEnvironmentName } from '../../data/place.ts';
import { CopyAs } from '../../design/copy-as.tsx';
import { Dim } from '../../design/dim.tsx';
import { exactly, useNow } from '../../design/moment.tsx';
import { Facts, Loaded, Page, PageHead, Section } from '../../design/page.tsx';
import { AnsiText } from '../../parts/log/ansi-text.tsx';
import { secondsInWords } from '../../parts/runs/run-words.ts';
import { DeploymentBadge, stepWords, triggerWords } from './deployment-words.tsx';
import classes from './deployments-page.module.css';

/** While it goes on, what it prints is asked for so often. */
const readEveryMs = 1_500;

export function DeploymentPage() {
  const environment = useEnvironmentName();
  const { deployment = '' } = useParams({ strict: false }) as { deployment?: string };
  const found = useQuery({
    ...read('deployment', { params: { environment, deployment } }),
    refetchInterval: ({ state }) => (state.data?.outcome ? false : readEveryMs),
  });
  return (
    <Page title={`A deployment of ${environment}`}>
      <Loaded query={found}>{(each) => <Found deployment={each} />}</Loaded>
    </Page>
  );
}

function Found({ deployment }: { readonly deployment: DeploymentWithOutput }) {
  const { environment, trigger, commit, branch, askedBy, startedAt, endedAt, reason, output } = deployment;
  const now = useNow();
  const length = ((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt)) / 1_000;
  return (
    <>
      <PageHead
        title="Deployment"
        facts={
          <>
            <DeploymentBadge deployment={deployment} />
            <span>{reason}</span>
          </>
        }
        actions={<CopyAs command={commandLine('deployments', environment)} />}
      />
      <Section>
        <Facts
          of={[
            ['Began by', triggerWords[trigger]],
            ['Asked for by', askedBy ?? 'nobody: by itself'],
            ['Started', exactly(Date.parse(startedAt))],
            ['Length', formatDuration(Math.max(0, endedAt === null ? Math.floor(length) : length))],
            ['Branch', branch ?? 'not by a push'],
            ['Commit', commit === null ? 'not known' : <code key="commit">{commit}</code>],
          ]}
        />
      </Section>
      <Section title="Steps">
        <Steps deployment={deployment} now={now} />
      </Section>
      <Section title="Output">
        {output === '' ? (
          <Dim>It printed nothing.</Dim>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys scroll it
          <pre className={classes.output} tabIndex={0}>
            <AnsiText text={output} />
          </pre>
        )}
      </Section>
    </>
  );
}

function Steps({ deployment, now }: { readonly deployment: DeploymentWithOutput; readonly now: number }) {
  const { steps, outcome } = deployment;
  const lengths = steps.map(({ startedAt, endedAt, durationSeconds }) =>
    endedAt === null ? Math.max(0, (now - Date.parse(startedAt)) / 1_000) : (durationSeconds ?? 0),
  );
  const longest = Math.max(...lengths, 0.001);
  return (
    <ol className={classes.steps}>
      {steps.map(({ state, startedAt, endedAt, detail }, index) => (
        <li key={`${state} ${startedAt}`}>
          <span title={exactly(Date.parse(startedAt))}>
            {stepWords[state]}
            {endedAt === null && outcome === null && ' …'}
          </span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            {tookTime(lengths[index]) && (
              <rect width={Math.max(1, ((lengths[index] ?? 0) / longest) * 100)} height="8" />
            )}
          </svg>
          <span className={classes.length}>
            {tookTime(lengths[index]) && secondsInWords(lengths[index] ?? 0)}
          </span>
          <Dim small>{detail}</Dim>
        </li>
      ))}
    </ol>
  );
}

/** Its end is a step too, and takes none. */
const tookTime = (seconds: number | undefined): boolean => seconds !== undefined && seconds > 0;
