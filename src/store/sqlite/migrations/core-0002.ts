/** Incidents. A migration that was published is never changed: write the next one. */
export const core0002 = `
-- Without an environment it is about the whole machine.
create table incidents (
  id text primary key,
  environment integer,
  began_at integer not null,
  ended_at integer,
  document text not null
) strict;
create index incidents_by_environment on incidents (environment, began_at, id);
create index incidents_by_time on incidents (began_at, id);
create index incidents_open on incidents (began_at, id) where ended_at is null;
`;
