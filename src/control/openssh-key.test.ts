import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { makeOpenSshKey } from './openssh-key.ts';

test('keys can be read by others, also those whose public half begins with zeros', () => {
  // Of so many some do: one in 256.
  for (let made = 0; made < 2_000; made += 1) {
    const { publicKey, privateKey } = makeOpenSshKey('a comment');
    const key = ssh2.utils.parseKey(privateKey);
    if (key instanceof Error) throw key;
    expect(`${key.type} ${key.getPublicSSH().toString('base64')} ${key.comment}`).toBe(publicKey);
  }
});
