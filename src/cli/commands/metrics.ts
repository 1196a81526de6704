/** `metrics`. */
import { formatDuration, formatPlanSize, formatSize, formatUtc } from '../../contract/format.ts';
import type { Metrics, MetricsMark } from '../../contract/metrics.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';
import { chartLines, fitted } from '../output/chart.ts';
import { relativeTime, utcTime } from '../output/moments.ts';
import { printable } from '../output/table.ts';

interface MetricsOptions {
  readonly since?: number;
  readonly until?: number;
  readonly step?: number;
  readonly job?: string;
}

type Series = readonly (number | null)[];

interface Chart {
  readonly title: string;
  readonly series: Series;
  readonly fold: 'peak' | 'sum';
  readonly height: number;
  readonly inWords: (value: number) => string;
  /** Where the plan ends. */
  readonly limit?: number | undefined;
  /** Shown only where something happened. */
  readonly onlyIfAny?: true;
}

const usualRangeMs = 86_400_000;
const labelWidth = 9;
const widthMin = 20;
const widthMax = 160;
const marksShown = 10;
/** Less than this is rounded away in words, so that its line would say 0. */
const worthDrawing = 0.01;

export async function showMetrics(
  context: Context,
  [environment = '']: readonly string[],
  { since, until = context.now, step, job }: MetricsOptions,
) {
  const query = {
    from: new Date(since ?? until - usualRangeMs).toISOString(),
    until: new Date(until).toISOString(),
    step: step === undefined ? undefined : Math.max(1, Math.round(step)),
    job,
  };
  const metrics = await context.client.get<Metrics>(path`/environments/${environment}/metrics`, query);
  context.show(metrics, () => page(context, metrics));
}

function page(context: Context, metrics: Metrics): string {
  const { from, until, stepSeconds } = metrics;
  const whose = metrics.job === null ? metrics.environment : `${metrics.environment} ${metrics.job}`;
  const title = context.paint.bold(printable(whose));
  if (metrics.series.memoryBytes.every((value) => value === null) && metrics.marks.length === 0)
    return `nothing was measured of "${printable(whose)}" between ${utcTime(from)} and ${utcTime(until)}\n`;
  const width = Math.min(widthMax, Math.max(widthMin, (context.io.stdout.columns ?? 80) - labelWidth - 3));
  const charts = chartsOf(metrics).filter(
    (chart) => chart.onlyIfAny === undefined || chart.series.some((value) => (value ?? 0) >= worthDrawing),
  );
  const head = `${title}  ${utcTime(from)} to ${utcTime(until)}, a point is ${formatDuration(stepSeconds)}\n`;
  const body = charts.map((chart) => drawn(context, chart, width));
  return [head, ...body, timeAxis(context, metrics, width), marksInWords(context, metrics.marks)].join('\n');
}

function chartsOf({ series, limits, job }: Metrics): Chart[] {
  const cpus = (value: number): string => `${Number(value.toFixed(value < 1 ? 3 : 2))} CPU`;
  const times = (value: number): string => String(value);
  const ofPlan = job === null ? limits : null;
  return [
    {
      ...{ title: 'memory', series: series.memoryMaxBytes, fold: 'peak', height: 4, inWords: formatSize },
      limit: ofPlan?.memoryBytes,
    },
    { title: 'CPU', series: series.cpu, fold: 'peak', height: 3, inWords: cpus, limit: ofPlan?.cpu },
    ...optional('swap', series.swapMaxBytes, 'peak', formatSize),
    ...optional('waiting for CPU', series.throttled, 'peak', (value) => `${value.toFixed(2)} s/s`),
    ...optional('duration', series.durationMaxSeconds, 'peak', formatDuration),
    { title: 'cron runs', series: series.cronRuns, fold: 'sum', height: 2, inWords: times, onlyIfAny: true },
    {
      title: 'cron fails',
      series: series.cronFails,
      fold: 'sum',
      height: 2,
      inWords: times,
      onlyIfAny: true,
    },
    ...optional('worker starts', series.workerStarts, 'sum', times),
    ...optional('out of memory', series.outOfMemoryKills, 'sum', times),
  ];
}

