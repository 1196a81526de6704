/** Every limit of the program that is not a plan's, with its unit in its name. */
export const limits = {
  /** A DNS label, so that an environment can be a namespace or a host name (RFC 1123). */
  environmentNameCharacters: 63,
  jobNameCharacters: 63,
  commandCharacters: 8_192,
  variableNameCharacters: 256,
  variableValueCharacters: 65_536,
  variablesPerEnvironment: 500,
  environments: 2_000,
  jobsPerEnvironment: 20_000,
  instancesPerJob: 64,
  exitTimeoutSecondsMax: 3_600,
  maxRuntimeSecondsMax: 7 * 86_400,
  catchUpMaxAgeSecondsMax: 366 * 86_400,
  retriesPerRun: 100,
  retryDelaySecondsMax: 86_400,
  /** Processes and threads of one environment: fork bombs end here. */
  processesPerJob: 512,
  /** Runs of one remote command end after this. */
  remoteCommandSecondsMax: 3_600,
  /** Output kept of one environment. */
  logBytesPerEnvironment: 512 * 1024 * 1024,
  logAgeSeconds: 14 * 86_400,
  /** A segment of a run's output; a longer one is rotated. */
  logSegmentBytes: 16 * 1024 * 1024,
  /** A run's output has a file of its own for so long after it was last written; then it is packed with that of others. */
  logPackAfterSeconds: 900,
  /** One line as the readers hand it on; a longer one is cut into pieces that say so. */
  logLineBytes: 8 * 1024 * 1024,
  /** What goes along with output that is sent to a receiver. */
  logReceiverHeaders: 20,
  logReceiverHeaderCharacters: 4_096,
  /** One request of output that is sent; a longer line goes alone. Of each receiver two are held at most. */
  logBatchLines: 512,
  logBatchBytes: 1024 * 1024,
  /** Downloads of logs whose progress can be asked for. */
  logDownloadsNoted: 200,
  runsKeptPerJob: 1_000,
  /** The newest due times of a job are kept one by one, older ones as stretches of a day, and beyond the age not at all. */
  dueTimesKeptSinglePerJob: 1_000,
  dueTimesKeptPerJob: 50_000,
  dueTimeAgeSeconds: 400 * 86_400,
  activityAgeSeconds: 400 * 86_400,
  activityEntriesKept: 200_000,
  deploymentsKeptPerEnvironment: 1_000,
  /** What one deployment prints is kept so far: the first half and the last, and between them how much is missing. */
  deploymentOutputCharacters: 256 * 1024,
  /** Of the newest deployments only. */
  deploymentOutputsKeptPerEnvironment: 100,
  /** All commands of one deployment together end after this, unless nightshift.yml says less. */
  deployCommandsSecondsMax: 3_600,
  deployCommands: 100,
  /** nightshift.yml itself. */
  deployFileBytes: 256 * 1024,
  /** Files that are imported at once, and the jobs in them. */
  importedCharacters: 512 * 1024,
  importedJobs: 2_000,
  importedLineCharacters: 16_384,
  /** Backups that the daemon makes of itself once a day; larger databases are left to `nightshift backup`. */
  automaticBackupsKept: 7,
  automaticBackupBytes: 256 * 1024 * 1024,
  /** One push, as it is sent. */
  pushBytes: 512 * 1024 * 1024,
  /** The repository of one environment, with its history. */
  repositoryBytes: 2 * 1024 * 1024 * 1024,
  /** One file of a pushed tree, and all of them together. */
  pushedFileBytes: 256 * 1024 * 1024,
  pushedTreeBytes: 2 * 1024 * 1024 * 1024,
  pushedTreeEntries: 200_000,
  /** A push that sends nothing for so long is ended, so that it does not hold up the next one. */
  pushIdleSeconds: 120,
  /** Deploy hooks that may be called in a minute: each of them, and one address with secrets that are none. */
  deployHookCallsPerMinute: 30,
  wrongHookSecretsPerMinute: 10,
  /** Changes to one environment that wait for their turn. */
  changesWaiting: 1_000,
  /** A deployment waits so long for the end of a remote command, or of crons that ask it to. */
  deployWaitSecondsMax: 600,
  /** Connections over SSH, those that have not logged in among them; beyond, new ones are closed at once. */
  sshConnections: 500,
  sshConnectionsPerEnvironment: 200,
  /** Connections that have not logged in; beyond, the oldest gives way. */
  sshStrangers: 60,
  sshStrangersPerAddress: 20,
  /** A connection that takes longer to log in is closed. */
  sshLoginSeconds: 60,
  /** A client that is silent for so long is asked whether it is there; after three times without an answer it counts as gone. */
  sshKeepaliveSeconds: 15,
  /** Sessions are what runs on connections: a command, a log that is followed, a push. */
  sshSessions: 500,
  sshSessionsPerEnvironment: 100,
  /** Lines that wait for a slow reader of "tail"; beyond, they are left out. */
  sshTailBufferBytes: 256 * 1024,
  sshKeysPerOwner: 100,
  sshKeyNameCharacters: 100,
  incidentsKeptPerEnvironment: 1_000,
  /** Of one environment, and of the operator. */
  alertChannelsPerOwner: 50,
  alertChannelNameCharacters: 63,
  alertMailAddresses: 20,
  alertAfterFailsMost: 100,
  /** Of one environment. */
  alertTestsPerMinute: 10,
  /** Notices that arrived or were given up are kept for so long. */
  deliveryAgeSeconds: 30 * 86_400,
  /** Pings of outside monitors. */
  pingAgeSeconds: 3 * 3_600,
  /** Changes kept for those who follow them and were away. */
  eventsKept: 4_096,
  /** Readers that follow changes at once, and those of one user among them. */
  eventFollowers: 500,
  eventFollowersPerUser: 50,
  /** A reader of changes that takes nothing for so long is cut off, and may come again. */
  eventReaderSecondsMax: 30,
  /** Points of one series in an answer; a longer range comes in longer steps. */
  metricsPointsMax: 1_500,
  /** Jobs of one environment that have series of their own; the one that was silent longest makes room. */
  metricsJobsPerEnvironment: 1_000,
  /** Restarts and out-of-memory kills that are marked in charts, the newest ones. */
  metricsMarksPerEnvironment: 2_000,
  metricsMarksPerAnswer: 500,
  /** Answers to requests with an idempotency key are kept for so long, so many of one user, and of all together. */
  idempotencySeconds: 86_400,
  idempotencyKeysPerUser: 200,
  idempotencyKeys: 20_000,
  requestBodyBytes: 1024 * 1024,
  /** A request has to have arrived within this, its headers sooner. */
  requestSecondsMax: 60,
  requestHeadersSecondsMax: 10,
  /** Connections to the dashboard and the API over TCP; more are closed at once. */
  connections: 1_024,
  accounts: 10_000,
  accountNameCharacters: 64,
  passwordCharactersMin: 10,
  /** Long ones cost nothing more than short ones to hash, but time to send and to read. */
  passwordCharactersMax: 1_000,
  /** A session that is not used ends after this, and each ends at the latest after the other. */
  sessionIdleSeconds: 7 * 86_400,
  sessionSeconds: 30 * 86_400,
  sessionsPerAccount: 50,
  setUpLinkSeconds: 86_400,
  invitationSeconds: 7 * 86_400,
  tokensPerAccount: 100,
  tokenNameCharacters: 100,
  tokenSecondsMax: 3_660 * 86_400,
  /** Accounts, and as many addresses, whose failed log-ins are remembered. */
  logInCountersKept: 10_000,
  /** Passwords that wait to be hashed, one after the other. */
  passwordsWaiting: 20,
  /** Failed log-ins that the activity log names one by one in an hour; the others are counted. */
  failedLogInsNotedPerHour: 60,
} as const;
