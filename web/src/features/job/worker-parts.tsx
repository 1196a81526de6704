/** What only workers have: when it ran, and why it was restarted. */
import { useMemo } from 'react';
import { formatDuration } from '../../../../src/contract/format.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { now } from '../../data/clock.ts';
import { ClockTime, exactly } from '../../design/moment.tsx';
import { Section } from '../../design/page.tsx';
import classes from './job-page.module.css';
import { restartCauses, type Stretch, type Uptime, uptimeOf } from './uptime.ts';

const dayMs = 86_400_000;
/** No longer than 30 days, and no longer than there is something to tell. */
const stretchesMs = [dayMs / 24, dayMs / 4, dayMs, 7 * dayMs, 30 * dayMs] as const;
const barWidth = 1_000;
const gapsShown = 5;

export function WorkerParts({ runs }: { readonly runs: readonly Run[] }) {
  const uptime = useMemo(() => {
    const to = now();
    const oldest = Math.min(...runs.map(({ createdAt }) => Date.parse(createdAt)), to);
    const span = stretchesMs.find((each) => to - oldest <= each) ?? 30 * dayMs;
    return uptimeOf(runs, to - span, to);
  }, [runs]);
  return (
    <div className={classes.pair}>
      <Section title={`The last ${daysOrLess(uptime.to - uptime.from)}`}>
        <UptimeBar uptime={uptime} />
      </Section>
      <Section title="Restarts by cause">
        <Causes runs={runs} since={uptime.from} />
      </Section>
    </div>
  );
}

function UptimeBar({ uptime }: { readonly uptime: Uptime }) {
  const { from, to, stretches, upShare } = uptime;
  const place = (at: number) => ((at - from) / (to - from)) * barWidth;
  const words =
    upShare === null ? 'It has not run.' : `It ran ${percent(upShare)} of the time that is known.`;
  const gaps = stretches.filter(({ kind }) => kind === 'failed' || kind === 'stopped').toReversed();
  return (
    <>
      <svg
        className={classes.uptime}
        viewBox={`0 0 ${barWidth} 28`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words}
      >
        <rect className={classes.unknown} width={barWidth} height="28" />
        {stretches.map((stretch) => (
          <rect
            key={stretch.from}
            className={classes[stretch.kind]}
            x={place(stretch.from)}
            width={Math.max(place(stretch.to) - place(stretch.from), stretch.kind === 'up' ? 0.5 : 2)}
            height="28"
          >
            <title>{titleOf(stretch)}</title>
          </rect>
        ))}
      </svg>
      <div className={classes.scale}>
        <ClockTime at={from} />
        <span>now</span>
      </div>
      <p className={classes.note}>{words}</p>
      <ul className={classes.gaps}>
        {gaps.slice(0, gapsShown).map((gap) => (
          <li key={gap.from}>
            <ClockTime at={gap.from} />
            <span>
              down for {formatDuration((gap.to - gap.from) / 1_000)}: {gap.reason}
            </span>
          </li>
        ))}
        {gaps.length > gapsShown && <li>and {gaps.length - gapsShown} earlier gaps</li>}
      </ul>
    </>
  );
}

const percent = (share: number): string => `${(Math.floor(share * 1_000) / 10).toFixed(1)} %`;

const titleOf = ({ kind, from, to, reason }: Stretch): string =>
  `${kind === 'up' ? 'ran' : reason}, ${formatDuration((to - from) / 1_000)}, from ${exactly(from)}`;

function Causes({ runs, since }: { readonly runs: readonly Run[]; readonly since: number }) {
  const causes = restartCauses(runs, since);
  if (causes.length === 0) return <p className={classes.dim}>It was not restarted in that time.</p>;
  const most = Math.max(...causes.map(({ count }) => count));
  return (
    <ul className={classes.causes}>
      {causes.map(({ words, count, bad }) => (
        <li key={words} data-bad={bad || undefined}>
          <span>{words}</span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect width={(count / most) * 100} height="8" rx="2" />
          </svg>
          <span className={classes.count}>{count}</span>
        </li>
      ))}
    </ul>
  );
}

/** `30 days`; younger workers have hours and minutes. */
const daysOrLess = (ms: number): string =>
  ms >= 2 * dayMs ? `${Math.round(ms / dayMs)} days` : formatDuration(ms / 1_000);
