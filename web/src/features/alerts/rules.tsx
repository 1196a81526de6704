/** Of what nobody is told, in an environment and of single jobs, and the monitors of its crons. */
import { Button, MultiSelect, NumberInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AlertRules, AlertRulesChange } from '../../../../src/contract/alert.ts';
import { read } from '../../data/api.ts';
import { commandLine } from '../../data/command-line.ts';
import { Dim } from '../../design/dim.tsx';
import { Icon } from '../../design/icon.tsx';
import { Loaded, Section } from '../../design/page.tsx';
import { act } from '../../parts/act.ts';
import { JobSelect } from '../../parts/jobs/job-select.tsx';
import { SentForm, useSending } from '../../parts/sent-form.tsx';
import classes from './alerts.module.css';
import { type IncidentKind, kindChoices, wordOf } from './kind-words.ts';

export function Rules({ environment }: { readonly environment: string }) {
  const rules = useQuery(read('alertRules', { params: { environment } }));
  return <Loaded query={rules}>{(found) => <Found environment={environment} rules={found} />}</Loaded>;
}

function Found({ environment, rules }: { readonly environment: string; readonly rules: AlertRules }) {
  const [adding, setAdding] = useState(false);
  const jobs = [...new Set([...Object.keys(rules.jobs), ...Object.keys(rules.pings)])].sort();
  const setOff = (off: string[]) =>
    act('changeAlertRules', { params: { environment }, body: { off } }, 'The rules are changed.');
  return (
    <Section
      title="What is told"
      flush
      actions={
        adding ? undefined : (
          <Button leftSection={<Icon name="plus" />} variant="default" onClick={() => setAdding(true)}>
            Rule of a job
          </Button>
        )
      }
    >
      <div className={classes.form}>
        <MultiSelect
          label="Told to nobody"
          description="Of whichever job. Such incidents are listed all the same."
          placeholder={rules.off.length === 0 ? 'none: every kind is told' : ''}
          data={kindChoices(false)}
          value={rules.off}
          onChange={(off) => void setOff(off)}
        />
      </div>
      {adding && (
        <div className={classes.form}>
          <JobRule environment={environment} onLeave={() => setAdding(false)} />
        </div>
      )}
      <ul className={classes.list}>
        {jobs.map((job) => (
          <li key={job} className={classes.line}>
            <span>
              <b>{job}</b> <Dim>{inWords(rules, job).join(', ')}</Dim>
            </span>
            <Button size="compact-sm" variant="default" onClick={() => void asUsual(environment, job)}>
              As usual
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function inWords({ jobs, pings }: AlertRules, job: string): string[] {
  const rule = jobs[job];
  return [
    ...(rule === undefined || rule.off.length === 0 ? [] : [`not when ${rule.off.map(wordOf).join(', ')}`]),
    ...(rule === undefined || rule.afterFails === 1 ? [] : [`fails only after ${rule.afterFails} in a row`]),
    ...(pings[job] === undefined ? [] : [`each run is told to ${pings[job]}`]),
  ];
}

const asUsual = (environment: string, job: string): Promise<boolean> =>
  act(
    'changeAlertRules',
    {
      params: { environment },
      body: { jobs: { [job]: { off: [], afterFails: 1 } }, pings: { [job]: null } },
    },
    `Of ${job} everything is told again.`,
  );

function JobRule({ environment, onLeave }: { readonly environment: string; readonly onLeave: () => void }) {
  const [job, setJob] = useState<string>();
  const [off, setOff] = useState<string[]>([]);
  const [afterFails, setAfterFails] = useState(1);
  const [ping, setPing] = useState('');
  const change = useSending('changeAlertRules', ['afterFails', 'kinds', 'ping', 'url'], onLeave);
  const body: AlertRulesChange =
    job === undefined
      ? {}
      : {
          jobs: { [job]: { off: off as IncidentKind[], afterFails } },
          ...(ping.trim() === '' ? {} : { pings: { [job]: ping.trim() } }),
        };
  const command = commandLine(
    ...['alerts', 'job', environment, job ?? 'JOB'],
    ...(off.length === 0 ? [] : ['--off', off.join(',')]),
    ...(afterFails === 1 ? [] : ['--after-fails', String(afterFails)]),
    ...(ping.trim() === '' ? [] : ['--ping', '-']),
  );
  return (
    <SentForm
      of={change}
      asked={{ params: { environment }, body }}
      shown={{
        params: { environment },
        body: ping === '' || job === undefined ? body : { ...body, pings: { [job]: 'https://…' } },
      }}
      button="Keep the rule"
      disabled={job === undefined}
      onLeave={onLeave}
      command={command}
    >
      <JobSelect environment={environment} job={job} onChange={setJob} none="Choose a job" />
      <MultiSelect
        label="Not when"
        data={kindChoices(false)}
        value={off}
        onChange={setOff}
        error={change.errorOf('kinds')}
      />
      <NumberInput
        label="Fails in a row before somebody is told"
        min={1}
        max={100}
        value={afterFails}
        onChange={(value) => setAfterFails(Number(value) || 1)}
        error={change.errorOf('afterFails')}
      />
      <TextInput
        label="Monitor of a cron"
        description="An address elsewhere that is told of each run, such as one of healthchecks.io. It is sealed."
        spellCheck={false}
        autoComplete="off"
        {...change.text('url', ping, setPing)}
      />
    </SentForm>
  );
}
