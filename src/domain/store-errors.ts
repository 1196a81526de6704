/** What is refused about the database of the store; part of the catalogue in `errors.ts`. No address is told: it may hold a password. */
import { type Entry, entry } from './error-entry.ts';

export const storeErrors = {
  'store.unavailable': entry(
    503,
    (p) =>
      `the database can't be reached or written now (${p.why}): jobs run on, nothing was changed; mend that and try again`,
  ),
  'store.address': entry(
    422,
    (p) =>
      `--store (or NIGHTSHIFT_STORE) is no address of a database (${p.why}): write postgres://USER@HOST:5432/DATABASE, or leave it out for files in the data folder`,
  ),
  'store.unreachable': entry(
    503,
    (p) =>
      `no PostgreSQL can be reached at ${p.server} (${p.why}): start it, or name another server with --store`,
  ),
  'store.login': entry(
    503,
    (p) =>
      `the PostgreSQL at ${p.server} refuses the user "${p.user}" or the password: set the right ones, the password in NIGHTSHIFT_STORE or PGPASSWORD`,
  ),
  'store.no-database': entry(
    503,
    (p) =>
      `the PostgreSQL at ${p.server} has no database "${p.database}": make it there with "createdb --owner ${p.user} ${p.database}"`,
  ),
  'store.not-owner': entry(
    503,
    (p) =>
      `the user "${p.user}" may not make tables in ${p.name}: let it, with "ALTER DATABASE ${p.database} OWNER TO ${p.user}"`,
  ),
  'store.unfit': entry(503, (p) => `${p.name} can't hold the store (${p.why}): name another with --store`),
  'store.taken': entry(
    409,
    (p) =>
      `another Nightshift works with ${p.name}: stop it first, or give this one a database of its own with --store`,
  ),
} as const satisfies Record<string, Entry>;
