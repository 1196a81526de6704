/**
 * The file system that a run sees: an empty read-only skeleton, the host's programs laid into it, and the environment's
 * root. Nothing else of the host is there: no /run, no /home, no /var, no other environment.
 */

import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { notePath } from './init.ts';
import { readText } from './processes.ts';

export interface Mount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface RunRoot {
  /** `root.path` of the OCI configuration. */
  readonly path: string;
  readonly mounts: readonly Mount[];
  readonly maskedPaths: readonly string[];
}

export interface RootWishes {
  readonly environment: string;
  readonly root: string;
  readonly uid: number;
  readonly gid: number;
  /** The operator's own root file system instead of the host's programs. */
  readonly rootfs: string | undefined;
  /** Folders of the daemon, hidden wherever they may lie. */
  readonly hidden: readonly string[];
}

const topFolders = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/**
 * Files of the host's /etc that may hold secrets, of the machine or of other people: keys, passwords, and the settings
 * of web servers, units and crontabs, which often carry passwords of other apps.
 */
const secretsInEtc = [
  'apache2',
  'caddy',
  'containerd',
  'cron.d',
  'cron.daily',
  'cron.hourly',
  'cron.monthly',
  'cron.weekly',
  'crontab',
  'default',
  'docker',
  'exim4/passwd.client',
  'gshadow',
  'gshadow-',
  'ipsec.d/private',
  'ipsec.secrets',
  'krb5.keytab',
  'kubernetes',
  'letsencrypt',
  'lighttpd',
  'mysql/debian.cnf',
  'netplan',
  'NetworkManager/system-connections',
  'nginx',
  'nightshift',
  'openvpn',
  'postfix/sasl_passwd',
  'postfix/sasl_passwd.db',
  'ppp',
  'rancher',
  'runit',
  'security/opasswd',
  'service',
  'shadow',
  'shadow-',
  'ssl/private',
  'sudoers',
  'sudoers.d',
  'supervisor',
  'sv',
  'systemd',
  'wireguard',
];

/** Prepares what the runs of one environment see. Cheap when it was done before; throws with a sentence when it can't be done. */
export function prepareRoot(rootsFolder: string, wishes: RootWishes): RunRoot {
  const name = `${wishes.environment}-${createHash('sha256').update(wishes.root).digest('hex').slice(0, 8)}`;
  const own: Mount = {
    destination: wishes.root,
    type: 'bind',
    source: wishes.root,
    options: ['rbind', 'rw', 'nosuid', 'nodev', 'rprivate'],
  };
  if (wishes.rootfs !== undefined) {
    return { path: wishes.rootfs, mounts: [...nameServiceMounts(wishes.rootfs), own], maskedPaths: [] };
  }
  const skeleton = join(rootsFolder, name);
  const mounts = layHost(skeleton, wishes.root);
  const hosts = writeHosts(join(rootsFolder, `${name}.hosts`), wishes.environment);
  return {
    path: skeleton,
    mounts: [...mounts, ...(hosts === undefined ? [] : [readOnly('/etc/hosts', hosts)]), own],
    maskedPaths: [...secrets(wishes), ...strangersInOpt(wishes.root), ...daemonFolders(wishes)],
  };
}

/** Removes what was prepared for an environment; only when none of its runs is left. */
export function removeRoots(rootsFolder: string, environment: string): void {
  for (const name of readdirSync(rootsFolder)) {
    if (/^-[0-9a-f]{8}(\.hosts)?$/.test(name.slice(environment.length)) && name.startsWith(environment))
      rmSync(join(rootsFolder, name), { recursive: true, force: true });
  }
}

