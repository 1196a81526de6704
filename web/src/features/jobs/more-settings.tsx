import { Select, TextInput } from '@mantine/core';
import classes from './more-settings.module.css';
import { type FieldErrors, type JobType, type MoreSetting, settingsOf } from './settings.ts';

export interface MoreSettingsProps {
  readonly type: JobType;
  readonly values: Readonly<Record<string, string>>;
  readonly errors: FieldErrors;
  readonly isNew: boolean;
  readonly onChange: (key: string, text: string) => void;
}

export function MoreSettings({ type, values, errors, isNew, onChange }: MoreSettingsProps) {
  return (
    <div className={classes.grid}>
      {settingsOf(type).map((setting) => (
        <Field
          key={setting.key}
          setting={setting}
          value={values[setting.key] ?? ''}
          error={errors[setting.key]}
          isNew={isNew}
          onChange={(text) => onChange(setting.key, text)}
        />
      ))}
    </div>
  );
}

interface FieldProps {
  readonly setting: MoreSetting;
  readonly value: string;
  readonly error: string | undefined;
  readonly isNew: boolean;
  readonly onChange: (text: string) => void;
}

function Field({ setting, value, error, isNew, onChange }: FieldProps) {
  const { label, help, usual, kind } = setting;
  if (typeof kind === 'object') {
    return (
      <Select
        label={label}
        description={help}
        placeholder={usual}
        data={kind.choices.map(([choice, words]) => ({ value: choice, label: words }))}
        value={value === '' ? null : value}
        onChange={(choice) => onChange(choice ?? '')}
        clearable={isNew}
        error={error}
      />
    );
  }
  return (
    <TextInput
      label={label}
      description={help}
      placeholder={usual}
      autoComplete="off"
      inputMode={kind === 'count' ? 'numeric' : undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
    />
  );
}
