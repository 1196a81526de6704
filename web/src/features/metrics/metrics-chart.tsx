/** One chart of the stack, with its title and the value at the cursor. */
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import { formatLocal } from '../../../../src/contract/format.ts';
import type { Metrics } from '../../../../src/contract/metrics.ts';
import { axisOf, Chart, type ChartColours, clockAxis } from '../../design/chart.tsx';
import {
  byteSteps,
  type ChartLine,
  type ChartPlan,
  meanOf,
  mostOf,
  newestOf,
  sumOf,
  topOf,
} from './charts.ts';
import { useCursor } from './cursor.tsx';
import { drawMarks } from './draw-marks.ts';
import classes from './metrics-page.module.css';

/** What the plan allowed at each time; where that was not kept, what it allows now. */
function limitOver({ limit, limitThen }: ChartPlan, times: readonly number[]): (number | null)[] {
  const kept = limitThen !== null && limitThen !== undefined && mostOf(limitThen) !== null;
  return kept ? [...limitThen] : times.map(() => limit);
}

interface MetricsChartProps {
  readonly chart: ChartPlan;
  /** The begin of each step, seconds. */
  readonly times: number[];
  readonly metrics: Metrics;
  /** Only the last of the stack shows the times. */
  readonly withAxis: boolean;
}

export function MetricsChart({ chart, times, metrics, withAxis }: MetricsChartProps) {
  const { step, move } = useCursor();
  const open = useOpenRuns(metrics);
  // What the canvas draws with, without making it anew when only the data changes.
  const newest = useRef({ chart, metrics, move, open });
  newest.current = { chart, metrics, move, open };
  const looks = chart.lines.map(({ look }) => look).join(' ');
  const options = useCallback(
    (colours: ChartColours) => optionsOf(colours, looks.split(' ') as ChartLine['look'][], withAxis, newest),
    [looks, withAxis],
  );
  const data = useMemo(() => {
    const lines = chart.lines.map(({ values }) => values as (number | null)[]);
    const limit = limitOver(chart, times);
    return [times, ...lines, limit] as uPlot.AlignedData;
  }, [chart, times]);
  return (
    <figure className={classes.chart} data-opens={chart.opensRuns}>
      <figcaption className={classes.caption}>
        <b>{chart.title}</b>
        <span>{valueInWords(chart, step, times)}</span>
      </figcaption>
      <Chart
        label={`${chart.title}: ${summaryOf(chart)}`}
        data={data}
        options={options}
        height={chart.height}
      />
    </figure>
  );
}

/** At the cursor; where there is none, of the whole time that is shown. */
function valueInWords(
  { lines, format, limit, unit }: ChartPlan,
  step: number | null,
  times: readonly number[],
): string {
  const values = lines.map(({ label, look, values: all }) => {
    if (step === null && unit === 'count') return `${format(sumOf(all))} in this time`;
    const whole = look === 'peak' ? mostOf : meanOf;
    const value = step === null ? whole(all) : (all[step] ?? null);
    return `${label === '' ? '' : `${label} `}${value === null ? '–' : format(value)}`;
  });
  const at = step === null ? undefined : times[step];
  return [
    ...(at === undefined ? [] : [formatLocal(at * 1_000).slice(5, 16)]),
    values.join(', '),
    ...(limit === null || at !== undefined ? [] : [`plan ${format(limit)}`]),
  ].join(' · ');
}

function summaryOf({ lines, format, unit }: ChartPlan): string {
  if (unit === 'count') return lines.map(({ values }) => `${format(sumOf(values))} in this time`).join('');
  return lines
    .map(({ label, values }) => {
      const [last, most] = [newestOf(values), mostOf(values)];
      if (last === null || most === null) return `${label} not measured`;
      return `${label} ${format(last)} at last, ${format(most)} at most`.trim();
    })
    .join('; ');
}

/** To the runs of one step. */
function useOpenRuns({ environment, job, stepSeconds }: Metrics) {
  const navigate = useNavigate();
  return (second: number, outcome: 'bad' | 'any') =>
    void navigate({
      to: '/environments/$environment/runs',
      params: { environment },
      search: {
        ...(job === null ? {} : { job }),
        ...(outcome === 'any' ? {} : { outcome }),
        since: new Date(second * 1_000).toISOString(),
        until: new Date((second + stepSeconds) * 1_000).toISOString(),
      } as never,
    });
}

interface Newest {
  readonly current: {
    readonly chart: ChartPlan;
    readonly metrics: Metrics;
    readonly move: (step: number | null) => void;
    readonly open: (second: number, outcome: 'bad' | 'any') => void;
  };
}

function optionsOf(
  colours: ChartColours,
  looks: readonly ChartLine['look'][],
  withAxis: boolean,
  newest: Newest,
): Omit<uPlot.Options, 'width' | 'height'> {
  return {
    legend: { show: false },
    cursor: {
      sync: { key: 'metrics' },
      drag: { x: false, y: false },
      points: { size: 6 },
      y: false,
    },
    padding: [8, 12, withAxis ? 0 : 4, 0],
    scales: { x: { time: true }, y: { range: () => [0, topOf(newest.current.chart)] } },
    axes: [
      clockAxis(colours, withAxis ? {} : { size: 0, values: (_plot, values) => values.map(() => '') }),
      axisOf(colours, {
        size: 76,
        space: 36,
        ...(newest.current.chart.unit === 'bytes' ? { incrs: [...byteSteps] } : {}),
        values: (_plot, values) => values.map((value) => newest.current.chart.format(value)),
      }),
    ],
    series: [
      {},
      ...looks.map((look) => seriesOf(look, colours)),
      { stroke: colours.warn, width: 1, dash: [6, 4], points: { show: false } },
    ],
    hooks: {
      draw: [(plot) => drawMarks(plot, newest.current.metrics.marks, colours, newest.current.chart.key)],
      setCursor: [(plot) => newest.current.move(plot.cursor.idx ?? null)],
      ready: [(plot) => plot.over.addEventListener('click', () => clicked(plot, newest))],
    },
  };
}

function clicked(plot: uPlot, { current: { chart, open } }: Newest): void {
  const { idx } = plot.cursor;
  const second = idx === null || idx === undefined ? undefined : plot.data[0][idx];
  const value = idx === null || idx === undefined ? null : plot.data[1]?.[idx];
  if (second !== undefined && value && chart.opensRuns !== undefined) open(second, chart.opensRuns);
}

function seriesOf(look: ChartLine['look'], colours: ChartColours): uPlot.Series {
  const still = { points: { show: false }, spanGaps: false } as const;
  switch (look) {
    case 'line':
      return { ...still, stroke: colours.accent, fill: `${colours.accent}22`, width: 1.5 };
    case 'peak':
      return { ...still, stroke: colours.dim, width: 1, dash: [2, 3] };
    case 'bars':
    case 'bad-bars': {
      const colour = look === 'bars' ? colours.accent : colours.bad;
      const { bars } = uPlot.paths;
      return {
        ...still,
        stroke: colour,
        fill: colour,
        width: 0,
        ...(bars ? { paths: bars({ size: [0.8, 14], align: 1 }) } : {}),
      };
    }
  }
}
