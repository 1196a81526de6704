/** What is asked of the log, as a sentence whose parts can be clicked. */
import { Button, Checkbox, Menu, Popover, TextInput } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { Dim } from '../../design/dim.tsx';
import { Icon } from '../../design/icon.tsx';
import classes from './filter-bar.module.css';
import { type LogAsked, type LogLevel, levels } from './place.ts';
import { TimeRange, timeInWords } from './time-range.tsx';

export interface FilterBarProps {
  readonly asked: LogAsked;
  readonly onChange: (change: Partial<LogAsked>) => void;
  readonly jobs: readonly string[];
}

export function FilterBar({ asked, onChange, jobs }: FilterBarProps) {
  return (
    <div className={classes.sentence} role="search" aria-label="Which lines">
      <JobPart asked={asked} onChange={onChange} jobs={jobs} />
      <LevelPart asked={asked} onChange={onChange} />
      <Part
        words={timeInWords(asked)}
        label="Time range"
        set={asked.since !== undefined || asked.until !== undefined}
      >
        {(close) => <TimeRange asked={asked} onChange={onChange} onDone={close} />}
      </Part>
      {asked.run !== undefined && (
        <Button
          size="compact-sm"
          variant="light"
          rightSection={<Icon name="close" size={12} />}
          onClick={() => onChange({ run: undefined })}
          aria-label={`Only run ${asked.run}: show all runs`}
        >
          run {asked.run.slice(0, 8)}
        </Button>
      )}
      <TextPart text={asked.text} onText={(text) => onChange({ text })} />
    </div>
  );
}

interface PartProps {
  readonly words: string;
  readonly label: string;
  readonly set: boolean;
  readonly children: (close: () => void) => ReactNode;
}

function Part({ words, label, set, children }: PartProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          size="compact-sm"
          variant={set ? 'light' : 'default'}
          aria-label={`${label}: ${words}`}
          onClick={() => setOpen(!open)}
        >
          {words}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>{open && children(() => setOpen(false))}</Popover.Dropdown>
    </Popover>
  );
}

const namedAtMost = 3;
const shownMax = 60;

function JobPart({ asked, onChange, jobs }: FilterBarProps) {
  const [text, setText] = useState('');
  const chosen = asked.jobs;
  const words =
    chosen.length === 0
      ? 'all jobs'
      : chosen.length <= namedAtMost
        ? `${chosen.length === 1 ? 'job' : 'jobs'} ${chosen.join(', ')}`
        : `${chosen.length} jobs`;
  // A job that was removed has lines still.
  const names = [...new Set([...chosen, ...jobs])].filter((name) => name.includes(text.trim()));
  const toggle = (job: string) =>
    onChange({ jobs: chosen.includes(job) ? chosen.filter((each) => each !== job) : [...chosen, job] });
  return (
    <Part words={words} label="Jobs" set={chosen.length > 0}>
      {() => (
        <div className={classes.choices}>
          {jobs.length > 10 && (
            <TextInput
              size="xs"
              placeholder="Search jobs"
              aria-label="Search jobs"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          <div className={classes.list}>
            {names.slice(0, shownMax).map((job) => (
              <Checkbox
                key={job}
                size="xs"
                label={job}
                checked={chosen.includes(job)}
                onChange={() => toggle(job)}
              />
            ))}
            {names.length > shownMax && <p className={classes.note}>and {names.length - shownMax} more</p>}
            {names.length === 0 && <p className={classes.note}>No such job.</p>}
          </div>
          <Button
            size="compact-xs"
            variant="subtle"
            disabled={chosen.length === 0}
            onClick={() => onChange({ jobs: [] })}
          >
            All jobs
          </Button>
        </div>
      )}
    </Part>
  );
}

const levelWords = {
  ERR: 'errors',
  WARN: 'warnings',
  INFO: 'information',
  DEBUG: 'debugging',
} as const satisfies Record<LogLevel, string>;
const choices = [undefined, ...levels];
const wordsOf = (level: LogLevel | undefined): string =>
  level === undefined ? 'all output' : levelWords[level];

function LevelPart({ asked, onChange }: Pick<FilterBarProps, 'asked' | 'onChange'>) {
  const words = wordsOf(asked.level);
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button
          size="compact-sm"
          variant={asked.level === undefined ? 'default' : 'light'}
          aria-label={`Output: ${words}`}
        >
          {words}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((level) => (
          <Menu.Item
            key={wordsOf(level)}
            rightSection={level === asked.level ? <Icon name="check" /> : undefined}
            onClick={() => onChange({ level })}
          >
            {wordsOf(level)} {level !== undefined && <Dim small>{level}</Dim>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** A word that is being typed is not searched for letter by letter. */
const typingMs = 350;

function TextPart({ text, onText }: { readonly text: string; readonly onText: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => onText(typed), typingMs);
    return () => clearTimeout(timer);
  }, [typed, text, onText]);
  return (
    <TextInput
      size="xs"
      className={classes.text}
      data-search
      leftSection={<Icon name="search" size={14} />}
      placeholder="containing …"
      aria-label="Containing this text"
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onText(typed);
        if (event.key !== 'Escape') return;
        onText('');
        setTyped('');
        event.currentTarget.blur();
      }}
    />
  );
}
