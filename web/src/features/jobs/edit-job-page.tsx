/** Edit a job. When somebody else was quicker, both versions are told, and nothing is written over. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Environment } from '../../../../src/contract/environment.ts';
import type { Job } from '../../../../src/contract/job.ts';
import { api, keyOf, queryClient, read } from '../../data/api.ts';
import { useChange } from '../../data/change.ts';
import { commandLine } from '../../data/command-line.ts';
import { useEnvironmentName, useJobName } from '../../data/place.ts';
import { CopyAs } from '../../design/copy-as.tsx';
import { Notice } from '../../design/notice.tsx';
import { Loaded, Page, PageHead } from '../../design/page.tsx';
import { toast } from '../../design/toasts.tsx';
import { callOf } from '../../parts/sent-form.tsx';
import { JobForm } from './job-form.tsx';
import { type FieldErrors, type FormValues, formOf, moreSettings, optionsOf, readForm } from './settings.ts';

export function EditJobPage() {
  const environment = useEnvironmentName();
  const name = useJobName();
  const facts = useQuery(read('environment', { params: { environment } }));
  // Read once, with its version: the form must not change under the hands of who fills it in.
  const job = useQuery({
    queryKey: ['job to edit', environment, name],
    queryFn: ({ signal }) => api.receive('job', { params: { environment, job: name } }, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchInterval: false,
    refetchOnWindowFocus: false,
  });
  return (
    <Page title={`Edit ${name}`} narrow>
      <PageHead title={`Edit ${name}`} />
      <Loaded query={facts}>
        {(found) => (
          <Loaded query={job}>
            {({ value, version }) => (
              <EditJob
                key={version ?? value.version}
                environment={found}
                job={value}
                version={version}
                onReload={() => void job.refetch()}
              />
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

interface EditJobProps {
  readonly environment: Environment;
  readonly job: Job;
  readonly version: string | undefined;
  readonly onReload: () => void;
}

function EditJob({ environment, job, version, onReload }: EditJobProps) {
  const navigate = useNavigate();
  const before = formOf(job);
  const [values, setValues] = useState<FormValues>(before);
  const [errors, setErrors] = useState<FieldErrors>({});
  const params = { environment: environment.name, job: job.name };
  const leave = () => void navigate({ to: '/environments/$environment/jobs/$job', params });
  const edit = useChange('editJob', {
    onDone: () => {
      toast(
        job.type === 'worker' && job.instancesRunning > 0
          ? `${job.name} is changed, and restarts.`
          : `${job.name} is changed; its next run has it.`,
      );
      leave();
    },
  });
  const changes = readForm(values, before);
  const settings = 'settings' in changes ? changes.settings : {};
  const isUnchanged = 'settings' in changes && Object.keys(settings).length === 0;
  // The present state of the job goes on being read beside: a newer version is told before anything is sent.
  const { data: present } = useQuery(read('job', { params }));
  const isOutdated =
    present !== undefined && present.version !== job.version && !edit.isPending && !edit.isSuccess;
  return (
    <JobForm
      isNew={false}
      environment={environment}
      values={values}
      onChange={(next) => {
        setValues(next);
        setErrors({});
        if (edit.isError) edit.reset();
      }}
      onLeave={leave}
      onSubmit={() => {
        if ('errors' in changes) setErrors(changes.errors);
        else if (isUnchanged) leave();
        else {
          edit.mutate({
            params,
            query: { wait: 'false' },
            body: settings,
            ...(version === undefined ? {} : { version }),
          });
        }
      }}
      busy={edit.isPending}
      button={isUnchanged ? 'Nothing is changed' : 'Save'}
      failure={edit.error}
      errors={errors}
      before={
        isOutdated && (
          <Notice
            action={
              <Button
                variant="default"
                onClick={() => {
                  void queryClient.invalidateQueries({ queryKey: keyOf('job', { params }) });
                  onReload();
                }}
              >
                Take the new settings
              </Button>
            }
          >
            {job.name} was changed meanwhile: {differences(job, present)}. Your changes are still here, and
            were not sent.
          </Notice>
        )
      }
      copy={
        <CopyAs
          command={commandLine('job', 'edit', environment.name, job.name, ...optionsOf(settings))}
          call={callOf('editJob', { params, body: settings })}
        />
      }
    />
  );
}

/** `command is "php b.php" now, exit timeout is 30s now` */
function differences(then: Job, now: Job): string {
  const [old, next] = [formOf(then), formOf(now)];
  const labels: readonly (readonly [string, string, string])[] = [
    ['command', old.command, next.command],
    ['it', old.enabled ? 'enabled' : 'disabled', next.enabled ? 'enabled' : 'disabled'],
    ['the schedule', old.crontab || old.interval, next.crontab || next.interval],
    ['the time zone', old.timezone, next.timezone],
    ...moreSettings.map(
      ({ key, label }) => [label.toLowerCase(), old.more[key] ?? '', next.more[key] ?? ''] as const,
    ),
  ];
  const changed = labels
    .filter(([, a, b]) => a !== b)
    .map(([label, , b]) => `${label} is ${b || 'unset'} now`);
  return changed.length === 0 ? 'somebody saved the same settings' : changed.join(', ');
}
