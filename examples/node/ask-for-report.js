/** What the web front-end does: `node ask-for-report.js 2026-11` leaves the work to the worker. */
import { Queue } from 'bullmq';
import { connection, queueName } from './queue.js';

const [month] = process.argv.slice(2);
const queue = new Queue(queueName, { connection });
const attempts = { attempts: 3, backoff: { type: 'exponential', delay: 1_000 } };
// With an id of our own the same wish twice is one task.
await queue.add('report', { month }, { jobId: `report-${month}`, removeOnComplete: 1_000, ...attempts });
await queue.close();
console.log(`the report of ${month} will be there soon`);
