import { expect, it } from 'vitest';
import { Serial } from './serial.ts';

it('runs what has one key one after the other, also after a failure', async () => {
  const serial = new Serial();
  const told: string[] = [];
  const first = Promise.withResolvers<void>();
  const a = serial.run('k', async () => {
    told.push('a begins');
    await first.promise;
    told.push('a ends');
    throw new Error('a');
  });
  const b = serial.run('k', () => {
    told.push('b');
    return Promise.resolve('answer');
  });
  const other = serial.run('other', () => {
    told.push('other');
    return Promise.resolve();
  });
  await other;
  expect(told).toEqual(['a begins', 'other']);
  expect(serial.waiting('k')).toBe(2);
  first.resolve();
  await expect(a).rejects.toThrow('a');
  expect(await b).toBe('answer');
  expect(told).toEqual(['a begins', 'other', 'a ends', 'b']);
  expect(serial.waiting('k')).toBe(0);
});
