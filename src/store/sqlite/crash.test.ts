import { describeCrashes } from '../crash.contract.ts';
import { makeSqlitePlace } from './sqlite.testkit.ts';

describeCrashes(8, makeSqlitePlace, ({ folder }) => [folder]);
