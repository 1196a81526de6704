/** The routes of moving in and out. */
import { exportedJobs, exportQuery, importedJobs, newBackup, newImport } from './moving.ts';
import { route } from './route.ts';
import { changeQuery, environmentParams } from './wire.ts';

export const movingRoutes = {
  importJobs: route(
    'POST /environments/:environment/import',
    'Take jobs over from files of another program, or tell what that would change',
    { params: environmentParams, query: changeQuery, body: newImport, response: importedJobs },
  ),
  exportJobs: route('GET /environments/:environment/export', 'The jobs in the form of another program', {
    params: environmentParams,
    query: exportQuery,
    response: exportedJobs,
  }),
  backup: route('POST /backup', 'Everything that the daemon keeps, as of one moment, in one file', {
    body: newBackup,
    kind: 'file',
    status: 200,
  }),
} as const;