const optional = (
  title: string,
  series: Series | null,
  fold: Chart['fold'],
  inWords: Chart['inWords'],
): Chart[] => (series === null ? [] : [{ title, series, fold, height: 2, inWords, onlyIfAny: true }]);

function drawn({ paint }: Context, chart: Chart, width: number): string {
  const values = fitted(chart.series, width * 2, chart.fold);
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  // The plan's limit is the top as soon as half of it is used: before that it would only press the line down.
  const top = chart.limit !== undefined && most > chart.limit / 2 ? Math.max(most, chart.limit) : most;
  const lines = chartLines(values, { width, height: chart.height, top }).map((line, index) => {
    const label = index === 0 ? chart.inWords(top) : index === chart.height - 1 ? '0' : '';
    return `${label.padStart(labelWidth)} │ ${line}`.trimEnd();
  });
  return `${paint.bold(chart.title)}  ${summary(chart)}\n${lines.join('\n')}\n`;
}

function summary({ series, fold, inWords, limit }: Chart): string {
  const known = series.filter((value) => value !== null);
  if (known.length === 0) return 'nothing was measured';
  const sum = known.reduce((all, value) => all + value, 0);
  if (fold === 'sum') return `${inWords(sum)} in all`;
  const last = series.at(-1) ?? series.at(-2) ?? null;
  const plan =
    limit === undefined ? '' : `, plan ${limit >= 1_048_576 ? formatPlanSize(limit) : inWords(limit)}`;
  const now = last === null ? '' : `${inWords(last)} at the end, `;
  return `${now}${inWords(sum / known.length)} (avg), ${inWords(Math.max(...known))} (max)${plan}`;
}

const letters: Record<MetricsMark['kind'], string> = { deployment: 'd', restart: 'r', 'out-of-memory': 'x' };
/** Of several in one column the gravest is shown. */
const gravity: readonly MetricsMark['kind'][] = ['restart', 'deployment', 'out-of-memory'];

function timeAxis({ paint }: Context, { from, until, marks }: Metrics, width: number): string {
  const [begin, end] = [Date.parse(from), Date.parse(until)];
  const cells = new Array<string>(width).fill(' ');
  for (const kind of gravity) {
    for (const { at } of marks.filter((mark) => mark.kind === kind)) {
      const place = Math.floor(((Date.parse(at) - begin) / (end - begin)) * width);
      if (place >= 0 && place < width) cells[place] = letters[kind];
    }
  }
  const indent = ' '.repeat(labelWidth + 3);
  const marked = cells.join('').trimEnd();
  const long = end - begin > 2 * usualRangeMs;
  const label = (wall: number): string =>
    long ? formatUtc(wall).slice(0, 10) : formatUtc(wall).slice(11, 16);
  const axis = label(begin) + label(end).padStart(width - label(begin).length);
  return `${marked === '' ? '' : `${indent}${marked}\n`}${indent}${paint.dim(axis)}\n`;
}

/** What happened again and again is told once: how often, and the last time. */
function marksInWords(context: Context, marks: readonly MetricsMark[]): string {
  const groups = [...Map.groupBy(marks, ({ kind, job, id }) => `${kind} ${job ?? id}`).values()]
    .flatMap((group) => ({ last: group.at(-1) as MetricsMark, count: group.length }))
    .sort((a, b) => Date.parse(a.last.at) - Date.parse(b.last.at));
  const lines = groups.slice(-marksShown).map(({ last, count }) => {
    const who = last.job === null ? '' : ` ${last.job}`;
    const again = count === 1 ? '' : `, ${count} times, the last time`;
    const text = printable(`${last.kind}${who}${again}: ${last.text}`);
    return `${letters[last.kind]}  ${utcTime(last.at)}  ${relativeTime(context, last.at)}  ${text}\n`;
  });
  const more = groups.length - lines.length;
  return (more > 0 ? `   ${more} earlier ones\n` : '') + lines.join('');
}
