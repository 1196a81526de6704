/** Deployments: which code runs, since when, and did the last update work? */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Deployment } from '../../../../src/contract/deployment.ts';
import { formatDuration } from '../../../../src/contract/format.ts';
import { read } from '../../data/api.ts';
import { now } from '../../data/clock.ts';
import { commandLine } from '../../data/command-line.ts';
import { useEnvironmentName } from '../../data/place.ts';
import { WithReason } from '../../design/badge.tsx';
import { CopyAs } from '../../design/copy-as.tsx';
import { Dim } from '../../design/dim.tsx';
import { EmptyState } from '../../design/empty-state.tsx';
import { Icon } from '../../design/icon.tsx';
import { Moment } from '../../design/moment.tsx';
import { HiddenTitle, Loaded, Page, Section } from '../../design/page.tsx';
import { type Column, rowLink, Table } from '../../design/table.tsx';
import { environmentActs } from '../../parts/environment-acts.ts';
import { DeploymentBadge, triggerWords } from './deployment-words.tsx';

export function DeploymentsPage() {
  const environment = useEnvironmentName();
  const deployments = useQuery(read('deployments', { params: { environment }, query: { limit: 200 } }));
  const facts = useQuery(read('environment', { params: { environment } }));
  const booked = facts.data !== undefined && facts.data.plan !== null;
  const deploy = (
    <Button
      leftSection={<Icon name="restart" />}
      disabled={!booked}
      onClick={() => facts.data && void environmentActs.deploy(facts.data)}
    >
      Deploy …
    </Button>
  );
  return (
    <Page title={`Deployments of ${environment}`}>
      <HiddenTitle>Deployments</HiddenTitle>
      <Loaded query={deployments}>
        {({ items }) => (
          <Section
            flush
            title="Deployments"
            actions={
              <>
                <CopyAs command={commandLine('deploy', environment)} />
                {deploy}
              </>
            }
          >
            {items.length === 0 ? (
              <EmptyState title="Nothing was deployed yet" command={`nightshift deploy ${environment}`}>
                A deployment restarts the workers gracefully, so that they run the new code; crons take it
                with their next run. It follows a push, a call of the deploy hook, or this button for code
                that came another way.
              </EmptyState>
            ) : (
              <Table
                label="Deployments"
                columns={columns}
                rows={items}
                keyOf={({ id }) => id}
                toneOf={toneOf}
              />
            )}
          </Section>
        )}
      </Loaded>
    </Page>
  );
}

const toneOf = ({ outcome }: Deployment) => (outcome === 'failed' ? 'bad' : undefined);

const columns: readonly Column<Deployment>[] = [
  {
    key: 'began',
    head: 'Began',
    width: '120px',
    lead: true,
    cell: ({ environment, id, startedAt }) => (
      <Link
        to="/environments/$environment/deployments/$deployment"
        params={{ environment, deployment: id }}
        className={rowLink}
      >
        <Moment at={startedAt} />
      </Link>
    ),
  },
  {
    key: 'outcome',
    head: 'Outcome',
    width: 'minmax(200px, 2fr)',
    lead: true,
    cell: (deployment) => (
      <WithReason badge={<DeploymentBadge deployment={deployment} />}>{deployment.reason}</WithReason>
    ),
  },
  { key: 'by', head: 'By', width: '140px', cell: ({ trigger }) => triggerWords[trigger] },
  {
    key: 'commit',
    head: 'Commit',
    width: '110px',
    cell: ({ commit }) => (commit === null ? <Dim>–</Dim> : <code>{commit.slice(0, 10)}</code>),
  },
  {
    key: 'length',
    head: 'Length',
    width: '80px',
    right: true,
    cell: ({ startedAt, endedAt }) =>
      formatDuration(
        Math.max(0, (endedAt === null ? now() : Date.parse(endedAt)) - Date.parse(startedAt)) / 1_000,
      ),
  },
];
