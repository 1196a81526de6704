/** The first schema of history.db. A migration that was published is never changed: write the next one. */
export const history0001 = `
create table internals (
  key text primary key,
  value blob not null
) strict, without rowid;

-- A remote command's run has the job ''.
create table runs (
  seq integer primary key,
  id text not null unique,
  environment integer not null,
  job text not null,
  created_at integer not null,
  ended_at integer,
  document text not null
) strict;
create index runs_by_job on runs (environment, job, created_at, id);
create index runs_by_environment on runs (environment, created_at, id);
create index runs_open on runs (created_at, id) where ended_at is null;

create table statistics (
  job integer primary key,
  ended integer not null,
  duration_sum_seconds real not null,
  duration_max_seconds real not null,
  memory_byte_seconds real not null,
  memory_seconds real not null,
  memory_max_bytes real not null,
  fails integer not null,
  exits_ok integer not null,
  restarts integer not null,
  since real not null
) strict;
`;
