import { z } from 'zod';
import { name, time } from './wire.ts';

/** A public key that opens an environment over SSH. */
export const sshKey = z.strictObject({
  name: z.string(),
  type: z.string(),
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  fingerprint: z.string(),
  /** The line of its `.pub` file, without the comment. */
  publicKey: z.string(),
  addedAt: time,
  addedBy: z.string(),
});
export type SshKey = z.infer<typeof sshKey>;

export const newSshKey = z.strictObject({
  /** The line of a `.pub` file. */
  key: z.string().max(16_384),
  /** What people call it; the comment of the line when absent. */
  name: z.string().max(1_000).optional(),
});

/** The public half of the key that an environment shows to hosts of private repositories. */
export const deployKey = z.strictObject({
  /** As it stands in a `.pub` file. */
  publicKey: z.string(),
});
export type DeployKey = z.infer<typeof deployKey>;

export const userSshKeyParams = z.strictObject({ user: name, key: name });
export const sshKeyParams = z.strictObject({ environment: name, key: name });
