/** The acts that fit a job as it is now. */
import { ActionIcon, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { JobSummary } from '../../../../src/contract/job.ts';
import { commandLine } from '../../data/command-line.ts';
import { CopyItem } from '../../design/copy-as.tsx';
import { Icon } from '../../design/icon.tsx';
import { jobActs } from './job-acts.ts';

export function JobMenu({ job, onRemoved }: { readonly job: JobSummary; readonly onRemoved?: () => void }) {
  const { environment, name, status, type } = job;
  const enabled = status === 'enabled';
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon aria-label={`What to do with ${name}`}>
          <Icon name="more" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!enabled && (
          <Menu.Item leftSection={<Icon name="play" />} onClick={() => void jobActs.start(job)}>
            Start
          </Menu.Item>
        )}
        {type === 'cron' && (
          <Menu.Item
            leftSection={<Icon name="play" />}
            disabled={!enabled}
            onClick={() => void jobActs.runNow(job)}
          >
            Run now
          </Menu.Item>
        )}
        {type === 'worker' && enabled && (
          <Menu.Item leftSection={<Icon name="restart" />} onClick={() => void jobActs.restart(job)}>
            Restart …
          </Menu.Item>
        )}
        {enabled && (
          <Menu.Item leftSection={<Icon name="stop" />} onClick={() => void jobActs.stop(job)}>
            Stop …
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<Icon name="edit" />}
          component={Link}
          to="/environments/$environment/jobs/$job/edit"
          params={{ environment, job: name } as never}
        >
          Edit
        </Menu.Item>
        <Menu.Divider />
        <CopyItem what="Show it in a terminal" text={commandLine('job', 'show', environment, name)} />
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<Icon name="trash" />}
          onClick={() => void jobActs.remove(job).then((removed) => removed && onRemoved?.())}
        >
          Remove …
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
