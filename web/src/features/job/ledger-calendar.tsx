/** The ledger of a cron as a calendar: a day a cell, which opens to its due times. */
import { VisuallyHidden } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { DueTime } from '../../../../src/contract/cron.ts';
import { api, read } from '../../data/api.ts';
import { now } from '../../data/clock.ts';
import { Badge, type Shape, type Tone } from '../../design/badge.tsx';
import { exactly } from '../../design/moment.tsx';
import { Loaded } from '../../design/page.tsx';
import { secondsInWords as lengthInWords } from '../../parts/runs/run-words.ts';
import { dayLengths, shadeOf } from './day-lengths.ts';
import classes from './ledger-calendar.module.css';
import { dayInWords, type Fate, fateOf, type LedgerDay, ledgerDays, withNewestLines } from './ledger-days.ts';

const weeks = 5;
const pageLines = 1_000;
/** Read anew when a due time passes. */
const newestLines = 20;
/** Older due times are told as stretches of a day, so that few pages reach far. */
const pagesMax = 3;

export function LedgerCalendar({ environment, job }: { readonly environment: string; readonly job: string }) {
  const ledger = useInfiniteQuery({
    queryKey: ['dueTimes-pages', { environment }, { job }],
    queryFn: ({ pageParam, signal }) => {
      const before = pageParam === undefined ? {} : { before: pageParam };
      return api.call(
        'dueTimes',
        { params: { environment }, query: { job, ...before, limit: pageLines } },
        signal,
      );
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { hasNextPage, isFetching, fetchNextPage } = ledger;
  const newest = useQuery(read('dueTimes', { params: { environment }, query: { job, limit: newestLines } }));
  const dueTimes = useMemo(
    () =>
      ledger.data === undefined
        ? undefined
        : withNewestLines(
            ledger.data.pages.flatMap(({ items }) => items),
            newest.data?.items ?? [],
          ),
    [ledger.data, newest.data],
  );
  const days = useMemo(
    () => (dueTimes === undefined ? undefined : ledgerDays(dueTimes, now(), weeks)),
    [dueTimes],
  );
  const oldest = dueTimes?.at(-1)?.dueAt;
  const reaches = oldest !== undefined && Date.parse(oldest) < (days?.[0]?.at ?? 0);
  const pages = ledger.data?.pages.length ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetching && !reaches && pages < pagesMax) void fetchNextPage();
  }, [hasNextPage, isFetching, reaches, pages, fetchNextPage]);
  const lengths = useLengths(environment, job, days);
  const [opened, setOpened] = useState<number>();
  return (
    <Loaded query={{ data: days, error: ledger.error, isPending: ledger.isPending }}>
      {(found) => {
        const day = found.find(({ at }) => at === opened);
        return (
          <>
            <Calendar
              days={found}
              lengths={lengths}
              opened={opened}
              onOpen={(at) => setOpened(at === opened ? undefined : at)}
            />
            <Legend lengths={lengths} />
            {day !== undefined && <Day day={day} environment={environment} />}
          </>
        );
      }}
    </Loaded>
  );
}

const noLengths: ReadonlyMap<number, number> = new Map();

/** How long its runs took on each day: hours of metrics, put together on the reader's calendar. */
function useLengths(environment: string, job: string, days: readonly LedgerDay[] | undefined) {
  const first = days?.[0]?.at;
  const { data } = useQuery({
    ...read('metrics', {
      params: { environment },
      query: { job, step: 3_600, ...(first === undefined ? {} : { from: new Date(first).toISOString() }) },
    }),
    enabled: first !== undefined,
    refetchInterval: 300_000,
  });
  return useMemo(
    () =>
      data === undefined || days === undefined
        ? noLengths
        : dayLengths(
            data,
            days.map(({ at }) => at),
          ),
    [data, days],
  );
}

const dayName = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

interface CalendarProps {
  readonly days: readonly LedgerDay[];
  /** Seconds on average, by the day's beginning. */
  readonly lengths: ReadonlyMap<number, number>;
  readonly opened: number | undefined;
  readonly onOpen: (at: number) => void;
}

