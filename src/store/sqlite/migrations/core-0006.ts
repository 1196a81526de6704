/** Deployments that are taken up again after a crash, their output, and the secrets of deploy hooks. */
export const core0006 = `
-- Not over yet; and the commit that is in the root since then, where its code stays.
alter table deployments add column open integer not null default 0;
alter table deployments add column stays text;
update deployments set
  open = json_extract(document, '$.endedAt') is null,
  stays = case when json_extract(document, '$.outcome') = 'ok' then json_extract(document, '$.commit') end,
  document = json_set(document,
    '$.branch', null,
    '$.askedBy', null,
    '$.steps', json('[]'),
    '$.state', case
      when json_extract(document, '$.endedAt') is null then 'queued'
      when json_extract(document, '$.outcome') = 'ok' then 'done'
      else 'failed' end);
create index deployments_open on deployments (environment, started_at, id) where open = 1;
create index deployments_that_stay on deployments (environment, started_at, id) where stays is not null;

create table deployment_output (
  id text primary key,
  environment integer not null,
  text text not null
) strict;
create index deployment_output_by_environment on deployment_output (environment, id);

-- The secret is kept as its SHA-256 only.
create table deploy_hooks (
  environment integer primary key,
  hash text not null unique,
  created_at integer not null,
  used_at integer
) strict;
`;
