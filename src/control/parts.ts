/** What the use cases are built from: ports and facts, handed in by the composition root. */
import type { AlertSender } from '../alerts/alert-sender.ts';
import type { Clock } from '../domain/clock.ts';
import type { Plan } from '../domain/plan.ts';
import type { LogSender } from '../logs/log-sender.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Platform, PlatformEvent } from '../platforms/platform.ts';
import type { Store } from '../store/store.ts';
import type { Backups } from './backups.ts';
import type { Code } from './code.ts';
import type { DaemonView } from './control.ts';
import type { Cost } from './passwords.ts';
import type { System } from './system.ts';

export interface ControlParts {
  readonly store: Store;
  readonly platform: Platform;
  readonly logs: LogStore;
  readonly logSender: LogSender;
  readonly metrics: Metrics;
  readonly code: Code;
  readonly backups: Backups;
  readonly system: System;
  readonly senders: AlertSender;
  readonly clock: Clock;
  /** Draws an id for a deployment; later ones sort after earlier ones. */
  readonly newId: () => string;
  readonly plans: readonly Plan[];
  readonly version: string;
  readonly pid: number;
  /** Real path of the data folder. */
  readonly dataFolder: string;
  /** The runtime in use, and what it can't do, in sentences. */
  readonly runtime: { readonly name: DaemonView['runtime']; readonly cannot: readonly string[] };
  /** When the scheduler last proved that it lives (wall time, ms); null when it has not begun. */
  readonly schedulerHeartbeatAt: () => Promise<number | null>;
  /** What hashing a password costs; the usual when absent. */
  readonly passwordCost?: Cost;
  /** Where the dashboard is reached, `http://HOST:PORT`; null where nothing listens for it. */
  readonly dashboard?: () => string | null;
  /** Hears everything that the platform tells, after the use cases have. */
  readonly onEvent: (event: PlatformEvent) => void;
  /** For the operator's log: something of Nightshift itself failed. `environment` is null when it is about all. */
  readonly onTrouble: (environment: string | null, sentence: string) => void;
}
