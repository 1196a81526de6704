/** What the command line does without a daemon: `src/main` hands it in, so that this room stays a client of the API. */

/** The address of a database; it may hold a password. */
export interface StoreAddress {
  readonly address: string;
  /** An option is seen by everybody who may list the machine's processes. */
  readonly from: 'option' | 'environment';
}

export interface ServeOptions {
  /** Absolute path of the data folder. */
  readonly data: string;
  /** `HOST:PORT` of the dashboard and the API, or `none`; absent when not asked for, and then it is the default. */
  readonly listen?: string;
  /** `HOST:PORT` of the SSH server; absent when not asked for. */
  readonly ssh?: string;
  /** Null: files in the data folder. */
  readonly store: StoreAddress | null;
  /** A file with the password of the account `operator`, which is made of it where there is none. */
  readonly operatorPasswordFile?: string;
  /** Addresses and networks of proxies whose word about the client is taken. */
  readonly trustProxy: readonly string[];
  /** A client that is silent for so long is asked whether it is there; the usual when absent. */
  readonly sshKeepaliveSeconds?: number;
  /** Sizes such as `512MB`: of one push, and of one file in it; the usual when absent. */
  readonly pushLimit?: string;
  readonly pushFileLimit?: string;
  readonly runtime: 'auto' | 'container' | 'process';
  /** Ends the jobs with the daemon. */
  readonly ephemeral: boolean;
}

/** What `install` and `uninstall` do, or find done. */
export interface Deed {
  readonly sentence: string;
  readonly changed: boolean;
}

export interface InstallWishes {
  /** Absolute path of the data folder. */
  readonly data: string;
  /** Further options of `serve`; absent leaves those that were chosen before. */
  readonly options?: readonly string[];
  /** Also lets it begin with the machine, and starts it now. */
  readonly now: boolean;
  readonly dryRun: boolean;
  /** Version of the daemon that answers already; null when none does. */
  readonly running: string | null;
}

export interface UninstallWishes {
  readonly data: string;
  /** Also removes the data folder. */
  readonly purge: boolean;
  readonly dryRun: boolean;
}

/** One thing that `doctor` looked at. */
export interface Finding {
  /** What it is about, in a word or two: `conmon`, `cgroups`. */
  readonly subject: string;
  /** `ok`; `limited`: works with less, as the sentence says; `missing`: something does not work at all. */
  readonly state: 'ok' | 'limited' | 'missing';
  readonly sentence: string;
  /** How to get it: a command line or a sentence; null when there is nothing to do. */
  readonly remedy: string | null;
}

export interface CrontabInput {
  readonly expression: string;
  readonly timezone: string;
  /** Wall time, ms; now when absent. */
  readonly from?: number;
  /** How many due times to tell. */
  readonly next: number;
}

export interface CrontabMeaning {
  readonly expression: string;
  readonly timezone: string;
  /** In words. */
  readonly description: string;
  /** Wall times, ms. */
  readonly next: readonly number[];
}

/** What a backup says of itself. */
export interface BackupFacts {
  /** RFC 3339. */
  readonly createdAt: string;
  /** Of the Nightshift that made it. */
  readonly version: string;
  readonly secrets: boolean;
}

export interface RestoreWish {
  /** Absolute path of the data folder. */
  readonly data: string;
  readonly file: string;
  readonly passphrase: string | null;
  /** The key of the data folder that it was made of, for a backup without secrets. */
  readonly keyFile: string | null;
  /** Crons catch up what was due since the backup. */
  readonly catchUp: boolean;
}

export interface RestoredData extends Omit<BackupFacts, 'secrets'> {
  readonly jobs: number;
  readonly environments: readonly {
    readonly name: string;
    /** What it needs of this machine and what is not there, in sentences. */
    readonly missing: readonly string[];
  }[];
}

/**
 * Handlers that need no daemon. Each may throw an error whose `message` is one sentence for people (a Refusal): it is
 * printed on stderr and the exit code is 1. Other errors are told as such, never with their stack.
 */
export interface Local {
  readonly version: string;
  /** Serves until it is told to end; resolves with the exit code. */
  serve(options: ServeOptions): Promise<number>;
  /** What this machine can do; the command line prints it. */
  doctor(options: {
    readonly data: string;
    readonly store: StoreAddress | null;
  }): Promise<readonly Finding[]>;
  /** Makes a service of this program; each deed is told when it is done. */
  install(wishes: InstallWishes, tell: (deed: Deed) => void): Promise<void>;
  uninstall(wishes: UninstallWishes, tell: (deed: Deed) => void): Promise<void>;
  crontab(input: CrontabInput): Promise<CrontabMeaning>;
  /** Reads a backup to its end, and holds it to its checksums. */
  checkBackup(file: string): Promise<BackupFacts>;
  restore(wish: RestoreWish): Promise<RestoredData>;
}
