import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTempFolder } from '../../test/testkit/temp-folder.ts';
import { hostKeyOf } from './host-key.ts';

let folder: Awaited<ReturnType<typeof makeTempFolder>>;
beforeEach(async () => {
  folder = await makeTempFolder('host-key');
});
afterEach(() => folder.dispose());

const file = (): string => join(folder.path, 'ssh_host_ed25519_key');

test('the key of the host is made once, for its owner only, and stays', async () => {
  const made = await hostKeyOf(folder.path);
  expect(made.publicKey).toMatch(/^ssh-ed25519 AAAA/);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(await hostKeyOf(folder.path)).toEqual(made);
  expect(readdirSync(folder.path)).toEqual(['ssh_host_ed25519_key']);
});

test('a key that is there is never replaced: what can’t be used is refused', async () => {
  await hostKeyOf(folder.path);
  chmodSync(file(), 0o640);
  await expect(hostKeyOf(folder.path)).rejects.toMatchObject({
    code: 'ssh.host-key',
    message: expect.stringContaining('others than its owner can read it: chmod 600 it'),
  });
  chmodSync(file(), 0o600);
  writeFileSync(file(), 'no key\n');
  await expect(hostKeyOf(folder.path)).rejects.toMatchObject({ code: 'ssh.host-key' });
  expect(readFileSync(file(), 'utf8')).toBe('no key\n');
});
