/**
 * The machine is off for hours while crons are due: user space is restarted, and before the daemon's start the clock is put forward, as
 * a machine finds it that was away. Then the ledger has to say of each due time what became of it, by the catch-up rule of its cron.
 */
import { rm, writeFile } from 'node:fs/promises';
import type { DueTime } from '../../src/contract/cron.ts';
import { addJob, book, runsOf, shop } from './shop.ts';
import type { Transcript } from './transcript.ts';
import { client, daemonReady, systemctl } from './unit.ts';
import { must, until } from './until.ts';

export const absenceHours = 3;

const hourMs = 3_600_000;
const rules = ['none', 'latest', 'all'] as const;
type Rule = (typeof rules)[number];
const jobOf = (rule: Rule): string => `hourly-${rule}`;

const clockUnit = 'nightshift-machine-test-clock.service';
const clockFile = `/etc/systemd/system/${clockUnit}`;

/** Crons that are due each hour, half an hour from now and one for each rule, and a clock that goes ahead with the next start. */
export async function prepareAbsence(): Promise<void> {
  await book(shop, 'XL');
  const minute = (new Date().getUTCMinutes() + 30) % 60;
  for (const rule of rules)
    await addJob(shop, {
      name: jobOf(rule),
      type: 'cron',
      command: 'true',
      crontab: `${minute} * * * *`,
      catchUp: rule,
    });
  await writeFile(
    clockFile,
    [
      '[Unit]',
      'Before=nightshift.service',
      '[Service]',
      'Type=oneshot',
      `ExecStart=/bin/date --set "+${absenceHours} hours"`,
      '[Install]',
      'WantedBy=multi-user.target',
      '',
    ].join('\n'),
  );
  await systemctl('enable', '--quiet', clockUnit);
}

/** @param askedAt wall time, ms, before the restart */
export async function checkAbsence(transcript: Transcript, askedAt: number): Promise<void> {
  await systemctl('disable', '--quiet', clockUnit);
  await rm(clockFile);
  await transcript.check(`after ${absenceHours} hours off the daemon says from when to when`, async () => {
    await daemonReady();
    const backAt = Date.now();
    must(backAt - askedAt > absenceHours * hourMs, 'the clock was not put forward');
    const [missed] = await missedOf('none');
    must(
      missed?.reason?.startsWith('missed: the machine was down from ') === true,
      `it says ${missed?.reason}`,
    );
    return missed.reason ?? '';
  });
  for (const rule of rules)
    await transcript.check(`of the due times meanwhile, catch-up "${rule}" runs ${told[rule]}`, async () => {
      const dueTimes = await until('the due times to be told', 120, () => accountOf(rule, askedAt));
      const ran = dueTimes.filter(({ fate }) => fate === 'ran');
      must(ran.length === { none: 0, latest: 1, all: absenceHours }[rule], `it ran ${ran.length}`);
      if (rule === 'latest') must(dueTimes.at(-1)?.fate === 'ran', 'it is not the newest that ran');
      for (const { at, fate, reason } of dueTimes)
        must(fate === 'ran' || reason !== null, `${at} is ${fate}, and no reason is told`);
      const runs = await runsOf(shop, jobOf(rule));
      const caughtUp = runs.filter(({ trigger }) => trigger === 'catch-up');
      must(caughtUp.length === ran.length, `${caughtUp.length} runs say that they catch up`);
      const keys = new Set(caughtUp.map(({ dueAt }) => dueAt));
      must(keys.size === caughtUp.length, 'a due time was run twice');
      return dueTimes.map(({ at, fate }) => `${at} ${fate}`).join(', ');
    });
}

const told: Readonly<Record<Rule, string>> = { none: 'none', latest: 'the newest', all: 'each' };

interface Account {
  readonly at: string;
  readonly fate: DueTime['fate'];
  readonly reason: string | null;
}

const ledgerOf = (rule: Rule): Promise<readonly DueTime[]> =>
  client.history<DueTime>(`/environments/${shop}/due-times`, { job: jobOf(rule) }, 1_000);

const missedOf = async (rule: Rule): Promise<readonly DueTime[]> =>
  await until('a due time to be told as missed', 120, async () => {
    const missed = (await ledgerOf(rule)).filter(({ fate }) => fate === 'missed');
    return missed.length > 0 ? missed : undefined;
  });

/** Each due time of the absence with its fate, the oldest first; undefined until all of them are told. */
async function accountOf(rule: Rule, askedAt: number): Promise<readonly Account[] | undefined> {
  const fates = new Map<number, Account>();
  for (const { dueAt, untilDueAt, fate, reason } of await ledgerOf(rule))
    for (let at = Date.parse(dueAt); at <= Date.parse(untilDueAt ?? dueAt); at += hourMs) {
      if (at < askedAt || at > askedAt + absenceHours * hourMs) continue;
      must(!fates.has(at), `${dueAt} has two lines in the ledger`);
      fates.set(at, { at: new Date(at).toISOString().slice(11, 16), fate, reason });
    }
  const inOrder = [...fates].sort(([one], [other]) => one - other);
  return inOrder.length === absenceHours ? inOrder.map(([, account]) => account) : undefined;
}
