/** From when to when: a stretch back from now, or two moments on the reader's clock. */
import { Button, Group, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { parseMoment } from '../../../../src/contract/format.ts';
import { now } from '../../data/clock.ts';
import { clockTime } from '../../design/moment.tsx';
import classes from './filter-bar.module.css';
import type { LogAsked } from './place.ts';

const stretches = [
  ['15m', 'the last 15 min'],
  ['1h', 'the last hour'],
  ['6h', 'the last 6 h'],
  ['1d', 'the last day'],
  ['7d', 'the last week'],
] as const;

export function timeInWords({ since, until }: Pick<LogAsked, 'since' | 'until'>): string {
  const stretch = stretches.find(([text]) => text === since);
  if (since === undefined && until === undefined) return 'at any time';
  if (stretch !== undefined && until === undefined) return stretch[1];
  const parts = [];
  if (since !== undefined) parts.push(`since ${momentInWords(since)}`);
  if (until !== undefined) parts.push(`until ${momentInWords(until)}`);
  return parts.join(', ');
}

function momentInWords(text: string): string {
  const moment = parseMoment(text, now());
  return moment === undefined ? text : clockTime(moment, now());
}

interface TimeRangeProps {
  readonly asked: LogAsked;
  readonly onChange: (change: Partial<LogAsked>) => void;
  readonly onDone: () => void;
}

export function TimeRange({ asked, onChange, onDone }: TimeRangeProps) {
  const [since, setSince] = useState(fieldOf(asked.since));
  const [until, setUntil] = useState(fieldOf(asked.until));
  const choose = (change: Partial<LogAsked>) => {
    onChange(change);
    onDone();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    choose({ since: momentOf(since), until: momentOf(until) });
  };
  return (
    <form className={classes.choices} onSubmit={submit}>
      <div className={classes.stretches}>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => choose({ since: undefined, until: undefined })}
        >
          at any time
        </Button>
        {stretches.map(([text, words]) => (
          <Button
            key={text}
            size="compact-xs"
            variant="default"
            onClick={() => choose({ since: text, until: undefined })}
          >
            {words}
          </Button>
        ))}
      </div>
      <TextInput
        size="xs"
        type="datetime-local"
        step="1"
        label="Since"
        value={since}
        onChange={(event) => setSince(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        type="datetime-local"
        step="1"
        label="Until"
        description="Left empty: new lines are followed"
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button type="submit">Show</Button>
      </Group>
    </form>
  );
}

const two = (value: number): string => String(value).padStart(2, '0');

/** As the field has it: the reader's clock, without a zone. */
function fieldOf(text: string | undefined): string {
  const moment = text === undefined ? undefined : parseMoment(text, now());
  if (moment === undefined) return '';
  const at = new Date(moment);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function momentOf(field: string): string | undefined {
  const moment = Date.parse(field);
  return Number.isNaN(moment) ? undefined : new Date(moment).toISOString();
}
