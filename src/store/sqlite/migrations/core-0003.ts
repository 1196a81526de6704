/** Accounts, and from where acts were asked. A migration that was published is never changed: write the next one. */
export const core0003 = `
-- Ids are never used again (autoincrement): what is left of a removed account can't become another's.
create table accounts (
  id integer primary key autoincrement,
  name text not null unique,
  document text not null,
  -- The second factor, sealed.
  sealed blob
) strict;

create table members (
  environment integer not null,
  account integer not null,
  primary key (environment, account)
) strict, without rowid;
create index members_by_account on members (account, environment);

create table sessions (
  id text primary key,
  account integer not null,
  created_at integer not null,
  used_at integer not null,
  address text
) strict, without rowid;
create index sessions_by_account on sessions (account, created_at, id);

-- Limited: it sees only the environments of token_environments, which may all be gone.
create table tokens (
  id text primary key,
  hash text not null unique,
  account integer,
  limited integer not null,
  used_at integer,
  document text not null
) strict, without rowid;
create index tokens_by_account on tokens (account);
create table token_environments (
  token text not null,
  environment integer not null,
  primary key (token, environment)
) strict, without rowid;
create index token_environments_by_environment on token_environments (environment);

create table links (
  id text primary key,
  kind text not null,
  account integer,
  expires_at integer not null
) strict, without rowid;

alter table activity add column via text;
alter table activity add column address text;
`;
