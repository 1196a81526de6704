/** The first schema of nightshift.db. A migration that was published is never changed: write the next one. */
export const core0001 = `
create table internals (
  key text primary key,
  value blob not null
) strict, without rowid;

create table meta (
  key text primary key,
  value text not null
) strict, without rowid;

-- Ids are never used again (autoincrement): what is left of a removed one can't become another's.
create table environments (
  id integer primary key autoincrement,
  name text not null unique,
  document text not null
) strict;

create table jobs (
  id integer primary key autoincrement,
  environment integer not null references environments (id),
  name text not null,
  document text not null,
  -- Due times before this moment are kept as stretches.
  compacted_to integer not null default 0,
  unique (environment, name)
) strict;

create table variables (
  environment integer not null references environments (id),
  name text not null,
  sealed blob not null,
  primary key (environment, name)
) strict, without rowid;

-- One row per due time, or per stretch of due times with one fate (due_at to until_at, so many of them).
create table due_times (
  job integer not null,
  due_at integer not null,
  until_at integer,
  count integer,
  environment integer not null,
  fate integer not null,
  run text,
  reason text,
  primary key (job, due_at)
) strict, without rowid;
create index due_times_by_environment on due_times (environment, due_at);
create index due_times_stretches on due_times (job, until_at) where until_at is not null;

-- Runs that were begun, as they were then: the word that counts until history has their end on the disk.
create table begun (
  id text primary key,
  environment integer not null,
  document text not null
) strict;
create index begun_by_environment on begun (environment);

create table deployments (
  id text primary key,
  environment integer not null,
  started_at integer not null,
  document text not null
) strict;
create index deployments_by_environment on deployments (environment, started_at, id);

create table activity (
  id integer primary key,
  at real not null,
  actor text not null,
  environment text,
  act text not null,
  detail text not null
) strict;
create index activity_by_environment on activity (environment, id);

-- What was removed and whose rows are still to be swept, a few at a time.
create table removed (
  id integer primary key,
  environment integer,
  job integer
) strict;
`;
