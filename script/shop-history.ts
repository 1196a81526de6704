/**
 * A shop with a month behind it, for the pictures of the dashboard: what a daemon would have kept of it, written through the daemon's own
 * store and metrics. Nothing of it happened; the jobs themselves are real, and run when a daemon is started on the folder.
 */
import { join } from 'node:path';
import type { Environment } from '../src/domain/environment.ts';
import type { Cron, Job } from '../src/domain/job.ts';
import type { Outcome, Run } from '../src/domain/run.ts';
import { openMetrics } from '../src/metrics/open-metrics.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import {
  sampleCron,
  sampleDue,
  sampleEnd,
  sampleEnvironment,
  sampleHandle,
  sampleRun,
  sampleWorker,
} from '../src/store/store.testkit.ts';
import type { Store } from '../src/store/store.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const megabyte = 1_048_576;
const commits = ['9f2c41ab03', '4be07d9921', 'c81d5e60f7', '17a3fe2c88', 'e05b9136d4'] as const;

export interface Shop {
  readonly data: string;
  /** The root of `shop`; the others have theirs beside it. */
  readonly root: string;
  readonly user: string;
  /** Wall time, ms. */
  readonly now: number;
}

/** Numbers that look like chance and are the same in each picture. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const holding = (name: string, megabytes: number, text: string, everySeconds: number): string =>
  `exec perl -e '$|=1; $0="${name}"; my $held = ""; $held .= "x" x 1048576 for 1 .. ${megabytes}; my $i = 48210; while (1) { $i++; ${text}; select undef, undef, undef, ${everySeconds} }'`;

const mailText = String.raw`my $ms = 80 + ($i * 37) % 240; $i % 9 == 0 ? print STDERR "SMTP 421 mail.example.org: try again later, order $i waits\n" : $i % 4 == 0 ? print "{\"level\":\"info\",\"msg\":\"batch sent\",\"batch\":$i,\"smtp\":{\"host\":\"mail.example.org\",\"ms\":$ms}}\n" : print "order $i: confirmation \033[32msent\033[0m in $ms ms\n"`;
const thumbText = String.raw`my $kb = 40 + ($i * 53) % 400; print "product-$i.jpg resized to 3 sizes, $kb kB\n"`;

export const jobsOf = ({ now }: Pick<Shop, 'now'>): readonly Job[] => {
  const createdAt = now - 30 * day;
  const cron = (name: string, command: string, expression: string, more: Partial<Cron> = {}): Job =>
    sampleCron('shop', name, {
      command,
      createdAt,
      dueSince: createdAt,
      schedule: { kind: 'crontab', expression, timezone: 'UTC', moment: 0 },
      ...more,
    });
  const worker = (name: string, command: string, environment = 'shop'): Job =>
    sampleWorker(environment, name, { command, createdAt });
  return [
    worker('mailer', holding('mailer', 52, mailText, 1.4)),
    worker('thumbnails', holding('thumbnails', 90, thumbText, 2.3)),
    worker('search', holding('search', 120, 'print "indexed ", $i % 17, " products\\n"', 11)),
    cron('feed', 'echo "feed written: 1,204 products"; sleep 2', '*/10 * * * *'),
    cron(
      'report',
      'echo "reading yesterday\'s orders"; sleep 41; echo "no rate for CHF" >&2; exit 3',
      '15 3 * * 1-5',
    ),
    cron('clean-up', 'echo "37 carts forgotten"; sleep 1', '40 4 * * *'),
    sampleWorker('blog', 'comments', {
      createdAt,
      command: 'echo "connecting to 127.0.0.1:6379"; echo "connection refused" >&2; exit 255',
    }),
    worker('newsletter', holding('newsletter', 30, 'print "nothing to send\\n"', 20), 'blog'),
  ];
};

/** Writes all of it to an empty data folder. */
export async function writeShop(shop: Shop): Promise<void> {
  const { data, root, user, now } = shop;
  const clock = {
    // What is counted was counted since then.
    wall: () => now - 30 * day,
    monotonic: () => performance.now() * 1_000,
    after: () => () => undefined,
  };
  const store = await openSqliteStore({ folder: data, clock, onNotice: () => undefined });
  const environment = (name: string, given: Partial<Environment>): Promise<void> =>
    store.addEnvironment(
      sampleEnvironment(name, {
        root: root.replace(/shop$/, name),
        user,
        createdAt: now - 30 * day,
        ...given,
      }),
    );
  await environment('shop', { plan: 'L' });
  await environment('blog', { plan: 'S' });
  await environment('intranet', { plan: null });
  for (const job of jobsOf(shop)) await store.addJob(job);
  await store.setVariables('shop', {
    DATABASE_URL: 'mysql://shop@127.0.0.1/shop',
    MAIL_HOST: 'mail.example.org',
    PAYMENT_KEY: 'sk-4711',
  });
  const runs = await writeRuns(store, now);
  await store.runsJudged((await store.unjudgedRuns()).map(({ run }) => run));
  await writeIncidents(store, runs);
  await writeDeployments(store, now);
  await writeActivity(store, now);
  await store.close();
  writeMetrics(shop, runs);
}

