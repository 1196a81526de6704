/** SSH public keys: what opens an environment over SSH. */

export const sshKeyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const;
export type SshKeyType = (typeof sshKeyTypes)[number];

/** A key of an environment opens that one; a key of an account opens what the account sees. */
export type SshKeyOwner =
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'account'; readonly name: string };

export interface SshKey {
  readonly owner: SshKeyOwner;
  /** What people call it: the comment of its line, unless they say otherwise. */
  readonly name: string;
  readonly type: SshKeyType;
  /** The key as it goes over the wire, in base64: with the type before it, the line of a `.pub` file. */
  readonly base64: string;
  /** `SHA256:` and 43 characters, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Wall time, ms. */
  readonly addedAt: number;
  /** The name of who added it. */
  readonly addedBy: string;
}

/** In sentences: `"shop"`, `the account "ada"`. */
export const ownerInWords = (owner: SshKeyOwner): string =>
  owner.kind === 'environment' ? `"${owner.name}"` : `the account "${owner.name}"`;

/** An RSA key with fewer bits is not taken. */
export const rsaBitsLeast = 2_048;
