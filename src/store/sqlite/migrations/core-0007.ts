/** Alerts: who is told, what is on its way, and which ends of runs have not been looked at yet. A migration that was published is never changed: write the next one. */
export const core0007 = `
-- Without an environment it is the operator's. What is secret of a channel is sealed.
create table alert_channels (
  id text primary key,
  environment integer,
  name text not null,
  document text not null,
  sealed blob not null
) strict;
create unique index alert_channels_by_name on alert_channels (coalesce(environment, 0), name);

create table alert_rules (
  environment integer primary key,
  document text not null,
  sealed blob not null
) strict;

-- Of the operator: one row.
create table alert_settings (
  id integer primary key check (id = 1),
  document text not null,
  sealed blob not null
) strict;

-- Whose channel it is; due_at is null once it has arrived or was given up.
create table deliveries (
  id text primary key,
  environment integer,
  created_at integer not null,
  due_at integer,
  document text not null
) strict;
create index deliveries_by_environment on deliveries (environment, created_at, id);
create index deliveries_by_time on deliveries (created_at, id);
create index deliveries_waiting on deliveries (created_at, id) where due_at is not null;

-- Bad ends of runs of which no incident was made yet.
create table unjudged (
  run text primary key,
  environment integer not null
) strict, without rowid;
create index unjudged_by_environment on unjudged (environment);
`;
