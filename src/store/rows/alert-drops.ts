import { statement } from './statements.ts';
import { core } from './tables.ts';

/** What goes with an environment, by its number. */
export const dropAlertsOf = [
  statement<{ id: number }>()((p) => core.deleteFrom('alert_channels').where('environment', '=', p.id)),
  statement<{ id: number }>()((p) => core.deleteFrom('alert_rules').where('environment', '=', p.id)),
  statement<{ id: number }>()((p) => core.deleteFrom('deliveries').where('environment', '=', p.id)),
  statement<{ id: number }>()((p) => core.deleteFrom('unjudged').where('environment', '=', p.id)),
];
