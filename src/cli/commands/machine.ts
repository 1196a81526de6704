/** `serve`, `doctor`, `version`: handed on to what needs no daemon. */
import type { Context } from '../context.ts';
import type { Finding, ServeOptions } from '../local.ts';
import { type Column, table } from '../output/table.ts';

export function serve(
  context: Context,
  _words: readonly string[],
  options: {
    readonly listen?: string;
    readonly ssh?: string;
    readonly runtime: ServeOptions['runtime'];
    readonly ephemeral?: boolean;
  },
): Promise<number> {
  return context.local.serve({
    data: context.data,
    runtime: options.runtime,
    ephemeral: options.ephemeral === true,
    ...(options.listen === undefined ? {} : { listen: options.listen }),
    ...(options.ssh === undefined ? {} : { ssh: options.ssh }),
  });
}

export async function doctor(context: Context) {
  const findings = await context.local.doctor({ data: context.data });
  const paints: Record<Finding['state'], (text: string) => string> = {
    ok: context.paint.good,
    limited: context.paint.warn,
    missing: context.paint.bad,
  };
  const columns: readonly Column<Finding>[] = [
    { title: 'State', cell: (each) => each.state, paint: (text, each) => paints[each.state](text) },
    { title: 'What', cell: (each) => each.subject },
    { title: 'Found', cell: (each) => each.sentence },
  ];
  const remedies = findings.filter((each) => each.remedy !== null);
  context.show(findings, () =>
    [
      table(columns, findings, context.paint.dim),
      ...(remedies.length === 0 ? [] : ['\nWhat to do\n']),
      ...remedies.map((each) => `  ${each.subject}: ${each.remedy}\n`),
    ].join(''),
  );
}

export function version(context: Context) {
  context.show({ version: context.local.version }, ({ version }) => `nightshift ${version}`);
}
