/** What the web front-end and the worker agree on. */
export const queueName = 'reports';
export const connection = { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' };