function layHost(skeleton: string, root: string): Mount[] {
  const mounts: Mount[] = [];
  for (const folder of ['usr', 'etc', 'proc', 'sys', 'dev', 'tmp', 'run', 'var', '.nightshift/php']) {
    makeFolder(join(skeleton, folder));
  }
  // runc gives a new tmpfs the mode of the folder below it.
  chmodSync(join(skeleton, 'tmp'), 0o1777);
  writeFileSync(join(skeleton, notePath), '', { flag: 'a' });
  link('../tmp', join(skeleton, 'var/tmp'));
  link('../run', join(skeleton, 'var/run'));
  for (const folder of ['usr', 'etc', 'opt', ...topFolders]) {
    const host = lstat(`/${folder}`);
    if (host?.isSymbolicLink()) link(readlinkSync(`/${folder}`), join(skeleton, folder));
    else if (host?.isDirectory()) {
      makeFolder(join(skeleton, folder));
      mounts.push(readOnly(`/${folder}`, `/${folder}`));
    }
  }
  const resolver = resolverFile();
  if (resolver !== undefined) {
    makeFolder(join(skeleton, dirname(resolver)));
    writeFileSync(join(skeleton, resolver), '', { flag: 'a' });
    mounts.push(readOnly(resolver, resolver));
  }
  if (!['/usr/', '/etc/', '/opt/', '/tmp/'].some((folder) => root.startsWith(folder))) {
    makeFolder(join(skeleton, root));
  }
  return mounts;
}

/** Where file systems are mounted below it, they have to be made read-only too. */
function readOnly(destination: string, source: string): Mount {
  const nested = (readText('/proc/self/mountinfo') ?? '')
    .split('\n')
    .some((line) => line.split(' ')[4]?.startsWith(`${source}/`));
  const options = nested ? ['rbind', 'rro'] : ['bind', 'ro'];
  return { destination, type: 'bind', source, options: [...options, 'nosuid', 'nodev', 'rprivate'] };
}

/** The file that /etc/resolv.conf leads to, where that is outside /etc (systemd-resolved, resolvconf). */
function resolverFile(): string | undefined {
  try {
    const real = realpathSync('/etc/resolv.conf');
    return ['/etc/', '/usr/'].some((folder) => real.startsWith(folder)) ? undefined : real;
  } catch {
    return undefined;
  }
}

/** The machine's own names, for a root file system that has the files to lay them over. */
function nameServiceMounts(rootfs: string): Mount[] {
  return ['/etc/resolv.conf', '/etc/hosts']
    .filter((path) => lstat(join(rootfs, path))?.isFile() === true && stat(path)?.isFile() === true)
    .map((path) => readOnly(path, realpathSync(path)));
}

/** The host's /etc/hosts and the run's own host name, so that looking it up asks no name server. */
function writeHosts(path: string, hostname: string): string | undefined {
  const host = readText('/etc/hosts');
  if (host === undefined) return undefined;
  const wanted = `${host.trimEnd()}\n127.0.1.1\t${hostname}\n`;
  if (readText(path) !== wanted) {
    writeFileSync(`${path}.new`, wanted, { mode: 0o644 });
    renameSync(`${path}.new`, path);
  }
  return path;
}

/** What its user can't read anyway need not be hidden: each mount costs a start some time. */
function secrets(wishes: RootWishes): string[] {
  const readable = (status: Stats): boolean =>
    wishes.uid === 0 ||
    status.uid === wishes.uid ||
    (status.gid === wishes.gid && (status.mode & 0o050) !== 0) ||
    (status.mode & 0o005) !== 0;
  const pools = names('/etc/php').map((version) => `php/${version}/fpm`);
  const keys = names('/etc/ssh')
    .filter((name) => name.endsWith('_key') || name === 'sshd_config.d')
    .map((name) => `ssh/${name}`);
  return [...secretsInEtc, ...pools, ...keys].flatMap((name) => {
    const status = stat(`/etc/${name}`);
    return status !== undefined && readable(status) ? [`/etc/${name}`] : [];
  });
}

/** Software in /opt belongs to root; what belongs to somebody else may be another environment. */
function strangersInOpt(root: string): string[] {
  const level = (folder: string): string[] => names(folder).map((name) => join(folder, name));
  const first = level('/opt');
  return [...first, ...first.filter((folder) => stat(folder)?.uid === 0).flatMap(level)].filter((folder) => {
    const status = stat(folder);
    return status?.isDirectory() && status.uid !== 0 && !`${root}/`.startsWith(`${folder}/`);
  });
}

function daemonFolders(wishes: RootWishes): string[] {
  const visible = ['/usr', '/etc', '/opt', wishes.root];
  return wishes.hidden.filter((folder) => visible.some((shown) => folder.startsWith(`${shown}/`)));
}

function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o755 });
}

function link(target: string, path: string): void {
  if (lstat(path) === undefined) symlinkSync(target, path);
}

function lstat(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function stat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
