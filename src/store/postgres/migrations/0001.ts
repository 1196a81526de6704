/**
 * The first schema in PostgreSQL: as that of SQLite, core and history in one. Documents are `json`, which keeps the text as it was
 * written; names and ids are compared byte by byte, whatever the database's own order. A migration that was published is never
 * changed: write the next one.
 */
export const postgres0001 = `
create table internals (
  key text collate "C" primary key,
  value bytea not null
);

create table meta (
  key text collate "C" primary key,
  value text not null
);

-- Ids are never used again: what is left of a removed one can't become another's.
create table environments (
  id bigint generated always as identity primary key,
  name text collate "C" not null unique,
  document json not null
);

create table jobs (
  id bigint generated always as identity primary key,
  environment bigint not null references environments (id),
  name text collate "C" not null,
  document json not null,
  -- Due times before this moment are kept as stretches.
  compacted_to bigint not null default 0,
  unique (environment, name)
);

create table variables (
  environment bigint not null references environments (id),
  name text collate "C" not null,
  sealed bytea not null,
  primary key (environment, name)
);

-- One row per due time, or per stretch of due times with one fate (due_at to until_at, so many of them).
create table due_times (
  job bigint not null,
  due_at bigint not null,
  until_at bigint,
  count bigint,
  environment bigint not null,
  fate bigint not null,
  run text collate "C",
  reason text,
  primary key (job, due_at)
);
create index due_times_by_environment on due_times (environment, due_at);
create index due_times_stretches on due_times (job, until_at) where until_at is not null;

-- Not over yet: open. The commit that is in the root since then, where its code stays.
create table deployments (
  id text collate "C" primary key,
  environment bigint not null,
  started_at bigint not null,
  document json not null,
  open bigint not null default 0,
  stays text
);
create index deployments_by_environment on deployments (environment, started_at, id);
create index deployments_open on deployments (environment, started_at, id) where open = 1;
create index deployments_that_stay on deployments (environment, started_at, id) where stays is not null;

create table deployment_output (
  id text collate "C" primary key,
  environment bigint not null,
  text text not null
);
create index deployment_output_by_environment on deployment_output (environment, id);

-- The secret is kept as its SHA-256 only.
create table deploy_hooks (
  environment bigint primary key,
  hash text collate "C" not null unique,
  created_at bigint not null,
  used_at bigint
);

create table activity (
  id bigint generated always as identity primary key,
  at double precision not null,
  actor text not null,
  environment text collate "C",
  act text not null,
  detail text not null,
  via text,
  address text
);
create index activity_by_environment on activity (environment, id);

create table accounts (
  id bigint generated always as identity primary key,
  name text collate "C" not null unique,
  document json not null,
  -- The second factor, sealed.
  sealed bytea
);

create table members (
  environment bigint not null,
  account bigint not null,
  primary key (environment, account)
);
create index members_by_account on members (account, environment);

create table sessions (
  id text collate "C" primary key,
  account bigint not null,
  created_at bigint not null,
  used_at bigint not null,
  address text
);
create index sessions_by_account on sessions (account, created_at, id);

-- Limited: it sees only the environments of token_environments, which may all be gone.
create table tokens (
  id text collate "C" primary key,
  hash text collate "C" not null unique,
  account bigint,
  limited bigint not null,
  used_at bigint,
  document json not null
);
create index tokens_by_account on tokens (account);
create table token_environments (
  token text collate "C" not null,
  environment bigint not null,
  primary key (token, environment)
);
create index token_environments_by_environment on token_environments (environment);

create table links (
  id text collate "C" primary key,
  kind text not null,
  account bigint,
  expires_at bigint not null
);

-- Without an environment it is about the whole machine.
create table incidents (
  id text collate "C" primary key,
  environment bigint,
  began_at bigint not null,
  ended_at bigint,
  document json not null
);
create index incidents_by_environment on incidents (environment, began_at, id);
create index incidents_by_time on incidents (began_at, id);
create index incidents_open on incidents (began_at, id) where ended_at is null;

-- Without an environment it is the operator's. What is secret of a channel is sealed.
create table alert_channels (
  id text collate "C" primary key,
  environment bigint,
  name text collate "C" not null,
  document json not null,
  sealed bytea not null
);
create unique index alert_channels_by_name on alert_channels (coalesce(environment, 0), name);

create table alert_rules (
  environment bigint primary key,
  document json not null,
  sealed bytea not null
);

-- Of the operator: one row.
create table alert_settings (
  id bigint primary key check (id = 1),
  document json not null,
  sealed bytea not null
);

-- Whose channel it is; due_at is null once it has arrived or was given up.
create table deliveries (
  id text collate "C" primary key,
  environment bigint,
  created_at bigint not null,
  due_at bigint,
  document json not null
);
create index deliveries_by_environment on deliveries (environment, created_at, id);
create index deliveries_by_time on deliveries (created_at, id);
create index deliveries_waiting on deliveries (created_at, id) where due_at is not null;

-- Bad ends of runs of which no incident was made yet.
create table unjudged (
  run text collate "C" primary key,
  environment bigint not null
);
create index unjudged_by_environment on unjudged (environment);

-- One key may open several environments; it belongs to an environment or to an account, never to both.
create table ssh_keys (
  id bigint generated always as identity primary key,
  environment bigint,
  account text collate "C",
  fingerprint text collate "C" not null,
  document json not null,
  check ((environment is null) <> (account is null))
);
create unique index ssh_keys_of_environment on ssh_keys (environment, fingerprint) where environment is not null;
create unique index ssh_keys_of_accounts on ssh_keys (fingerprint) where account is not null;
create index ssh_keys_of_account on ssh_keys (account) where account is not null;

-- The key that an environment shows to others, such as a host of private repositories; its secret half is sealed.
create table deploy_keys (
  environment bigint primary key,
  public_key text not null,
  sealed bytea not null
);

-- Where the output of an environment is sent as well. Its address and headers are sealed; how far it is sent is written often, and alone.
create table log_receivers (
  environment bigint primary key,
  document json not null,
  sealed bytea not null,
  progress json not null
);

-- Requests that are done once. Answers are sealed: some of them tell a secret. Null: it was begun, and nobody knows what became of it.
create table keyed_requests (
  "user" text collate "C" not null,
  key text collate "C" not null,
  fingerprint text not null,
  began_at bigint not null,
  answer bytea,
  primary key ("user", key)
);
create index keyed_requests_by_age on keyed_requests (began_at);
create index keyed_requests_by_user on keyed_requests ("user", began_at);

-- What was removed and whose rows are still to be swept, a few at a time.
create table removed (
  id bigint generated always as identity primary key,
  environment bigint,
  job bigint
);

-- A remote command's run has the job ''.
create table runs (
  seq bigint generated always as identity primary key,
  id text collate "C" not null unique,
  environment bigint not null,
  job text collate "C" not null,
  created_at bigint not null,
  ended_at bigint,
  document json not null
);
create index runs_by_job on runs (environment, job, created_at, id);
create index runs_by_environment on runs (environment, created_at, id);
create index runs_open on runs (created_at, id) where ended_at is null;

create table statistics (
  job bigint primary key,
  ended bigint not null,
  duration_sum_seconds double precision not null,
  duration_max_seconds double precision not null,
  memory_byte_seconds double precision not null,
  memory_seconds double precision not null,
  memory_max_bytes double precision not null,
  fails bigint not null,
  exits_ok bigint not null,
  restarts bigint not null,
  since double precision not null
);
`;
