/** What the environment uses of its plan, now. */

import type { Environment } from '../../../../src/contract/environment.ts';
import { formatPlanSize, formatSize } from '../../../../src/contract/format.ts';
import { Meter } from '../../design/meter.tsx';
import { Section } from '../../design/page.tsx';
import classes from './now-card.module.css';

export function NowCard({ environment }: { readonly environment: Environment }) {
  const { usage, limits, workersRunning, workersExpected } = environment;
  if (limits === null) return null;
  const used = usage?.memoryBytes ?? 0;
  return (
    <Section title="Now">
      <div className={classes.meters}>
        <Meter
          label="Memory"
          used={used}
          limit={limits.memoryBytes}
          mark={usage?.memoryMaxBytes ?? undefined}
          text={`${formatSize(used)} of ${formatPlanSize(limits.memoryBytes)}`}
        />
        <Meter
          label="Workers"
          calm
          used={workersRunning}
          limit={Math.max(1, workersExpected)}
          text={`${workersRunning} of ${workersExpected} run`}
        />
        <dl className={classes.figures}>
          <Figure
            word="peak"
            value={usage?.memoryMaxBytes == null ? '–' : formatSize(usage.memoryMaxBytes)}
          />
          <Figure word="swap" value={formatSize(usage?.swapBytes ?? 0)} warn={(usage?.swapBytes ?? 0) > 0} />
          <Figure
            word="out of memory"
            value={`${usage?.outOfMemoryKills ?? 0}×`}
            warn={(usage?.outOfMemoryKills ?? 0) > 0}
          />
          <Figure word="processes" value={`${usage?.processes ?? 0}`} />
        </dl>
      </div>
    </Section>
  );
}

function Figure({
  word,
  value,
  warn,
}: {
  readonly word: string;
  readonly value: string;
  readonly warn?: boolean;
}) {
  return (
    <div data-warn={warn || undefined}>
      <dd>{value}</dd>
      <dt>{word}</dt>
    </div>
  );
}
