/** What the environment uses of its plan, now. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Environment } from '../../../../src/contract/environment.ts';
import { formatPlanSize, formatSize } from '../../../../src/contract/format.ts';
import { Meter } from '../../design/meter.tsx';
import { Section } from '../../design/page.tsx';
import { SparkLine } from '../../design/spark-line.tsx';
import { lastHourOf } from '../../parts/jobs/last-hour.ts';
import classes from './now-card.module.css';

export function NowCard({ environment }: { readonly environment: Environment }) {
  const { name, usage, limits, workersRunning, workersExpected } = environment;
  const { data } = useQuery(lastHourOf(name));
  if (limits === null) return null;
  const used = usage?.memoryBytes ?? 0;
  const cpu = data?.items[0]?.cpu ?? null;
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
        {cpu !== null && (
          <Meter label="CPU" used={cpu} limit={limits.cpu} text={`${cpu.toFixed(2)} of ${limits.cpu} CPU`} />
        )}
        <Meter
          label="Workers"
          calm
          used={workersRunning}
          limit={Math.max(1, workersExpected)}
          text={`${workersRunning} of ${workersExpected} run`}
        />
        <dl className={classes.figures}>
          {data?.items[0] !== undefined && (
            <Figure
              word="last hour"
              value={<SparkLine values={data.items[0].memoryBytes} label="Memory in the last hour" />}
            />
          )}
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
  readonly value: ReactNode;
  readonly warn?: boolean;
}) {
  return (
    <div data-warn={warn || undefined}>
      <dd>{value}</dd>
      <dt>{word}</dt>
    </div>
  );
}
