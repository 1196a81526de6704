/** Requests that are done once, however often they are sent. */
export const core0004 = `
-- Answers are sealed: some of them tell a secret. Null: it was begun, and nobody knows what became of it.
create table keyed_requests (
  user text not null,
  key text not null,
  fingerprint text not null,
  began_at integer not null,
  answer blob,
  primary key (user, key)
) strict, without rowid;
create index keyed_requests_by_age on keyed_requests (began_at);
create index keyed_requests_by_user on keyed_requests (user, began_at);
`;
