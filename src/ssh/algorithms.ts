/**
 * What the server speaks: the modern part of what ssh2 knows, best first. No SHA-1, no CBC, no keys of RSA or DSA for the
 * host, and no compression, which would let a small packet grow without bound. Clients since OpenSSH 6.5 (2014) do.
 */
import type { Algorithms } from 'ssh2';

export const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
  ],
  serverHostKey: ['ssh-ed25519'],
  cipher: ['chacha20-poly1305@openssh.com', 'aes256-gcm@openssh.com', 'aes128-gcm@openssh.com'],
  // Those ciphers authenticate by themselves; the protocol wants the list all the same.
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com'],
  compress: ['none'],
} as const satisfies Algorithms;
