/** When a cron is due: an interval, or a crontab expression whose words and next times are told while it is typed. */
import { SegmentedControl, Select, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { formatLocal, formatUtc } from '../../../../src/contract/format.ts';
import { read } from '../../data/api.ts';
import { ApiFailure, sentenceOf } from '../../data/failure.ts';
import { ClockTime } from '../../design/moment.tsx';
import classes from './schedule-fields.module.css';
import type { FieldErrors, FormValues, ScheduleKind } from './settings.ts';

const intervals = [
  ['1m', 'every minute'],
  ['10m', 'every 10 minutes'],
  ['30m', 'every 30 minutes'],
  ['1h', 'every hour'],
  ['1d', 'every day'],
  ['1w', 'every week'],
  ['1mo', 'every month'],
] as const;

const examples = [
  ['*/15 6-20 * * 1-5', 'every quarter of an hour by day, on working days'],
  ['15 3 * * *', 'at 03:15, every night'],
  ['0 9 1 * *', 'on the first of the month at 09:00'],
  ['H 2 * * 0', 'on Sundays between 02:00 and 02:59, at a moment of its own'],
] as const;

export interface ScheduleFieldsProps {
  readonly values: FormValues;
  readonly set: (change: Partial<FormValues>) => void;
  readonly errors: FieldErrors;
}

export function ScheduleFields({ values, set, errors }: ScheduleFieldsProps) {
  return (
    <fieldset className={classes.schedule}>
      <legend>When</legend>
      <SegmentedControl
        aria-label="Kind of schedule"
        value={values.scheduleKind}
        onChange={(kind) => set({ scheduleKind: kind as ScheduleKind })}
        data={[
          { value: 'interval', label: 'An interval' },
          { value: 'crontab', label: 'A crontab expression' },
        ]}
      />
      {values.scheduleKind === 'interval' ? (
        <Select
          aria-label="Interval"
          description="Exact, at a moment that is chosen so that the fewest jobs start together. Daily and rarer ones run between 00:00 and 10:00 UTC."
          data={intervals.map(([value, label]) => ({ value, label }))}
          value={values.interval}
          onChange={(interval) => set({ interval: interval ?? '10m' })}
          allowDeselect={false}
          error={errors.interval ?? errors.schedule}
        />
      ) : (
        <CrontabFields values={values} set={set} errors={errors} />
      )}
    </fieldset>
  );
}

function CrontabFields({ values, set, errors }: ScheduleFieldsProps) {
  const zones = useMemo(
    () => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')],
    [],
  );
  const told = useExplanation(values.crontab, values.timezone);
  return (
    <>
      <div className={classes.pair}>
        <TextInput
          label="Crontab"
          className={classes.crontab}
          placeholder="*/15 6-20 * * 1-5"
          autoComplete="off"
          spellCheck={false}
          value={values.crontab}
          onChange={(event) => set({ crontab: event.currentTarget.value })}
          error={errors.crontab ?? errors.schedule ?? (told.field === 'crontab' ? told.sentence : undefined)}
        />
        <Select
          label="Time zone"
          searchable
          limit={200}
          data={zones}
          value={values.timezone}
          onChange={(timezone) => set({ timezone: timezone ?? 'UTC' })}
          allowDeselect={false}
          error={errors.timezone ?? (told.field === 'timezone' ? told.sentence : undefined)}
        />
      </div>
      {values.crontab.trim() === '' ? (
        <ul className={classes.examples} aria-label="Examples">
          {examples.map(([expression, words]) => (
            <li key={expression}>
              <button type="button" onClick={() => set({ crontab: expression })}>
                <code>{expression}</code>
              </button>{' '}
              {words}
            </li>
          ))}
        </ul>
      ) : (
        <Explanation told={told} />
      )}
    </>
  );
}

interface Told {
  readonly description?: string;
  readonly next?: readonly string[];
  readonly field?: string;
  readonly sentence?: string;
}

function Explanation({ told }: { readonly told: Told }) {
  return (
    <div className={classes.told} aria-live="polite">
      {told.description !== undefined && <p className={classes.words}>{told.description}</p>}
      {told.next !== undefined && (
        <p className={classes.next}>
          next:{' '}
          {told.next.map((at, index) => (
            <span key={at}>
              {index > 0 && ' · '}
              <ClockTime at={at} />
            </span>
          ))}
          <br />
          the first:{' '}
          {told.next[0] &&
            `${formatLocal(Date.parse(told.next[0]))} · ${formatUtc(Date.parse(told.next[0]))}`}
        </p>
      )}
      {told.sentence !== undefined && told.field === undefined && (
        <p className={classes.sentence}>{told.sentence}</p>
      )}
    </div>
  );
}

/** Typing pauses for so long before the expression is asked about. */
const typingMs = 250;

function useExplanation(expression: string, timezone: string): Told {
  const [asked, setAsked] = useState({ expression, timezone });
  useEffect(() => {
    const timer = setTimeout(() => setAsked({ expression, timezone }), typingMs);
    return () => clearTimeout(timer);
  }, [expression, timezone]);
  const answer = useQuery({
    ...read('explainCrontab', { query: { ...asked, next: 5 } }),
    enabled: asked.expression.trim() !== '',
    placeholderData: keepPreviousData,
    refetchInterval: false,
    retry: false,
  });
  if (answer.error !== null) {
    const field = answer.error instanceof ApiFailure ? fieldOf(answer.error.field) : undefined;
    return { sentence: sentenceOf(answer.error), ...(field === undefined ? {} : { field }) };
  }
  return answer.data === undefined ? {} : { description: answer.data.description, next: answer.data.next };
}

/** The query calls it `expression`, the form `crontab`. */
const fieldOf = (field: string | undefined): string | undefined =>
  field === 'expression' ? 'crontab' : field;
