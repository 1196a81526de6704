/** The store on two SQLite files: nightshift.db is the core, whose word counts, history.db what may be rebuilt. */
import { RowStore } from '../rows/row-store.ts';
import type { Sealer } from '../rows/sealer.ts';
import { Begun } from './begun.ts';
import type { DatabaseFile } from './database-file.ts';
import { GroupCommit } from './group-commit.ts';

export interface Files {
  readonly core: DatabaseFile;
  readonly history: DatabaseFile;
  readonly sealer: Sealer;
  /** When the history file was made, wall time in ms. */
  readonly historySince: number;
}

/** A store over open files, which are its own from then on. */
export function storeOver({ core, history, ...rest }: Files): { store: RowStore; begun: Begun } {
  const transactions = new GroupCommit(core, history);
  const begun = new Begun({
    core: core.database,
    history: history.database,
    transactions,
    historyToDisk: () => history.checkpoint('PASSIVE'),
  });
  const close = async (): Promise<void> => {
    transactions.close();
    try {
      history.checkpoint('TRUNCATE');
      core.checkpoint('TRUNCATE');
    } finally {
      history.close();
      core.close();
    }
  };
  const store = new RowStore({
    core: core.database,
    history: history.database,
    transactions,
    vouching: begun,
    close,
    ...rest,
  });
  return { store, begun };
}
