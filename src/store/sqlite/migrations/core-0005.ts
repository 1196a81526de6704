/** SSH keys and deploy keys. A migration that was published is never changed: write the next one. */
export const core0005 = `
-- One key may open several environments; it belongs to an environment or to an account, never to both.
create table ssh_keys (
  id integer primary key,
  environment integer,
  account text,
  fingerprint text not null,
  document text not null,
  check ((environment is null) <> (account is null))
) strict;
create unique index ssh_keys_of_environment on ssh_keys (environment, fingerprint) where environment is not null;
create unique index ssh_keys_of_accounts on ssh_keys (fingerprint) where account is not null;
create index ssh_keys_of_account on ssh_keys (account) where account is not null;

-- The key that an environment shows to others, such as a host of private repositories; its secret half is sealed.
create table deploy_keys (
  environment integer primary key,
  public_key text not null,
  sealed blob not null
) strict;
`;
