import { describeStore } from '../store.contract.ts';
import { makeSqlitePlace } from './sqlite.testkit.ts';

describeStore('on SQLite', makeSqlitePlace);
