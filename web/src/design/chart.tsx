/** A chart of many points on one canvas, in the colours of the page. */
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import classes from './chart.module.css';

export interface ChartColours {
  readonly ink: string;
  readonly dim: string;
  readonly line: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly good: string;
  readonly warn: string;
  readonly bad: string;
}

export type ChartOptions = (colours: ChartColours) => Omit<uPlot.Options, 'width' | 'height'>;

export interface ChartProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly data: uPlot.AlignedData;
  /** The same function as long as nothing but the data changes. */
  readonly options: ChartOptions;
  readonly height: number;
}

export function Chart({ label, data, options, height }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const newest = useRef(data);
  newest.current = data;
  const scheme = useComputedColorScheme('light');
  // Another colour scheme draws it anew.
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const size = () => ({ width: Math.max(120, Math.floor(element.clientWidth)), height });
    const made = new uPlot({ ...options(coloursOf(element)), ...size() }, newest.current, element);
    plot.current = made;
    const watch = new ResizeObserver(() => {
      if (made.width !== size().width) made.setSize(size());
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [options, height, scheme]);
  useEffect(() => {
    if (plot.current && plot.current.data !== data) plot.current.setData(data);
  }, [data]);
  return (
    <div ref={box} className={classes.chart} role="img" aria-label={label} style={{ minHeight: height }} />
  );
}

function coloursOf(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: colour('--ink'),
    dim: colour('--dim'),
    line: colour('--line'),
    accent: colour('--accent'),
    accentSoft: colour('--accent-soft'),
    good: colour('--good'),
    warn: colour('--warn'),
    bad: colour('--bad'),
  };
}

export const chartFont = '11px system-ui, sans-serif';

/** A quiet axis. */
export const axisOf = (colours: ChartColours, more: Partial<uPlot.Axis> = {}): uPlot.Axis => ({
  stroke: colours.dim,
  font: chartFont,
  grid: { stroke: colours.line, width: 1 },
  ticks: { stroke: colours.line, width: 1, size: 4 },
  ...more,
});

/** Times on an axis of seconds: the clock, and the day where it begins. */
export const clockAxis = (colours: ChartColours, more: Partial<uPlot.Axis> = {}): uPlot.Axis =>
  axisOf(colours, {
    values: [
      [86_400, '{D} {MMM}', null, null, null, null, null, null, 1],
      [3_600, '{HH}:{mm}', '\n{D} {MMM}', null, null, null, null, null, 1],
      [60, '{HH}:{mm}', '\n{D} {MMM}', null, null, null, null, null, 1],
      [1, '{HH}:{mm}:{ss}', '\n{D} {MMM}', null, null, null, null, null, 1],
    ],
    ...more,
  });
