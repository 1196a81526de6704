/** The core comes from a backup, and the history is newer: what goes on has to be known, and no number may be given out twice. */
import { join } from 'node:path';
import { readRun } from '../rows/documents.ts';
import { statement } from '../rows/statements.ts';
import { core, history } from '../rows/tables.ts';
import { DatabaseFile } from './database-file.ts';

const openOnes = statement()(() =>
  history.selectFrom('runs').select(['id', 'environment', 'document']).where('ended_at', 'is', null),
);
const environmentById = statement<{ id: number }>()((p) =>
  core.selectFrom('environments').select('name').where('id', '=', p.id),
);
const vouch = statement<{ id: string; environment: number; document: string }>()((p) =>
  core
    .insertInto('begun')
    .values({ id: p.id, environment: p.environment, document: p.document })
    .onConflict((conflict) => conflict.doNothing()),
);

/**
 * Has the core vouch for the open runs of environments that it knows, and answers how many there are. Call it before the store is opened,
 * which drops open runs that nobody vouches for. A history that can't be read is none: the store sets it aside.
 */
export function joinNewerHistory(folder: string): number {
  const file = new DatabaseFile(join(folder, 'nightshift.db'), 'FULL');
  let newer: DatabaseFile | undefined;
  try {
    newer = new DatabaseFile(join(folder, 'history.db'), 'NORMAL');
    keepNumbers(file, newer);
    const runs = newer.all(openOnes, {}).filter(({ id, environment, document }) => {
      const run = readRun(document, `run "${id}"`, file.path);
      return file.get(environmentById, { id: environment })?.name === run.environment;
    });
    file.enter(false);
    for (const run of runs) file.run(vouch, run);
    file.commit();
    return runs.length;
  } catch {
    // Missing, damaged or of another schema: that is for the store to find and to say.
    file.rollback();
    return 0;
  } finally {
    newer?.close();
    file.close();
  }
}

/** What was added since the backup is lost, and its records may be in the history: its number is nobody else's. */
function keepNumbers(file: DatabaseFile, newer: DatabaseFile): void {
  const highest = (sql: string): number => Number(newer.query(sql)[0]?.highest ?? 0);
  const numbers = {
    environments: highest('SELECT max(environment) AS highest FROM runs'),
    jobs: highest('SELECT max(job) AS highest FROM statistics'),
  };
  for (const [table, number] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(number) || number === 0) continue;
    file.execute(`UPDATE sqlite_sequence SET seq = max(seq, ${number}) WHERE name = '${table}'`);
  }
}