/** Oldest first. */
async function writeRuns(store: Store, now: number): Promise<Run[]> {
  const chance = dice(7);
  const written: Run[] = [];
  let count = 0;
  const id = (at: number): string => `${at.toString(36)}-${String(count++).padStart(4, '0')}`;
  const end = async (
    run: Run,
    seconds: number,
    outcome: Outcome,
    code: number,
    megabytes: number,
    reason: string | null,
  ) => {
    const startedAt = run.createdAt + 60;
    const memory = Math.round(megabytes * megabyte);
    await store.runStarted(run.id, startedAt, sampleHandle(run.id));
    const signal = outcome === 'out-of-memory' ? 'KILL' : outcome === 'stopped' ? 'TERM' : null;
    const ended = sampleEnd({
      endedAt: startedAt + Math.round(seconds * 1_000),
      exit: signal === null ? { kind: 'exited', code } : { kind: 'signalled', signal },
      outcome,
      reason,
      memoryAvgBytes: Math.round(memory * 0.8),
      memoryMaxBytes: memory,
    });
    const failed = outcome === 'failed' || outcome === 'out-of-memory';
    await store.runEnded(run.id, ended, [
      {
        environment: run.environment,
        job: run.job ?? '',
        ...(run.kind === 'cron' ? { durationSeconds: seconds } : { restarts: 1 }),
        memoryByteSeconds: memory * 0.8 * Math.min(seconds, 3_600),
        memorySeconds: Math.min(seconds, 3_600),
        memoryMaxBytes: memory,
        fails: failed ? 1 : 0,
        exitsOk: outcome === 'ok' ? 1 : 0,
      },
    ]);
    written.push({ ...run, startedAt, ...ended });
  };

  // Workers: a restart with each deployment, a kill for want of memory last night, an exit now and then.
  const breaks = (job: string): { at: number; outcome: Outcome; why: string }[] => [
    { at: now - 24.2 * day, outcome: 'stopped', why: 'it was restarted by a deployment' },
    { at: now - 17.1 * day, outcome: 'failed', why: 'exit code 255' },
    { at: now - 11.3 * day, outcome: 'stopped', why: 'it was restarted by a deployment' },
    ...(job === 'thumbnails'
      ? ([
          { at: now - 6.4 * day, outcome: 'failed', why: 'exit code 1' },
          {
            at: lastNight(now) + 90 * minute,
            outcome: 'out-of-memory',
            why: '"thumbnails" held 431.0 MB, the others 561.2 MB, and plan L has 1024 MB for all',
          },
        ] as const)
      : []),
    { at: now - 2 * minute, outcome: 'stopped', why: 'the daemon was ended with its jobs' },
  ];
  for (const job of ['mailer', 'thumbnails', 'search']) {
    let from = now - 30 * day;
    let predecessor: string | null = null;
    let trigger: Run['trigger'] = 'start';
    for (const { at, outcome, why } of breaks(job)) {
      const run = sampleRun('shop', id(from), {
        job,
        command: `bin/${job}`,
        createdAt: from,
        predecessor,
        trigger,
        commit: commits[0],
      });
      await store.beginRuns([run], []);
      const megabytes = outcome === 'out-of-memory' ? 431 : 60 + 40 * chance();
      await end(run, (at - from) / 1_000, outcome, outcome === 'failed' ? 255 : 0, megabytes, why);
      predecessor = run.id;
      trigger = outcome === 'stopped' ? 'deploy' : 'failure';
      from = at + (outcome === 'failed' ? 4_000 : 700);
    }
  }

  const cron = async (
    job: string,
    dueAt: number,
    seconds: number,
    fails: string | null,
    megabytes: number,
    code = 3,
  ) => {
    const { run, dueTime } = sampleDue('shop', job, dueAt, id(dueAt));
    await store.beginRuns([{ ...run, command: `bin/${job}`, commit: commits[0] }], [dueTime]);
    await end(run, seconds, fails === null ? 'ok' : 'failed', fails === null ? 0 : code, megabytes, fails);
  };
  const missed = (job: string, dueAt: number): Promise<unknown> =>
    store.beginRuns(
      [],
      [
        {
          environment: 'shop',
          job,
          dueAt,
          fate: 'missed',
          run: null,
          reason: 'the machine was down from 02:00 to 02:27',
        },
      ],
    );
  const midnight = Math.floor(now / day) * day;
  const days = Array.from({ length: 30 }, (_, index) => midnight - (29 - index) * day);
  const reports = days
    .filter((at) => new Date(at).getUTCDay() % 6 !== 0)
    .map((at) => at + 3 * hour + 15 * minute)
    .filter((at) => at < now);
  for (const [index, dueAt] of reports.entries()) {
    const fails = index === reports.length - 1 || index === reports.length - 7;
    const seconds = 18 + index * 0.9 + chance() * 9;
    await cron('report', dueAt, seconds, fails ? 'exit code 3' : null, 58 + chance() * 9);
  }
  for (const dueAt of days.map((at) => at + 4 * hour + 40 * minute).filter((at) => at < now))
    await cron('clean-up', dueAt, 2 + chance() * 2, null, 21);
  const down = lastNight(now) + 2 * hour;
  for (
    let dueAt = Math.floor((now - 2 * day) / (10 * minute)) * 10 * minute;
    dueAt < now - 10_000;
    dueAt += 10 * minute
  ) {
    if (dueAt >= down && dueAt < down + 27 * minute) await missed('feed', dueAt);
    else
      await cron(
        'feed',
        dueAt,
        2 + chance() * 3,
        chance() < 0.01 ? 'exit code 1' : null,
        14 + chance() * 3,
        1,
      );
  }
  return written;
}

