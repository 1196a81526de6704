/** The statistics of all jobs, as design.md §2.6 draws them: columns as wide as drawn, wider only where the content needs it. */
import { formatDuration, formatSize } from './format.ts';
import type { JobSummary } from './job.ts';
import type { Paint } from './paint.ts';

const columns = [
  { title: 'Name', width: 18 },
  { title: 'Duration', width: 13 },
  { title: 'Memory', width: 21 },
  { title: 'Fails', width: 6 },
  { title: 'Exits (OK)', width: 13 },
  { title: 'Running', width: 15 },
] as const;

type Cells = readonly [string, string, string, string, string, string];

/** Two lines a job and a rule before each; ends with a newline. */
export function statisticsTable(jobs: readonly JobSummary[], paint?: Paint): string {
  const rows = jobs.map((job) => ({ job, lines: linesOf(job) }));
  const widths = columns.map((column, index) =>
    Math.max(column.width, ...rows.flatMap(({ lines }) => lines.map((line) => line[index]?.length ?? 0))),
  );
  const rule = widths.map((width, index) => '─'.repeat(index === 0 ? width + 1 : width + 2)).join('┼');
  const draw = (cells: readonly string[], lastPainted = (text: string) => text): string =>
    cells
      .map((cell, index) =>
        index === cells.length - 1 ? lastPainted(cell) : cell.padEnd(widths[index] ?? 0),
      )
      .join(' │ ')
      .trimEnd();
  const lines = [draw(columns.map((column) => column.title))];
  for (const {
    job,
    lines: [first, second],
  } of rows) {
    lines.push(
      rule,
      draw(first, (text) => paintRunning(job, text, paint)),
      draw(second),
    );
  }
  return `${lines.join('\n')}\n`;
}

function linesOf(job: JobSummary): readonly [Cells, Cells] {
  const duration = (seconds: number | null, which: string, missing: string) =>
    job.type === 'worker' || seconds === null ? missing : `${formatDuration(seconds)} (${which})`;
  const memory = (bytes: number | null, which: string, missing: string) =>
    bytes === null ? missing : `${formatSize(bytes)} (${which})`;
  return [
    [
      job.name,
      duration(job.durationAvgSeconds, 'avg', '-'),
      memory(job.memoryAvgBytes, 'avg', '-'),
      String(job.fails),
      String(job.exitsOk),
      running(job),
    ],
    ['', duration(job.durationMaxSeconds, 'max', ''), memory(job.memoryMaxBytes, 'max', ''), '', '', ''],
  ];
}

/** Whether a worker runs; where several instances are wished for, also how many do. */
function running(job: JobSummary): string {
  if (job.type === 'cron') return '-';
  return job.instances > 1
    ? `${job.running} (${job.instancesRunning} of ${job.instances})`
    : String(job.running);
}

function paintRunning(job: JobSummary, text: string, paint: Paint | undefined): string {
  if (paint === undefined || job.type === 'cron') return text;
  if (job.running) return paint.good(text);
  return job.status === 'enabled' ? paint.bad(text) : text;
}
