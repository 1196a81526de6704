/** `serve`, `doctor`, `version`: handed on to what needs no daemon. */
import { resolve } from 'node:path';
import type { Daemon } from '../../contract/daemon.ts';
import type { Incident } from '../../contract/incident.ts';
import type { Context } from '../context.ts';
import { storeAddress } from '../data-folder.ts';
import { CliFailure } from '../failure.ts';
import type { Finding, ServeOptions } from '../local.ts';
import { moment } from '../output/moments.ts';
import { type Column, table } from '../output/table.ts';

export function serve(
  context: Context,
  _words: readonly string[],
  options: {
    readonly listen?: string;
    readonly ssh?: string;
    readonly store?: string;
    readonly trustProxy?: readonly string[];
    readonly operatorPasswordFile?: string;
    readonly sshKeepalive?: number;
    readonly pushLimit?: string;
    readonly pushFileLimit?: string;
    readonly runtime: ServeOptions['runtime'];
    readonly ephemeral?: boolean;
  },
): Promise<number> {
  return context.local.serve({
    data: context.data,
    runtime: options.runtime,
    ephemeral: options.ephemeral === true,
    trustProxy: options.trustProxy ?? [],
    store: storeAddress(options.store, context.io),
    ...(options.operatorPasswordFile === undefined
      ? {}
      : { operatorPasswordFile: resolve(context.io.workingFolder, options.operatorPasswordFile) }),
    ...(options.listen === undefined ? {} : { listen: options.listen }),
    ...(options.ssh === undefined ? {} : { ssh: options.ssh }),
    ...(options.sshKeepalive === undefined ? {} : { sshKeepaliveSeconds: options.sshKeepalive }),
    ...(options.pushLimit === undefined ? {} : { pushLimit: options.pushLimit }),
    ...(options.pushFileLimit === undefined ? {} : { pushFileLimit: options.pushFileLimit }),
  });
}

export async function doctor(
  context: Context,
  _words: readonly string[],
  options: { readonly store?: string },
) {
  const findings = [
    ...(await context.local.doctor({
      data: context.data,
      store: storeAddress(options.store, context.io),
    })),
    ...(await daemonFindings(context)),
  ];
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

/** The scheduler gives a sign of life every 10 s, or every 30 s when nothing is due. */
const silentMs = 60_000;

/** What the daemon says of itself, where there is one. */
async function daemonFindings(context: Context): Promise<Finding[]> {
  const finding = (
    subject: string,
    state: Finding['state'],
    sentence: string,
    remedy: string | null = null,
  ) => ({
    subject,
    state,
    sentence,
    remedy,
  });
  let daemon: Daemon;
  try {
    daemon = await context.client.get<Daemon>('/daemon');
  } catch (thrown) {
    if (!(thrown instanceof CliFailure)) throw thrown;
    return [finding('daemon', 'limited', thrown.message)];
  }
  const open = await openIncidents(context);
  const { version, pid, runtime, store, schedulerHeartbeatAt: beat } = daemon;
  const silent = beat === null || context.now - Date.parse(beat) > silentMs;
  return [
    finding('daemon', 'ok', `version ${version}, pid ${pid}, ${runtime} runtime`),
    ...(store === 'ok'
      ? []
      : [finding('database', 'missing', "can't be read or written", 'look at its disk, or at PostgreSQL')]),
    silent
      ? finding(
          'scheduler',
          'missing',
          beat === null ? 'no sign of life yet' : `no sign of life since ${moment(context, beat)}`,
          'restart the daemon: container jobs run on',
        )
      : finding('scheduler', 'ok', `last sign of life ${moment(context, beat)}`),
    open === 0
      ? finding('incidents', 'ok', 'none is open')
      : finding(
          'incidents',
          'limited',
          open === null ? 'not known' : `${open} open`,
          'see "nightshift incidents --open"',
        ),
  ];
}

/** Null when the daemon can't say. */
async function openIncidents(context: Context): Promise<number | null> {
  try {
    return (await context.client.history<Incident>('/incidents', { open: true }, 1_000)).length;
  } catch (thrown) {
    if (thrown instanceof CliFailure) return null;
    throw thrown;
  }
}

export function version(context: Context) {
  context.show({ version: context.local.version }, ({ version }) => `nightshift ${version}`);
}
