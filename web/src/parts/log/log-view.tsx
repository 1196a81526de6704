/** A log with what can be done to it: hold, wrap, the clock, copy, download. */
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type CSSProperties, type ReactNode, useCallback, useMemo, useState } from 'react';
import type { Deployment } from '../../../../src/contract/deployment.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { read } from '../../data/api.ts';
import { ShapeMark } from '../../design/badge.tsx';
import { copy } from '../../design/copy-as.tsx';
import { Icon } from '../../design/icon.tsx';
import { Failure } from '../../design/notice.tsx';
import { Waiting } from '../../design/page.tsx';
import { plainText } from './ansi.ts';
import { Download } from './download.tsx';
import type { LogLine } from './log-buffer.ts';
import type { FeedState, LogsQuery } from './log-feed.ts';
import { LogList } from './log-list.tsx';
import classes from './log-view.module.css';
import { useLogFeed } from './use-log-feed.ts';
import { usePrinting } from './use-printing.ts';

export interface LogLooks {
  readonly wrap: boolean;
  readonly utc: boolean;
}

export interface LogViewProps {
  readonly environment: string;
  readonly query: LogsQuery;
  readonly looks: LogLooks;
  readonly onLooks: (looks: LogLooks) => void;
  /** The whole height of the window, or a part of a page. */
  readonly size: 'window' | 'part';
  /** Left out where it is the same in every line. */
  readonly showJob?: boolean;
  /** Shown while there is nothing. */
  readonly empty: ReactNode;
}

export function LogView(props: LogViewProps) {
  const { environment, query, looks, onLooks, size, empty } = props;
  const [state, feed] = useLogFeed(environment, query);
  const [following, setFollowing] = useState(true);
  const [held, setHeld] = useState(false);
  const isPrinted = usePrinting();
  const landmarks = useLandmarks(environment, query.run === undefined);
  const wordsOfRun = useRunWords(environment, state.lines, query.run === undefined);
  const follow = useCallback(
    (next: boolean) => {
      setFollowing(next);
      feed.follow(next);
    },
    [feed],
  );
  const hold = () => {
    feed.hold(!held);
    setHeld(!held);
  };
  const toNewest = () => {
    feed.toNewest();
    setFollowing(true);
  };
  return (
    <div
      className={classes.view}
      data-size={size}
      style={{ '--lines': Math.min(state.lines.length, 40) } as CSSProperties}
    >
      <div className={classes.bar}>
        <Status state={state} />
        <div className={classes.acts}>
          <Act label={held ? 'Go on' : 'Hold'} icon={held ? 'play' : 'pause'} on={held} onClick={hold} />
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            aria-pressed={looks.wrap}
            data-on={looks.wrap || undefined}
            className={classes.word}
            onClick={() => onLooks({ ...looks, wrap: !looks.wrap })}
          >
            Wrap
          </Button>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            className={classes.word}
            aria-label={looks.utc ? 'UTC: show local times' : 'Local time: show UTC'}
            onClick={() => onLooks({ ...looks, utc: !looks.utc })}
          >
            {looks.utc ? 'UTC' : 'Local time'}
          </Button>
          <Act label="Copy these lines" icon="copy" onClick={() => void copyLines(state.lines)} />
          <Download environment={environment} query={query} />
        </div>
      </div>
      <Failure of={state.failure} action={<Button onClick={() => feed.open()}>Try again</Button>} />
      {state.lines.length === 0 ? (
        <div className={classes.none}>{state.status === 'opening' ? <Waiting /> : empty}</div>
      ) : isPrinted ? (
        <pre className={classes.printed}>{state.lines.map(textOf).join('\n')}</pre>
      ) : (
        <LogList
          environment={environment}
          state={state}
          feed={feed}
          needle={query.contains ?? ''}
          {...looks}
          showJob={props.showJob ?? query.run === undefined}
          landmarks={landmarks}
          wordsOfRun={wordsOfRun}
          following={following}
          onFollowing={follow}
        />
      )}
      {!following && (
        <div className={classes.newest}>
          <Button radius="xl" leftSection={<Icon name="down" />} onClick={toNewest}>
            {newLines(state)}
          </Button>
        </div>
      )}
    </div>
  );
}

