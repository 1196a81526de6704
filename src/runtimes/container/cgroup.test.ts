import { expect, test } from 'vitest';
import { v1Mounts } from './cgroup-v1.ts';
import { delegatedGroup } from './cgroup-v2.ts';

test('the hierarchies of cgroup v1 are found by controller, joint and named ones too', () => {
  const mountinfo = [
    '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
    '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct',
    '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory',
    '40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd',
    '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    '',
  ].join('\n');
  expect(v1Mounts(mountinfo)).toEqual({
    cpu: '/sys/fs/cgroup/cpu,cpuacct',
    cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
    memory: '/sys/fs/cgroup/memory',
    systemd: '/sys/fs/cgroup/systemd',
  });
  expect(v1Mounts('')).toEqual({});
});

test.each([
  ['0::/system.slice/nightshift.service\n', true, '/system.slice/nightshift.service'],
  ['0::/system.slice/nightshift.service/daemon\n', false, '/system.slice/nightshift.service'],
  ['0::/system.slice/ssh.service\n', false, ''],
  ['0::/user.slice/user-0.slice/session-1.scope\n', true, ''],
  ['0::/\n', true, ''],
])('on cgroup v2, a daemon in %j (alone: %s) works below "%s"', (own, alone, base) => {
  expect(delegatedGroup(own, () => alone)).toBe(base);
});
