/** How long the runs of a cron took, so that "it gets slower" is seen. */
import { useMemo } from 'react';
import type uPlot from 'uplot';
import { formatDuration } from '../../../../src/contract/format.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { axisOf, Chart, type ChartColours, clockAxis } from '../../design/chart.tsx';
import { durationsOf } from './duration-points.ts';

export function Durations({ runs }: { readonly runs: readonly Run[] }) {
  const points = useMemo(() => durationsOf(runs), [runs]);
  if (points.times.length < 2) return <p>Two runs that have ended make the first line.</p>;
  const { times, ok, bad, avg, max } = points;
  const level = (value: number) => times.map(() => value);
  return (
    <Chart
      label={`Lengths of ${times.length} runs: ${formatDuration(avg)} on average, ${formatDuration(max)} at most`}
      data={[times as number[], ok as number[], bad as number[], level(avg), level(max)]}
      options={options}
      height={200}
    />
  );
}

const dots = (colour: string): Partial<uPlot.Series> => ({
  stroke: colour,
  paths: () => null,
  points: { show: true, size: 5, fill: colour, width: 0 },
  value: (_plot, value) => (value === null ? '–' : formatDuration(value)),
});

const options = (colours: ChartColours): Omit<uPlot.Options, 'width' | 'height'> => ({
  cursor: { drag: { x: false, y: false } },
  scales: { x: { time: true }, y: { range: (_plot, _least, most) => [0, Math.max(most * 1.1, 1)] } },
  axes: [
    clockAxis(colours),
    axisOf(colours, { size: 58, values: (_plot, values) => values.map((value) => formatDuration(value)) }),
  ],
  legend: { show: true },
  series: [
    { value: (_plot, at) => (at === null ? '–' : new Date(at * 1_000).toLocaleString('en-GB')) },
    { label: 'ok', ...dots(colours.accent) },
    { label: 'went wrong', ...dots(colours.bad) },
    {
      label: 'avg',
      stroke: colours.dim,
      width: 1,
      dash: [4, 4],
      points: { show: false },
      value: (_plot, value) => (value === null ? '–' : formatDuration(value)),
    },
    {
      label: 'max',
      stroke: colours.warn,
      width: 1,
      dash: [2, 4],
      points: { show: false },
      value: (_plot, value) => (value === null ? '–' : formatDuration(value)),
    },
  ],
});
