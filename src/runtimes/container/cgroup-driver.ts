import { existsSync } from 'node:fs';
import type { CgroupDriver } from './cgroup.ts';
import { CgroupV1, v1Mounts } from './cgroup-v1.ts';
import { CgroupV2 } from './cgroup-v2.ts';
import { readText } from './processes.ts';

/** The driver for this machine; undefined when it has no usable control groups. */
export function cgroupDriver(instance: string): CgroupDriver | undefined {
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return new CgroupV2('/sys/fs/cgroup', instance);
  const mounts = v1Mounts(readText('/proc/self/mountinfo') ?? '');
  return mounts.memory === undefined ? undefined : new CgroupV1(mounts, instance);
}