function newLines({ unseen, cutOff }: FeedState): string {
  if (cutOff) return 'To the newest line';
  return unseen === 0 ? 'Follow' : `${unseen.toLocaleString('en')} new ${unseen === 1 ? 'line' : 'lines'}`;
}

const words: Record<FeedState['status'], readonly [string, 'dot' | 'bars' | 'half' | 'ring' | 'square']> = {
  opening: ['reading', 'half'],
  live: ['live', 'dot'],
  held: ['held: new lines wait', 'bars'],
  waiting: ['the connection broke off, trying again', 'half'],
  ended: ['all of it', 'square'],
};

function Status({ state }: { readonly state: FeedState }) {
  const [word, shape] = state.cutOff ? (['read back', 'ring'] as const) : words[state.status];
  const count = state.lines.length;
  return (
    <span className={classes.status} data-status={state.status}>
      <ShapeMark shape={shape} />
      {word}
      <span className={classes.count}>
        {count.toLocaleString('en')} {count === 1 ? 'line' : 'lines'}
        {state.fromBeginning ? '' : ' loaded'}
      </span>
    </span>
  );
}

interface ActProps {
  readonly label: string;
  readonly icon: 'pause' | 'play' | 'copy';
  readonly on?: boolean;
  readonly onClick: () => void;
}

const Act = ({ label, icon, on, onClick }: ActProps) => (
  <Tooltip label={label}>
    <ActionIcon aria-label={label} aria-pressed={on} onClick={onClick}>
      <Icon name={icon} />
    </ActionIcon>
  </Tooltip>
);

const copyLines = (lines: readonly LogLine[]): Promise<void> =>
  copy(
    lines.map(textOf).join('\n'),
    lines.length === 1 ? '1 line is copied.' : `${lines.length.toLocaleString('en')} lines are copied.`,
  );

/** As `nightshift logs` prints it. */
const textOf = ({ at, level, job, message }: LogLine): string =>
  `${new Date(Math.floor(at / 1_000) * 1_000).toISOString().slice(0, 19)}Z ${level.padEnd(4)} (${job}): ${plainText(message)}`;

/** Deployments, where all jobs are shown. */
function useLandmarks(environment: string, wanted: boolean) {
  const { data } = useQuery({
    ...read('deployments', { params: { environment }, query: { limit: 100 } }),
    enabled: wanted,
  });
  return useMemo(() => (data?.items ?? []).map(landmarkOf).reverse(), [data]);
}

const landmarkOf = ({ id, startedAt, trigger, commit, outcome }: Deployment) => ({
  id,
  at: Date.parse(startedAt),
  words: `deployment by ${trigger}${commit === null ? '' : `, ${commit.slice(0, 8)}`}${outcome === 'failed' ? ', failed' : ''}`,
});

/** Why a run began, and how the one before ended. */
function useRunWords(environment: string, lines: readonly LogLine[], wanted: boolean) {
  // Read anew only when a run shows up that is not known yet.
  const newest = lines.at(-1)?.run ?? '';
  const { data } = useQuery({
    ...read('runs', { params: { environment }, query: { limit: 500 } }),
    enabled: wanted && newest !== '',
    refetchInterval: false,
    staleTime: 30_000,
  });
  const known = useMemo(() => new Map((data?.items ?? []).map((run) => [run.id, run])), [data]);
  return useCallback((run: string, before: string) => runWords(known.get(run), known.get(before)), [known]);
}

function runWords(run: Run | undefined, before: Run | undefined): string {
  const ended = before?.outcome ? `${before.reason ?? before.outcome}, then ` : '';
  return `${ended}a new run${run === undefined ? '' : ` (${run.trigger})`}`;
}
