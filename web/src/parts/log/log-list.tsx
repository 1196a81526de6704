/** The lines in sight. Newest at the bottom; following stops when somebody scrolls up, and nothing moves under their eyes. */
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { FeedState, LogFeed } from './log-feed.ts';
import { LineRow } from './log-line.tsx';
import classes from './log-list.module.css';
import { type Landmark, type LogRow, rowsOf } from './log-rows.ts';

export interface LogListProps {
  readonly environment: string;
  readonly state: FeedState;
  readonly feed: LogFeed;
  readonly needle: string;
  readonly utc: boolean;
  readonly wrap: boolean;
  readonly showJob: boolean;
  readonly landmarks: readonly Landmark[];
  /** What is known of a run: `began after exit 3`. */
  readonly wordsOfRun: (run: string, before: string) => string;
  readonly following: boolean;
  readonly onFollowing: (following: boolean) => void;
}

const linePx = 20;
/** So near to the edge counts as there. */
const bottomPx = 24;
const topPx = 400;

export function LogList(props: LogListProps) {
  const { state, feed, needle, utc, wrap, showJob, landmarks, following, onFollowing } = props;
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const rows = useMemo(
    () => rowsOf(state.lines, { landmarks, open, dayOf: dayOf(utc), fold: needle === '' }),
    [state.lines, landmarks, open, utc, needle],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => linePx,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 20,
    useFlushSync: false,
  });
  useKeepPlace(box, rows, virtual, following);
  const wanted = useRef(following);
  wanted.current = following;

  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current as HTMLDivElement;
    const atBottom = scrollHeight - scrollTop - clientHeight < bottomPx;
    if (atBottom !== wanted.current) onFollowing(atBottom && !state.cutOff);
    if (scrollTop < topPx && !atBottom) void feed.readBack();
  };
  // A list that does not fill its box has no scrolling that could ask for more.
  useLayoutEffect(() => {
    const element = box.current;
    if (element && element.scrollHeight <= element.clientHeight && state.lines.length > 0)
      void feed.readBack();
  }, [state.lines.length, feed]);

  return (
    <div
      ref={box}
      className={classes.box}
      data-wrap={wrap || undefined}
      onScroll={scrolled}
      role="log"
      aria-live="off"
      aria-label="Lines of the log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys scroll it
      tabIndex={0}
    >
      <Top state={state} />
      <div className={classes.lines} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index] as LogRow;
          return (
            <div
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className={classes.placed}
              style={{ transform: `translateY(${start}px)` }}
            >
              {row.kind === 'line' ? (
                <LineRow
                  line={row.line}
                  utc={utc}
                  needle={needle}
                  showJob={showJob}
                  more={row.more}
                  open={row.open}
                  onOpen={() => setOpen(toggled(open, row.line.key))}
                />
              ) : (
                <Rule row={row} environment={props.environment} wordsOfRun={props.wordsOfRun} utc={utc} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Top({ state }: { readonly state: FeedState }) {
  if (state.lines.length === 0) return null;
  if (state.readingBack) return <p className={classes.edge}>Reading what was before …</p>;
  return state.fromBeginning ? <p className={classes.edge}>Nothing was written before.</p> : null;
}

/** While following: at the bottom. Else: the first line in sight stays where it is, also when lines come above it. */
function useKeepPlace(
  box: React.RefObject<HTMLDivElement | null>,
  rows: readonly LogRow[],
  virtual: { getTotalSize: () => number; scrollOffset: number | null },
  following: boolean,
): void {
  const last = useRef<{ key: string | undefined; total: number }>({ key: undefined, total: 0 });
  const total = virtual.getTotalSize();
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const before = last.current;
    // The day's rule stands first, whatever was added: the first line names the place.
    const key = rows.find(({ kind }) => kind === 'line')?.key;
    last.current = { key, total };
    if (following) element.scrollTop = element.scrollHeight;
    else if (before.key !== undefined && key !== before.key && total > before.total)
      element.scrollTop += total - before.total;
  }, [box, rows, total, following]);
}

function toggled(set: ReadonlySet<number>, key: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}

const dayMs = 86_400_000;
const dayOf = (utc: boolean) => (at: number) =>
  Math.floor((utc ? at : at - new Date(at).getTimezoneOffset() * 60_000) / dayMs);

const dayInWords = (at: number, utc: boolean): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', ...(utc ? { timeZone: 'UTC' } : {}) }).format(at);

interface RuleProps {
  readonly row: Exclude<LogRow, { kind: 'line' }>;
  readonly environment: string;
  readonly wordsOfRun: LogListProps['wordsOfRun'];
  readonly utc: boolean;
}

function Rule({ row, environment, wordsOfRun, utc }: RuleProps) {
  if (row.kind === 'day')
    return <div className={classes.rule}>{`${dayInWords(row.at, utc)}${utc ? ' · UTC' : ''}`}</div>;
  if (row.kind === 'landmark')
    return (
      <div className={classes.rule} data-strong>
        {row.landmark.words}
      </div>
    );
  return (
    <div className={classes.rule}>
      <span>
        <b>{row.job}</b> {wordsOfRun(row.run, row.before)} ·{' '}
        <Link to="/environments/$environment/runs/$run" params={{ environment, run: row.run }}>
          the run
        </Link>
      </span>
    </div>
  );
}
