import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunSpec, StartFailure } from '../runtime.ts';
import type { CgroupDriver } from './cgroup.ts';
import { prepareRoot } from './host-root.ts';
import { makeNote } from './notes.ts';
import { ociConfig } from './oci-config.ts';
import { type BundlePaths, bundlePaths, type StateFolder } from './state-folder.ts';

export interface BundleParts {
  readonly state: StateFolder;
  readonly cgroup: CgroupDriver;
  readonly seccomp: object | undefined;
  readonly rootfs: string | undefined;
  readonly dataFolder: string;
}

const temporaryBytesMin = 16 * 1024 * 1024;

/** Writes all that the OCI runtime needs for one run. `memoryBytes` is the environment's limit. */
export function prepareBundle(parts: BundleParts, spec: RunSpec, memoryBytes: number): BundlePaths {
  const { state } = parts;
  if (!statSync(spec.root, { throwIfNoEntry: false })?.isDirectory()) {
    throw new StartFailure(`the root folder ${spec.root} does not exist`, false);
  }
  const bundle = bundlePaths(state, spec.runId);
  mkdirSync(bundle.folder, { mode: 0o700 });
  const config = ociConfig({
    spec,
    root: prepareRoot(state.roots, {
      environment: spec.environment,
      root: spec.root,
      uid: spec.user.uid,
      gid: spec.user.gid,
      rootfs: parts.rootfs,
      hidden: [parts.dataFolder, state.path],
    }),
    cgroupsPath: parts.cgroup.runPath(spec.environment, spec.runId),
    cgroupNamespace: parts.cgroup.namespaced,
    resources: parts.cgroup.runResources(spec.softLimitBytes),
    seccomp: parts.seccomp,
    note: makeNote(state.notes, spec.runId, spec.user.uid, spec.user.gid),
    phpSettings: spec.softLimitBytes === null ? null : phpSettings(state.phpSettings, spec.softLimitBytes),
    oomScoreAdjustment,
    // Like a tmpfs's own default, half of the memory: here, of the environment's.
    temporaryBytes: Math.max(temporaryBytesMin, Math.floor(memoryBytes / 2)),
  });
  writeFileSync(bundle.config, JSON.stringify(config), { mode: 0o600 });
  return bundle;
}

/** A folder with an ini file that sets PHP's memory_limit, which a script's ini_set may lift. */
function phpSettings(folder: string, bytes: number): string {
  const megabytes = Math.max(1, Math.floor(bytes / 1024 ** 2));
  const path = join(folder, String(megabytes));
  if (mkdirSync(path, { recursive: true, mode: 0o755 }) !== undefined) {
    writeFileSync(join(path, 'nightshift.ini'), `memory_limit = ${megabytes}M\n`, { mode: 0o644 });
  }
  return path;
}

/** A daemon that the kernel is told to spare hands that on to nobody; one that it may take first, to everybody: going lower needs a privilege. */
const oomScoreAdjustment = Math.max(0, Number(readFileSync('/proc/self/oom_score_adj', 'utf8')) || 0);
