/** Which environment this is, its plan, and what can be done to all of it. */
import { ActionIcon, Button, Menu } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Environment } from '../../../../src/contract/environment.ts';
import { formatPlanSize } from '../../../../src/contract/format.ts';
import type { JobSummary } from '../../../../src/contract/job.ts';
import { Badge } from '../../design/badge.tsx';
import { Icon } from '../../design/icon.tsx';
import { Notice } from '../../design/notice.tsx';
import { PageHead } from '../../design/page.tsx';
import { environmentActs } from '../../parts/environment-acts.ts';
import { RestartWorkers } from './restart-workers.tsx';

interface EnvironmentHeadProps {
  readonly environment: Environment;
  readonly jobs: readonly JobSummary[];
}

export function EnvironmentHead({ environment, jobs }: EnvironmentHeadProps) {
  const { name, notices, paused, trial } = environment;
  return (
    <>
      <PageHead
        title={name}
        facts={
          <>
            <span>{planInWords(environment)}</span>
            {trial && (
              <Badge tone="accent" shape="ring">
                on trial
              </Badge>
            )}
            {paused && (
              <Badge tone="warn" shape="bars">
                crons are held back
              </Badge>
            )}
          </>
        }
        actions={<Acts environment={environment} jobs={jobs} />}
      />
      {notices.map((notice) => (
        // The badge of the job counts down; a sentence that was read can't.
        <Notice key={notice}>{notice.replace(/; again in [^;]*\.$/, '.')}</Notice>
      ))}
    </>
  );
}

function planInWords({ plan, limits, jobsEnabled, root }: Environment): string {
  if (plan === null || limits === null) return `no plan · ${root}`;
  return `${plan} · ${formatPlanSize(limits.memoryBytes)} · ${jobsEnabled} of ${limits.jobs} jobs · ${limits.cpu} CPU`;
}

function Acts({ environment, jobs }: EnvironmentHeadProps) {
  const navigate = useNavigate();
  const { name, paused, plan } = environment;
  return (
    <>
      {plan !== null && (
        <Button
          variant="default"
          leftSection={<Icon name="deploy" />}
          onClick={() => void environmentActs.deploy(environment)}
        >
          Deploy …
        </Button>
      )}
      {plan !== null && <RestartWorkers environment={name} jobs={jobs} />}
      <Menu>
        <Menu.Target>
          <ActionIcon size={30} variant="default" aria-label={`More to do with ${name}`}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {paused ? (
            <Menu.Item leftSection={<Icon name="play" />} onClick={() => void environmentActs.resume(name)}>
              Let all crons go on
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<Icon name="pause" />} onClick={() => void environmentActs.pause(name)}>
              Hold all crons back
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<Icon name="restart" />}
            onClick={() => void environmentActs.resetStatistics(name)}
          >
            Reset the statistics …
          </Menu.Item>
          <Menu.Item
            component={Link}
            to="/environments/$environment/component"
            params={{ environment: name } as never}
          >
            Change the plan
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<Icon name="trash" />}
            onClick={() =>
              void environmentActs.remove(environment).then((removed) => {
                if (removed) void navigate({ to: '/' });
              })
            }
          >
            Remove the environment …
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
