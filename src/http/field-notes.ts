// Made from the comments of src/contract by script/reference: change them there.
// biome-ignore format: made by a program
export const fieldNotes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Session: {
    '': 'Whoever asks, as the daemon sees them.',
    environments: 'What a member sees; empty for operators, who see all.',
    account: 'The account\'s name; null over the socket and with a token that belongs to nobody.',
    scope: 'What the token may do that was sent; null without one.',
  },
  LogIn: {
    code: 'Six digits of the device, or a recovery code; wanted when the answer is `session.code-missing`.',
  },
  LogOutQuery: {
    everywhere: 'Ends all sessions of the account.',
  },
  Link: {
    account: 'Null for `set-up`: there is no account yet.',
  },
  NewLink: {
    account: 'Null for `set-up`: there is no account yet.',
    '': 'Its secret is told once.',
    path: 'Below the dashboard\'s address.',
    url: 'Whole, where the daemon knows its own address.',
  },
  User: {
    environments: 'What a member sees; empty for operators, who see all.',
    state: '`invited`: the password is not chosen yet.',
    seenAt: 'When it was seen last, as far as its sessions tell.',
  },
  NewUser: {
    environments: 'Makes it a member of these.',
  },
  ProposedSecondFactor: {
    '': 'Nothing is kept of it before it is confirmed.',
    secret: '32 letters and digits (base32), to be typed into an authenticator app.',
    url: 'The same as `otpauth:` link, to be shown as a QR code.',
  },
  ConfirmedSecondFactor: {
    code: 'What the app shows now.',
  },
  AccountSession: {
    '': 'A browser that is logged in with the account.',
    usedAt: 'When it was used last, to within a minute.',
    address: 'Where it was opened from; null where that is not known.',
    current: 'It is the one that asks.',
  },
  Token: {
    account: 'Whose rights it has; null: made over the socket, it has an operator\'s.',
    environments: 'The only ones that it sees; null: all that its account sees.',
  },
  NewToken: {
    expiresAt: 'Null, or left away: never.',
  },
  JobAdvice: {
    '': 'What could be better about one job.',
    kind: 'Its memory grows without end; its runs overlap; it could be due at another time, so that less is held at once.',
    sentence: 'Why, with the figures, and what helps.',
  },
  Advice: {
    '': 'What was measured says about an environment.',
  },
  QuietHours: {
    '': 'From one time of day until another, which may be of the next day.',
    from: '`22:00`',
  },
  AlertChannel: {
    '': 'An address that notices go to. What is secret of it is never told.',
    environment: 'Null: the operator\'s, which hears of all environments and of the machine.',
    shape: 'What the receiver of a webhook wants to read; null for mail.',
    target: 'The host of a webhook, the addresses of mail.',
    kinds: 'Only these; null: all.',
  },
  NewAlertChannel: {
    environment: 'Null, or left away: the operator\'s.',
    url: 'Of a webhook. It is sealed, and never told again.',
    to: 'Of mail.',
    kinds: 'Only of these kinds of incidents; null, or left away: all.',
  },
  AlertChannelChange: {
    '': 'What is left out stays.',
  },
  AddedAlertChannel: {
    signingKey: 'Signs what is posted, as standardwebhooks.com has it; told once. Null where nothing is signed.',
  },
  AlertChannelsQuery: {
    environment: 'All that the caller may see when absent.',
  },
  AlertDelivery: {
    '': 'One notice on its way to one channel.',
    id: 'The same with each attempt: receivers tell by it what they have had already.',
    environment: 'Of whose channel it is; null: the operator\'s.',
    channel: 'The id of the channel; `ping/JOB` for the monitor of a cron.',
    dueAt: 'When it is tried next; null once it is not any more.',
    trouble: 'Why the last attempt failed, or why it was left out.',
  },
  AlertDeliveriesQuery: {
    before: 'Only deliveries made before this one: the `next` of the page before.',
  },
  AlertRules: {
    '': 'What an environment wants to be told of.',
    off: 'Of no job.',
    jobs: 'By job: not of these, and of fails only after so many in a row.',
    pings: 'By cron: the host of the monitor that is told of each of its runs.',
  },
  AlertRulesChange: {
    '': 'What is left out stays.',
    pings: 'By cron: an address that is told of each run; null takes it away.',
  },
  AlertSettings: {
    '': 'What holds for the alerts of all environments.',
    publicUrl: 'Where people reach the dashboard: links in notices begin with it.',
    allow: 'Private addresses and networks that webhooks of environments may reach.',
    heartbeat: 'The host of the monitor that is told every minute that the scheduler lives; null where none is.',
  },
  AlertSettingsChange: {
    '': 'What is left out stays.',
    heartbeat: 'An address that is told every minute that the scheduler lives; null takes it away. It is sealed, and never told again.',
    mailServer: 'Null takes it away. The password is sealed and never told; left out, it stays.',
  },
  DueTime: {
    '': 'A line of the ledger: a moment at which a cron was due, and what became of it.',
    run: 'The run that it began.',
    outcome: 'How that run ended; null while it runs, and where it is not kept any more.',
    reason: 'Why it was skipped or missed.',
    untilDueAt: 'A line may tell of a stretch of due times with one fate: the last of them, and how many they are; else null and 1.',
  },
  DueTimesQuery: {
    before: 'Only those before this moment; or the `next` of the page before, which names the job as well.',
  },
  CrontabQuery: {
    from: 'Now when absent.',
  },
  Crontab: {
    '': 'What a crontab expression means.',
    description: 'In words.',
  },
  Daemon: {
    cannot: 'What the runtime in use can\'t do, in sentences.',
  },
  Activity: {
    '': 'Who did what.',
    via: 'The way in: `http` is the dashboard; null in entries of older versions.',
    address: 'Where it was asked from; null where that is not known.',
  },
  ActivityQuery: {
    before: 'Only entries before this one: the `next` of the page before.',
  },
  DeploymentStep: {
    durationSeconds: 'Until now where it goes on.',
    detail: 'What it waited for, or did, in a few words.',
  },
  Deployment: {
    branch: 'The branch that was pushed; null for code that came another way.',
    steps: 'In the order in which it passed them.',
  },
  NewDeployHook: {
    '': 'The one answer that has the secret: only a digest of it is kept.',
    path: '`/hooks/deploy/SECRET`, below the address of the dashboard.',
    url: 'The whole address, where the dashboard\'s is known.',
  },
  JobsFile: {
    text: 'The text of a nightshift.yml.',
    dryRun: 'Only tells what it would change.',
  },
  FileDifference: {
    '': 'What nightshift.yml changes of an environment.',
    released: 'No longer managed by the file, and kept.',
    lines: 'The same as lines for people.',
  },
  Plan: {
    jobs: 'The most jobs that may be enabled at once.',
  },
  Usage: {
    '': 'What all jobs of an environment use together, now.',
    memoryBytes: 'Without page cache that is given back at need.',
    cacheBytes: 'That page cache.',
  },
  Environment: {
    '': 'An online version of an app, with its jobs component.',
    paused: 'All crons held back by a person.',
    maskSecrets: 'What its jobs print is shown with the names of secret variables in place of their values.',
    plan: 'The name of the plan; null when no component is booked.',
    limits: 'What that plan holds.',
    cronFailsOfDay: 'Runs of crons that failed in the last 24 hours.',
    nextDue: 'The next due time over all its crons.',
    advice: 'Whether the plan fits what was measured; null while it does, and without one.',
    notices: 'Sentences that somebody should read.',
    etag: 'Of what people set here: send it as `If-Match` to change only what you have seen.',
  },
  EnvironmentChange: {
    '': 'What is left out stays.',
    paused: 'Holds all crons back; due times are skipped, what runs goes on.',
    maskSecrets: 'Wherever output of its jobs is shown or sent, the names of secret variables stand in place of their values.',
  },
  Booking: {
    '': 'Books the component, or moves it to another plan.',
    force: 'Also when the jobs hold more memory now than the plan has.',
  },
  JobEvent: {
    '': 'What is observed of a job now: fields of its row in the list, and its open runs.',
    nextDueAt: 'Only of a cron that waits for it; otherwise what was known stays.',
  },
  DefinitionEvent: {
    '': 'A job was defined, changed or removed: read it anew, or take it off the list.',
    version: 'After the change; null when it is gone.',
  },
  StatisticsEvent: {
    '': 'The figures of a job after one of its runs has ended: fields of its row in the list.',
  },
  EnvironmentEvent: {
    '': 'Something about an environment itself: its plan, its trial, its variables, whether its crons are held back.',
  },
  Events: {
    '': 'All events by their name.',
    environment: 'Only what concerns this environment; all that the caller may see when absent.',
    after: 'The place to go on after; from now on when absent. The header `Last-Event-ID` comes before it.',
  },
  ExecRequest: {
    '': 'The first message of `exec`. The codec of those that follow is in `exec.ts`, apart from Zod, for clients that start quickly.',
    command: 'A command line when it is one string; a program with its arguments when it is a list.',
    terminal: 'Null: no terminal.',
    maxRuntimeSeconds: 'It is ended after so long; the server\'s own limit when absent.',
  },
  Incident: {
    '': 'What somebody should know of: told once when it begins, counted while it lasts, and told when it is over.',
    environment: 'Null: it is about the whole machine.',
    seenAt: 'When it was last seen, and how often it was.',
    endedAt: 'Null while it lasts.',
  },
  IncidentsQuery: {
    environment: 'All that the caller may see, and the machine, when absent.',
    open: 'Only those that are not over.',
    before: 'Only incidents that began before this one: the `next` of the page before.',
  },
  LastEnd: {
    '': 'How the last run of a job ended that is over.',
  },
  JobSummary: {
    '': 'A job as lists have it. The fields up to `memoryMaxBytes` are stable; the figures are since the last reset.',
    durationAvgSeconds: 'Null for workers, and before the first end.',
    reason: 'Why it is in its state.',
    stateSince: 'Since when it runs or starts, where the state has such a moment.',
    stateUntil: 'The end of a wait: of backing off, or when KILL follows.',
    attempt: 'Quick failures in a row, while backing off.',
    instances: 'Instances wished for; 1 for a cron.',
    memoryBytes: 'What its open runs hold now.',
    lastEnd: 'Null before the first end.',
  },
  Job: {
    durationAvgSeconds: 'Null for workers, and before the first end.',
    reason: 'Why it is in its state.',
    stateSince: 'Since when it runs or starts, where the state has such a moment.',
    stateUntil: 'The end of a wait: of backing off, or when KILL follows.',
    attempt: 'Quick failures in a row, while backing off.',
    instances: 'Instances wished for; 1 for a cron.',
    memoryBytes: 'What its open runs hold now.',
    lastEnd: 'Null before the first end.',
    '': 'A job with its settings. The fields that do not belong to its type are null.',
    paused: 'Held back by a person; null for a worker.',
    retryOn: 'Only after these exit codes; null: after every failure.',
    etag: 'Of these settings: send it as `If-Match` to change only what you have seen.',
    managedBy: 'The file that states it, `nightshift.yml`; null when people do.',
  },
  JobSettings: {
    '': 'What is left out has its default (on adding) or stays (on editing). The domain refuses what does not fit together.',
    retryOn: 'Null, or an empty list: after every failure.',
    warnLateSeconds: 'Null: not watched.',
  },
  JobsQuery: {
    after: 'Only jobs whose name comes after this one: the `next` of the page before.',
    limit: 'All of them when absent.',
  },
  NewLogReceiver: {
    url: 'Of a receiver of OTLP over HTTP; without a path it is `/v1/logs`. Sealed, and never shown whole.',
    headers: 'They go along with each request, such as an API key. Sealed, and never shown.',
  },
  LogReceiver: {
    target: 'The host that output is sent to.',
    headers: 'The names of the headers that go along.',
    since: 'Lines from this moment on are sent.',
    refusedLines: 'Lines that the receiver would not have; they are not sent again.',
    gaps: 'Places where the bounds of the log have dropped output before it was sent.',
    sentAt: 'When lines were taken last.',
    behindSince: 'The time of the oldest line that is known not to be taken yet; null when all that was read is.',
    held: 'Why nothing is taken at the moment; null while it is.',
  },
  LogEntry: {
    level: 'What the line says of itself where its form is known, else its stream.',
    message: 'One line without its end. What is not UTF-8 is shown as U+FFFD.',
    messageBase64: 'The line\'s bytes, only where `message` can\'t hold them.',
    cursor: 'Where reading can go on: give it as `after`.',
  },
  LogsQuery: {
    since: 'Included.',
    until: 'Not included.',
    last: 'Only the last so many; all when absent.',
    mask: 'The values of the environment\'s secret variables are replaced by their names, also where the environment does not ask for it.',
    order: '`newest`: backwards in time, lines as they are found; not with `follow` or `after`.',
    compress: 'The answer is a file in this form.',
    download: 'All of it is to be kept in a file. The id is the caller\'s choice: how far it is can be asked for by it.',
  },
  LogDownload: {
    '': 'How far a download is: uncompressed bytes of the runs that are asked for.',
    bytesToRead: '0 as long as it is not known.',
  },
  MetricsSeries: {
    '': 'All of the same length. What is not counted for a job alone is null there, and the other way round.',
    memoryBytes: 'Average and peak, without page cache that is given back at need.',
    memoryWithCacheBytes: 'Null for a job.',
    cpu: 'CPUs in use, average and peak: 0.5 is half of one.',
    throttled: 'Seconds of waiting for CPU beyond the plan\'s limit, for each second. Null for a job.',
    cronRuns: 'How many in the step.',
    memoryLimitBytes: 'What the plan allowed all jobs together then; null for a job, and without a plan.',
    durationAvgSeconds: 'Of a cron\'s runs that ended in the step, and null where none did; null for an environment.',
  },
  MetricsMark: {
    '': 'A moment worth a line across the charts.',
    job: 'Null for a deployment, and for a remote command that ran out of memory.',
    id: 'Of the deployment, or of the run: its begin for a restart, its end for a kill.',
    text: 'Why, in a few words: the trigger of a restart, the reason of a kill, the outcome and commit of a deployment.',
  },
  Metrics: {
    '': 'What an environment or one of its jobs used over time: value `i` of each series is about the step that begins at `from` + `i` steps.',
    job: 'Null: all jobs together.',
    marks: 'Oldest first; the newest 500 where there are more.',
    limits: 'What the plan that is booked now allows all jobs together.',
  },
  MetricsQuery: {
    from: 'An hour before `until` when absent.',
    until: 'Now when absent.',
    step: 'Seconds; as fine as the range and its age allow when absent, and never finer than that.',
    job: 'Only this job.',
  },
  MetricsNow: {
    '': 'The last hour of an environment, for lists: 60 steps of a minute, the last of them being the one that passes now.',
    memoryBytes: 'Peaks of each minute; null where nothing was measured.',
    cpu: 'CPUs in use at the last look.',
    limits: 'Of all jobs together, as the plan has it; null without a plan.',
    jobs: 'Those of which something ran in that hour, in order of their names.',
  },
  MetricsNowQuery: {
    environment: 'All that the caller may see when absent.',
  },
  SourceFile: {
    name: 'Its path where it comes from.',
  },
  NewImport: {
    files: 'The one that was named, and those that belong to it.',
    timezone: 'Of the machine that the files come from: crontabs are read in it.',
    plan: 'Books this plan in the same step; left out, the plan stays.',
    dryRun: 'Only tells what it would change.',
  },
  ImportNote: {
    '': 'What became of a line that is not kept as it stood.',
    fate: '`adapted`: kept in another form; `not needed`: done without being told; `left out`: the sentence says what to do instead.',
  },
  PlanProposal: {
    plan: 'The smallest plan that fits; null where none is large enough.',
    jobs: 'Enabled ones, all of the environment.',
  },
  ImportedJobs: {
    variables: 'Names of the variables that are set.',
    wanted: 'Files that were named and not given, as paths or patterns: asked again with them, they are read too.',
    optional: 'Patterns of files that would belong to these where there are any, such as drop-ins of systemd.',
    proposal: 'Null while the plan that is booked is large enough.',
    refused: 'Why it would be refused as things are; null when it would not.',
    file: 'The same jobs as the text of a nightshift.yml.',
  },
  ExportedJobs: {
    text: 'A file of that program; what it can\'t say stands in comments.',
  },
  NewBackup: {
    passphrase: 'Seals the secrets; null: they are not in it.',
  },
  Run: {
    '': 'One execution of a command. The fields up to `commit` are stable.',
    job: 'Null for a remote command.',
    exitSignal: 'Without `SIG`: `TERM`.',
    outcome: 'Null while it runs.',
    instance: 'Which of a worker\'s instances, from 0.',
    predecessor: 'The run before it whose end or replacement began this one.',
    attempt: '1, and one more each time that a failed run is begun again.',
    askedBy: 'Who asked for it; null when nobody did.',
    endRequestedAt: 'When Nightshift sent the exit signal; null where it ended by itself.',
    leftovers: 'What was left behind and killed when it ended.',
  },
  RunsQuery: {
    before: 'Only runs older than this run: the `next` of the page before.',
  },
  SshKey: {
    '': 'A public key that opens an environment over SSH.',
    fingerprint: '`SHA256:…`, as `ssh-keygen -l` prints it.',
    publicKey: 'The line of its `.pub` file, without the comment.',
  },
  NewSshKey: {
    key: 'The line of a `.pub` file.',
    name: 'What people call it; the comment of the line when absent.',
  },
  DeployKey: {
    '': 'The public half of the key that an environment shows to hosts of private repositories.',
    publicKey: 'As it stands in a `.pub` file.',
  },
  WhyLine: {
    at: 'Of several that are alike, when the last of them was.',
    from: 'Of several, when the first of them was; null of one.',
  },
  Why: {
    '': 'Why a job is as it is, in sentences.',
    what: '`Not running`, `Running`, `Its last run failed`.',
    since: 'It is so since then; of what has happened once, the moment stands in `at`.',
    details: 'More about it, a sentence each.',
    next: 'What follows by itself, and when.',
    remedies: 'What helps; with a command where there is one.',
    run: 'The run that tells more, and its last lines.',
    history: 'What happened, newest first; what is alike and follows each other is one line.',
  },
  ErrorBody: {
    '': 'What every refusal and failure looks like. `code` is stable; `message` is one sentence that says what to do.',
  },
};
