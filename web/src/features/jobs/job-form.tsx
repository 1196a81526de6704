/** Add or edit a job: one column, each field with its help, refusals beside the field they are about. */
import { Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Environment } from '../../../../src/contract/environment.ts';
import { Form, FormError, FormFoot, useFields } from '../../design/form.tsx';
import { Icon } from '../../design/icon.tsx';
import { Section } from '../../design/page.tsx';
import { CommandField } from './command-field.tsx';
import classes from './job-form.module.css';
import { MoreSettings } from './more-settings.tsx';
import { ScheduleFields } from './schedule-fields.tsx';
import { type FieldErrors, type FormValues, moreSettings } from './settings.ts';

export interface JobFormProps {
  readonly environment: Environment;
  readonly values: FormValues;
  readonly onChange: (values: FormValues) => void;
  readonly onSubmit: () => void;
  readonly onLeave: () => void;
  readonly busy: boolean;
  readonly button: string;
  /** What the server refused. */
  readonly failure: unknown;
  /** What can't be read here already. */
  readonly errors: FieldErrors;
  readonly isNew: boolean;
  readonly before?: ReactNode;
  readonly copy?: ReactNode;
}

const mainFields = ['name', 'command', 'schedule', 'interval', 'crontab', 'timezone', 'plan'] as const;
const allFields = [...mainFields, ...moreSettings.map(({ key }) => key)];

export function JobForm(props: JobFormProps) {
  const { environment, values, onChange, onSubmit, onLeave, busy, button, failure, errors, isNew } = props;
  const refused = useFields(failure, allFields) as FieldErrors;
  const fields: FieldErrors = { ...refused, ...errors };
  const set = (change: Partial<FormValues>) => onChange({ ...values, ...change });
  const isMoreWrong = moreSettings.some(({ key }) => fields[key] !== undefined);
  const [moreAsked, setMoreAsked] = useState(
    !isNew && Object.values(values.more).some((text) => text !== ''),
  );
  return (
    <Form onSubmit={onSubmit} onLeave={onLeave}>
      {props.before}
      <Section>
        <div className={classes.fields}>
          {isNew && (
            <div>
              <SegmentedControl
                aria-label="Type"
                value={values.type}
                onChange={(type) => set({ type: type as FormValues['type'] })}
                data={[
                  { value: 'worker', label: 'Worker' },
                  { value: 'cron', label: 'Cron' },
                ]}
              />
              <p className={classes.help}>
                {values.type === 'worker'
                  ? 'Runs non-stop, and is restarted whenever it ends: a queue, a socket server.'
                  : 'Runs when it is due: a report, a feed, a clean-up.'}
              </p>
            </div>
          )}
          {isNew && (
            <TextInput
              label="Name"
              description="Letters, digits, dots, hyphens and underscores; it stands in logs and commands."
              placeholder={values.type === 'worker' ? 'mailer' : 'nightly-report'}
              autoFocus
              autoComplete="off"
              spellCheck={false}
              value={values.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
              error={fields.name}
            />
          )}
          <CommandField
            environment={environment}
            command={values.command}
            type={values.type}
            onChange={(command) => set({ command })}
            error={fields.command}
          />
          {values.type === 'cron' && <ScheduleFields values={values} set={set} errors={fields} />}
        </div>
      </Section>
      <Section
        title={
          <button
            type="button"
            className={classes.disclose}
            aria-expanded={moreAsked || isMoreWrong}
            onClick={() => setMoreAsked(!moreAsked)}
          >
            <Icon name={moreAsked || isMoreWrong ? 'down' : 'right'} />
            More settings
            <span className={classes.few}>few jobs need them</span>
          </button>
        }
        flush
      >
        {(moreAsked || isMoreWrong) && (
          <div className={classes.more}>
            <MoreSettings
              type={values.type}
              values={values.more}
              isNew={isNew}
              errors={fields}
              onChange={(key, text) => set({ more: { ...values.more, [key]: text } })}
            />
          </div>
        )}
      </Section>
      <Checkbox
        label="Enabled"
        description={
          values.type === 'worker'
            ? 'A worker that is enabled starts at once.'
            : 'A cron that is enabled runs at its due times.'
        }
        checked={values.enabled}
        onChange={(event) => set({ enabled: event.currentTarget.checked })}
      />
      <FormError
        of={failure}
        fields={allFields.filter((field) => field !== 'plan' && field !== 'schedule')}
      />
      <FormFoot button={button} busy={busy} onLeave={onLeave} copy={props.copy} />
    </Form>
  );
}