function Calendar({ days, lengths, opened, onOpen }: CalendarProps) {
  const today = now();
  return (
    <div className={classes.calendar}>
      {['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].map((weekday) => (
        <span key={weekday} className={classes.weekday} aria-hidden="true">
          {weekday}
        </span>
      ))}
      {days.map((day) => {
        const length = lengths.get(day.at);
        const took = length === undefined ? '' : `, ${lengthInWords(length)} on average`;
        const words = day.at > today ? 'not yet' : dayInWords(day) + took;
        return (
          <button
            key={day.at}
            type="button"
            className={classes.day}
            data-worst={day.worst}
            style={{ '--shade': length === undefined ? 0 : shadeOf(length, lengths) } as React.CSSProperties}
            disabled={day.dueTimes.length === 0}
            aria-expanded={day.at === opened}
            title={`${dayName.format(day.at)}: ${words}`}
            onClick={() => onOpen(day.at)}
          >
            <VisuallyHidden>
              {dayName.format(day.at)}: {words}
            </VisuallyHidden>
            <span aria-hidden="true">{new Date(day.at).getDate()}</span>
            <span aria-hidden="true" className={classes.sign}>
              {signOf(day)}
            </span>
          </button>
        );
      })}
    </div>
  );
}

/** What the colour says, as a sign. */
function signOf({ worst, counts }: LedgerDay): string {
  if (worst === 'bad') return `${counts.bad} ✕`;
  if (worst === 'missed') return `${counts.missed} △`;
  if (worst === 'skipped') return '–';
  return worst === undefined ? '' : '✓';
}

function Legend({ lengths }: { readonly lengths: ReadonlyMap<number, number> }) {
  const all = [...lengths.values()];
  return (
    <p className={classes.legend}>
      ✓ all ran · ✕ runs went wrong · △ due times were missed · – all were skipped. A day opens to its due
      times.{' '}
      {all.length > 1 &&
        `The stronger its colour, the longer its runs took: from ${lengthInWords(Math.min(...all))} to ${lengthInWords(Math.max(...all))} on average.`}
    </p>
  );
}

const fateLooks: Record<Fate, { tone: Tone; shape: Shape; word: string }> = {
  ok: { tone: 'good', shape: 'dot', word: 'ran' },
  running: { tone: 'accent', shape: 'half', word: 'runs' },
  bad: { tone: 'bad', shape: 'cross', word: 'went wrong' },
  missed: { tone: 'warn', shape: 'triangle', word: 'missed' },
  skipped: { tone: 'still', shape: 'ring', word: 'skipped' },
};

const shownMax = 200;
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

function Day({ day, environment }: { readonly day: LedgerDay; readonly environment: string }) {
  return (
    <section className={classes.open} aria-label={dayName.format(day.at)}>
      <h3>
        {dayName.format(day.at)}: {dayInWords(day)}
      </h3>
      <ul className={classes.list}>
        {day.dueTimes.slice(0, shownMax).map((due) => (
          <DueLine key={due.dueAt} due={due} environment={environment} />
        ))}
      </ul>
      {day.dueTimes.length > shownMax && (
        <p className={classes.legend}>and {day.dueTimes.length - shownMax} earlier ones of this day</p>
      )}
    </section>
  );
}

function DueLine({ due, environment }: { readonly due: DueTime; readonly environment: string }) {
  const { tone, shape, word } = fateLooks[fateOf(due)];
  const from = Date.parse(due.dueAt);
  return (
    <li className={classes.line}>
      <time dateTime={due.dueAt} title={exactly(from)} className={classes.time}>
        {clock.format(from)}
        {due.untilDueAt !== null && ` – ${clock.format(Date.parse(due.untilDueAt))}`}
      </time>
      <Badge tone={tone} shape={shape}>
        {due.fate === 'ran' && due.outcome !== null && due.outcome !== 'ok'
          ? due.outcome.replaceAll('-', ' ')
          : word}
        {due.count > 1 && ` ${due.count} ×`}
      </Badge>
      <span className={classes.reason}>{due.reason}</span>
      {due.run !== null && (
        <Link to="/environments/$environment/runs/$run" params={{ environment, run: due.run }}>
          output
        </Link>
      )}
    </li>
  );
}
