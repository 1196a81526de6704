/** The room's other port: jobs in, the text of another program's file out. */
import type { Job } from '../domain/job.ts';
import { exportCrontab } from './export-crontab.ts';
import { exportSupervisor } from './export-supervisor.ts';
import type { Origin } from './exported.ts';

const exporters = { supervisor: exportSupervisor, crontab: exportCrontab } as const;

export type ExportFormat = keyof typeof exporters;

export const exportJobs = (format: ExportFormat, jobs: readonly Job[], origin: Origin): string =>
  exporters[format](jobs, origin);
