/** What is refused about SSH keys, remote commands and over SSH; part of the catalogue in `errors.ts`. */
import { type Entry, entry } from './error-entry.ts';

export const sshErrors = {
  'key.invalid': entry(
    422,
    (p) => `this is not an SSH public key (${p.why}): give the line of a file such as ~/.ssh/id_ed25519.pub`,
    'key',
  ),
  'key.private': entry(
    422,
    () =>
      'this is a private key, which belongs on your own machine only: give the other half, the file that ends in .pub',
    'key',
  ),
  'key.type': entry(
    422,
    (p) => `keys of type ${p.type} are not taken: make one with "ssh-keygen -t ed25519"`,
    'key',
  ),
  'key.weak': entry(
    422,
    (p) =>
      `this RSA key has ${p.bits} bits, and ${p.limit} are the least: make a better one with "ssh-keygen -t ed25519"`,
    'key',
  ),
  'key.name': entry(
    422,
    (p) => `"${p.name}" is not a name for a key: use up to 100 printable characters`,
    'name',
  ),
  'key.exists': entry(409, (p) => `that key is there already: ${p.owner} has it as "${p.name}"`, 'key'),
  'key.unknown': entry(404, (p) => `${p.owner} has no SSH key "${p.key}": see "nightshift key list"`),
  'key.ambiguous': entry(
    409,
    (p) => `${p.owner} has several SSH keys "${p.key}": name one by its fingerprint`,
  ),
  'key.too-many': entry(422, (p) => `${p.owner} has ${p.limit} SSH keys, and that is the limit: remove some`),
  'command.deployment-runs': entry(
    409,
    (p) =>
      `a deployment of "${p.environment}" has been under way for too long: run the command when it is done`,
  ),
  'command.left': entry(409, () => 'the command was not run: whoever asked for it left before it began'),
  'ssh.command': entry(422, (p) => `${p.why}: see "help"`),
  'ssh.no-git': entry(503, () => 'git over SSH is not served here: deploy with "nightshift deploy"'),
  'ssh.no-file-transfer': entry(
    403,
    () =>
      'scp and sftp are not offered here: deploy with git, or pipe a file through a command, as "cat >FILE"',
  ),
  'ssh.no-subsystem': entry(403, (p) => `there is no subsystem "${p.name}" here: see "help"`),
  'ssh.no-forwarding': entry(
    403,
    (p) => `${p.what} is not forwarded here: commands and their output are all that passes`,
  ),
  'ssh.too-many-sessions': entry(
    429,
    (p) => `${p.whose} has ${p.limit} SSH sessions open, and that is the limit: end some first`,
  ),
  'ssh.key-gone': entry(
    403,
    () => 'the key of this connection opens nothing here any more: log in with another',
  ),
  'ssh.session-lost': entry(500, (p) => `nobody knows how the command ended: ${p.why}`),
  'ssh.host-key': entry(
    500,
    (p) =>
      `the SSH host key ${p.file} can't be used (${p.why}): put it back from a backup, or remove it to have a new one made`,
  ),
} as const satisfies Record<string, Entry>;
