/** Makes the reports of the queue. Asked to leave (TERM), it finishes those in its hands and takes no more. */
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { connection, queueName } from './queue.js';

async function makeReport({ data: { month } }) {
  console.log(`report ${month} begun`);
  await pause(1_000); // stands for the queries, which take their time
  console.log(`report ${month} made`);
}

const worker = new Worker(queueName, makeReport, { connection, concurrency: 2 });
worker.on('ready', () => console.log('ready'));
worker.on('failed', (job, error) => console.error(`report ${job?.data.month} failed: ${error.message}`));
// Redis is away for a moment: BullMQ connects again by itself.
worker.on('error', (error) => console.error(error.message));

process.once('SIGTERM', async () => {
  await worker.close(); // waits for what is in hand
  console.log('nothing in hand, leaving');
  process.exit(0);
});
