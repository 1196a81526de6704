import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTempFolder } from '../../../test/testkit/temp-folder.ts';
import { fieldOf } from './cgroup.ts';
import { v1Mounts } from './cgroup-v1.ts';
import { CgroupV2, delegatedGroup, groupWithRuns } from './cgroup-v2.ts';

test('a value is found by its whole name, on whichever line it stands', () => {
  const text = 'low 0\nhigh 1\noom 2\noom_kill 3\nlast 4';
  expect(['low', 'oom', 'oom_kill', 'last', 'kill', 'hig'].map((name) => fieldOf(text, name))).toEqual([
    ...[0, 2, 3, 4, undefined, undefined],
  ]);
  expect(fieldOf('', 'low')).toBeUndefined();
  expect(fieldOf(undefined, 'low')).toBeUndefined();
});

test('on cgroup v2, page cache that nobody uses is told apart from the memory of an environment', async () => {
  const tree = await makeTempFolder('cgroup');
  try {
    const cgroup = new CgroupV2(tree.path, 'mine');
    const group = `${cgroup.base}/nightshift/mine/shop`;
    await mkdir(group, { recursive: true });
    const files = {
      'memory.current': '5000000\n',
      'memory.stat': 'anon 1000\nfile 4000000\ninactive_file 3000000\n',
      'memory.swap.current': '77\n',
      'memory.events': 'low 0\noom 9\noom_kill 2\n',
      'cpu.stat': 'usage_usec 2500000\nnr_throttled 5\nthrottled_usec 500000\n',
      'pids.current': '3\n',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(group, name), text);
    expect(cgroup.environmentUsage('shop')).toEqual({
      memoryBytes: 2_000_000,
      cacheBytes: 3_000_000,
      memoryMaxBytes: null,
      swapBytes: 77,
      cpuSeconds: 2.5,
      throttledSeconds: 0.5,
      outOfMemoryKills: 2,
      processes: 3,
    });
    expect(cgroup.environmentUsage('blog')).toBeUndefined();
  } finally {
    await tree.dispose();
  }
});

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
  ['0::/system.slice/nightshift.service/daemon\n', '/system.slice/nightshift.service'],
  // Without DelegateSubgroup= systemd could not start us again below running jobs: the unit's group is left alone.
  ['0::/system.slice/nightshift.service\n', ''],
  ['0::/system.slice/ssh.service\n', ''],
  ['0::/user.slice/user-0.slice/session-1.scope/daemon\n', ''],
  ['0::/user.slice/user-0.slice/session-1.scope\n', ''],
  ['0::/daemon\n', ''],
  ['0::/\n', ''],
])('on cgroup v2, a daemon in %j works below "%s"', (own, base) => {
  expect(delegatedGroup(own)).toBe(base);
});

test('on cgroup v2, runs of a daemon that was started another way are found where they stand', async () => {
  const tree = await makeTempFolder('cgroup');
  const make = (path: string) => mkdir(join(tree.path, path), { recursive: true });
  try {
    await make('system.slice/nightshift.service/nightshift/mine/_conmon/no-run');
    await make('system.slice/nightshift.service/nightshift/other/shop/run');
    await make('nightshift/mine/shop');
    expect(groupWithRuns(tree.path, 'mine')).toBeUndefined();
    await make('nightshift/mine/shop/run');
    expect(groupWithRuns(tree.path, 'mine')).toBe('');
    expect(groupWithRuns(tree.path, 'other')).toBe('/system.slice/nightshift.service');
    expect(groupWithRuns(join(tree.path, 'missing'), 'mine')).toBeUndefined();
  } finally {
    await tree.dispose();
  }
});
