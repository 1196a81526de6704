import { Refusal } from '../domain/errors.ts';

/** Folders that hold the things of others: not themselves, while a folder of its own below them is fine. */
const shared = new Set(
  `/ /usr /usr/local /usr/share /var /var/lib /var/log /var/cache /var/spool /var/tmp /home /root /tmp /opt /srv /mnt /media
  /Applications /Library /System /Users /Volumes /private /private/var /private/tmp`.split(/\s+/),
);

/** Folders that belong to the system with everything in them. */
const system =
  `/etc /proc /sys /dev /run /boot /bin /sbin /lib /lib32 /lib64 /libx32 /usr/bin /usr/sbin /usr/lib /usr/lib32
  /usr/lib64 /usr/libx32 /usr/libexec /usr/include /var/run /var/lock /var/lib/dpkg /var/lib/apt`.split(
    /\s+/,
  );

/** `inner` is `outer` or lies in it; both absolute, without `..` and symbolic links. */
export const liesIn = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);

const touch = (a: string, b: string): boolean => liesIn(a, b) || liesIn(b, a);

/**
 * Refuses a root that is not a folder of its own.
 *
 * @param root real path of the folder
 * @param others the environments that there are, with the real paths of their roots
 */
export function checkRoot(
  root: string,
  dataFolder: string,
  others: readonly { readonly name: string; readonly root: string }[],
): void {
  const forbid = (why: string): never => {
    throw new Refusal('environment.root-forbidden', { root, why });
  };
  if (/\p{Cc}/u.test(root)) forbid('its path holds a control character');
  if (shared.has(root)) forbid('it holds the folders of others');
  const owner = system.find((folder) => liesIn(root, folder));
  if (owner !== undefined) forbid(`${owner} belongs to the system`);
  if (touch(root, dataFolder)) forbid('it holds the data folder of Nightshift, or lies in it');
  const taken = others.find((other) => touch(root, other.root));
  if (taken !== undefined) {
    throw new Refusal('environment.root-taken', { root, environment: taken.name });
  }
}