/** What the daemon would have told of the newest ends that were bad. */
async function writeIncidents(store: Store, runs: readonly Run[]): Promise<void> {
  const newest = (job: string, outcome: Outcome): Run | undefined =>
    runs.findLast((run) => run.job === job && run.outcome === outcome);
  const bad = [
    { run: newest('report', 'failed'), kind: 'cron-failed', say: (run: Run) => `failed: ${run.reason}` },
    {
      run: newest('thumbnails', 'out-of-memory'),
      kind: 'out-of-memory',
      say: (run: Run) => `was ended: ${run.reason}`,
    },
  ] as const;
  for (const { run, kind, say } of bad) {
    if (run?.endedAt == null) continue;
    const over = kind === 'out-of-memory';
    await store.saveIncident({
      id: `i${run.id}`,
      environment: 'shop',
      job: run.job,
      kind,
      beganAt: run.endedAt,
      seenAt: run.endedAt,
      count: 1,
      endedAt: over ? run.endedAt + hour : null,
      reason: `"${run.job}" ${say(run)}`,
      endReason: over ? 'it has run for an hour since' : null,
      run: run.id,
      dueAt: run.dueAt,
    });
  }
}

/** Midnight of today, or of yesterday where today is young. */
const lastNight = (now: number): number => Math.floor((now - 5 * hour) / day) * day;

async function writeDeployments(store: Store, now: number): Promise<void> {
  const days = [24.2, 11.3, 8.9, 4.6, 1.2];
  for (const [index, back] of days.entries()) {
    const startedAt = now - back * day;
    const failed = index === 2;
    const names = failed
      ? (['received', 'checked', 'laying', 'commands', 'undoing'] as const)
      : (['received', 'checked', 'laying', 'commands', 'restarting'] as const);
    let at = startedAt;
    const steps = names.map((state, step) => {
      const from = at;
      at += [180, 420, 350, 8_400, 2_600][step] ?? 0;
      const detail =
        state === 'received'
          ? '412 files'
          : state === 'checked'
            ? '6 jobs'
            : state === 'laying'
              ? '23 changed, 2 removed'
              : state === 'commands'
                ? failed
                  ? '"composer install" ended with exit code 2'
                  : 'composer install'
                : state === 'restarting'
                  ? '3 workers'
                  : null;
      return { state, startedAt: from, endedAt: at, detail };
    });
    const id = `d${startedAt.toString(36)}`.slice(0, 12);
    await store.saveDeployment({
      id,
      environment: 'shop',
      trigger: 'git',
      commit: commits[index] ?? null,
      branch: 'main',
      askedBy: 'developer',
      state: failed ? 'undone' : 'done',
      steps: [...steps, { state: failed ? 'undone' : 'done', startedAt: at, endedAt: at, detail: null }],
      startedAt,
      endedAt: at,
      outcome: failed ? 'failed' : 'ok',
      reason: failed
        ? '"composer install" ended with exit code 2: the code and the jobs are as before'
        : null,
    });
    await store.saveDeploymentOutput(
      'shop',
      id,
      failed
        ? 'Installing dependencies from lock file\nYour lock file does not contain a compatible set of packages.\n'
        : 'Installing dependencies from lock file\nGenerating optimized autoload files\n',
    );
  }
}

