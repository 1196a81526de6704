/** Where the output of environments is sent as well. A migration that was published is never changed: write the next one. */
export const core0008 = `
-- Its address and headers are sealed; how far the output is sent is written often, and alone.
create table log_receivers (
  environment integer primary key,
  document text not null,
  sealed blob not null,
  progress text not null
) strict;
`;
