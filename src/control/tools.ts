import type { Alerts } from './alerts.ts';
import type { Changes } from './changes.ts';
import type { CronWatch } from './cron-watch.ts';
import type { EventHub } from './event-hub.ts';
import type { Incidents } from './incidents.ts';
import type { LogShipping } from './log-shipping.ts';
import type { Moments } from './moments.ts';
import type { ControlParts } from './parts.ts';
import type { Removals } from './removals.ts';
import type { RunEnds } from './run-ends.ts';
import type { Serial } from './serial.ts';
import type { Summaries } from './summaries.ts';
import type { Views } from './views.ts';
import type { Wishes } from './wishes.ts';

/** What the use cases share. */
export interface Tools {
  readonly parts: ControlParts;
  readonly serial: Serial;
  readonly wishes: Wishes;
  readonly removals: Removals;
  readonly summaries: Summaries;
  readonly changes: Changes;
  readonly views: Views;
  readonly moments: Moments;
  readonly runEnds: RunEnds;
  readonly incidents: Incidents;
  readonly watch: CronWatch;
  readonly events: EventHub;
  readonly alerts: Alerts;
  readonly shipping: LogShipping;
}