async function writeActivity(store: Store, now: number): Promise<void> {
  const entries: readonly (readonly [
    hours: number,
    actor: string,
    act: string,
    detail: string,
    via: string,
  ])[] = [
    [720, 'operator', 'create environment', '/srv/shop', 'cli'],
    [719.9, 'operator', 'book', 'plan M', 'dashboard'],
    [580.8, 'developer', 'push', `main ${commits[0].slice(0, 8)}`, 'ssh'],
    [271.2, 'developer', 'push', `main ${commits[1].slice(0, 8)}`, 'ssh'],
    [213.6, 'developer', 'push', `main ${commits[2].slice(0, 8)}, undone`, 'ssh'],
    [110.4, 'developer', 'push', `main ${commits[3].slice(0, 8)}`, 'ssh'],
    [54, 'operator', 'book', 'plan L instead of M', 'dashboard'],
    [53.8, 'operator', 'edit job', 'thumbnails: exitTimeoutSeconds', 'dashboard'],
    [28.8, 'developer', 'push', `main ${commits[4].slice(0, 8)}`, 'ssh'],
    [7.4, 'operator', 'run job', 'feed', 'cli'],
  ];
  for (const [hours, actor, act, detail, via] of entries)
    await store.addActivity({
      at: now - hours * hour,
      actor,
      environment: 'shop',
      act,
      detail,
      via,
      address: via === 'cli' ? null : '192.0.2.17',
    });
}

/** The ends of a month, and a day of looks, each twenty seconds; the machine was down for a while last night. */
function writeMetrics({ data, now }: Shop, runs: readonly Run[]): void {
  const began = now - 26 * hour;
  let wall = now - 30 * day;
  const clock = {
    wall: () => wall,
    monotonic: () => wall,
    after: () => () => undefined,
  };
  const onTrouble = (trouble: unknown): void => console.error(trouble);
  const metrics = openMetrics({ path: join(data, 'metrics.db'), clock, onTrouble });
  metrics.load(['shop', 'blog', 'intranet']);
  const chance = dice(11);
  const cpu: Record<string, number> = { mailer: 0, thumbnails: 0, search: 0, feed: 0 };
  const down = lastNight(now) + 2 * hour;
  const happened = runs
    .flatMap((run) => [
      { at: run.startedAt ?? 0, run, ended: false },
      { at: run.endedAt ?? 0, run, ended: true },
    ])
    .sort((a, b) => a.at - b.at);
  let kills = 0;
  let wave = 0;
  // Before the day that was looked at, only what happened.
  const stepTo = (at: number): number => (at < began ? Math.max(at, happened[0]?.at ?? began) : at + 20_000);
  for (; wall < now; wall = stepTo(wall)) {
    for (let next = happened[0]; next !== undefined && next.at <= wall; next = happened[0]) {
      happened.shift();
      if (!next.ended) {
        metrics.began({ ...next.run, endedAt: null, outcome: null, exit: null });
        metrics.started({ ...next.run, endedAt: null, outcome: null, exit: null });
      } else {
        if (next.run.outcome === 'out-of-memory') kills += 1;
        metrics.ended(next.run, 0.4);
      }
    }
    if (wall >= down && wall < down + 27 * minute) continue;
    wave += 0.004;
    const untilKill = lastNight(now) + 90 * minute - wall;
    const swell = untilKill > 0 && untilKill < 35 * minute ? 1 - untilKill / (35 * minute) : 0;
    const held: Record<string, number> = {
      mailer: 58 + 8 * Math.sin(wave * 3) + chance() * 3,
      thumbnails: 92 + 22 * Math.sin(wave) + swell * 340 + chance() * 6,
      search: 128 + 16 * Math.sin(wave * 1.7) + swell * 120 + chance() * 4,
    };
    if (wall % (10 * minute) < 40_000) held.feed = 15;
    for (const [job, megabytes] of Object.entries(held))
      cpu[job] = (cpu[job] ?? 0) + 20 * (job === 'feed' ? 0.3 : (megabytes / 900) * (0.6 + 0.5 * chance()));
    const memoryBytes = Object.values(held).reduce((sum, each) => sum + each, 0) * megabyte;
    metrics.measured({
      environment: 'shop',
      usage: {
        memoryBytes: Math.min(memoryBytes, 1_020 * megabyte),
        cacheBytes: 30 * megabyte,
        swapBytes: swell > 0.6 ? swell * 40 * megabyte : 0,
        cpuSeconds: Object.values(cpu).reduce((sum, each) => sum + each, 0),
        throttledSeconds: 0,
        outOfMemoryKills: kills,
      },
      runs: Object.entries(held).map(([job, megabytes]) => ({
        runId: `history-${job}`,
        job,
        memoryBytes: megabytes * megabyte,
        cpuSeconds: cpu[job] ?? 0,
      })),
      limits: { memoryBytes: 1_024 * megabyte, cpu: 1 },
    });
  }
  metrics.close();
}
