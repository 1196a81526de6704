/** `incidents`. */
import { formatDuration } from '../../contract/format.ts';
import type { Incident } from '../../contract/incident.ts';
import type { Context } from '../context.ts';
import { relativeTime, utcTime } from '../output/moments.ts';
import { type Column, table } from '../output/table.ts';

export async function listIncidents(
  context: Context,
  [environment]: readonly string[],
  options: { readonly open?: boolean; readonly limit: number },
) {
  const query = { environment, open: options.open === true ? true : undefined };
  const incidents = await context.client.history<Incident>('/incidents', query, options.limit);
  const whose = environment === undefined ? '' : ` of "${environment}"`;
  context.show(incidents, () =>
    incidents.length === 0
      ? `no incidents${whose}${options.open === true ? ' are open' : ''}`
      : incidentsTable(context, incidents),
  );
}

function incidentsTable(context: Context, incidents: readonly Incident[]): string {
  const columns: readonly Column<Incident>[] = [
    { title: 'Began', cell: (each) => utcTime(each.beganAt) },
    { title: '', align: 'right', cell: (each) => relativeTime(context, each.beganAt) },
    { title: 'Kind', cell: (each) => each.kind },
    { title: 'Environment', cell: (each) => each.environment ?? '-' },
    { title: 'Job', cell: (each) => each.job ?? '-' },
    { title: 'Seen', align: 'right', cell: (each) => String(each.count) },
    {
      title: 'Lasted',
      cell: (each) => (each.endedAt === null ? 'open' : lengthOf(each.beganAt, each.endedAt)),
      paint: (text, each) => (each.endedAt === null ? context.paint.bad(text) : text),
    },
    { title: 'Reason', cell: (each) => each.reason },
  ];
  return table(columns, incidents, context.paint.dim);
}

const lengthOf = (from: string, to: string): string =>
  formatDuration(Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)));
