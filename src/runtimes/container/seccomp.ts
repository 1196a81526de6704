/**
 * The system calls that a run may not make, in the form of the OCI runtime specification (config-linux.md, "Seccomp").
 *
 * A list of what is refused, not of what is allowed: new calls of new C libraries go on working, and the list is short
 * enough that compiling it costs each start next to nothing. What is refused is what needs a privilege that no run has
 * (a second wall behind the missing capabilities), what opens a fresh user namespace (where capabilities would come
 * back), and the parts of the kernel whose mistakes have let programs out most often. Container engines refuse
 * much the same. Calls of another architecture end the program: 32-bit x86 calls would go round the list.
 */

const refused = {
  'loading code into the kernel': ['bpf', 'create_module', 'delete_module', 'finit_module', 'init_module'],
  'another kernel': ['kexec_file_load', 'kexec_load', 'reboot'],
  mounts: [
    'chroot',
    'fsconfig',
    'fsmount',
    'fsopen',
    'fspick',
    'mount',
    'mount_setattr',
    'move_mount',
    'open_tree',
    'open_tree_attr',
    'pivot_root',
    'umount',
    'umount2',
  ],
  namespaces: ['setns', 'unshare'],
  'keys, which know no namespace': ['add_key', 'keyctl', 'request_key'],
  'clocks and names of the machine': [
    'clock_adjtime',
    'clock_settime',
    'setdomainname',
    'sethostname',
    'settimeofday',
    'stime',
  ],
  'files by number instead of by path': ['name_to_handle_at', 'open_by_handle_at'],
  'accounting, quotas, swap': ['acct', 'quotactl', 'quotactl_fd', 'swapoff', 'swapon'],
  'ports of the machine': ['ioperm', 'iopl', 'vm86', 'vm86old'],
  'watching the kernel': ['fanotify_init', 'lookup_dcookie', 'perf_event_open', 'syslog'],
  'wide, young or seldom used': [
    'io_uring_enter',
    'io_uring_register',
    'io_uring_setup',
    'kcmp',
    'pidfd_getfd',
    'userfaultfd',
  ],
  'memory of other processors': ['mbind', 'migrate_pages', 'move_pages', 'set_mempolicy'],
  'long dead': ['_sysctl', 'nfsservctl', 'query_module', 'get_kernel_syms', 'sysfs', 'uselib', 'ustat'],
} as const;

const errno = { EPERM: 1, ENOSYS: 38 } as const;

/** CLONE_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET (clone(2)). */
const namespaceFlags = [
  0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000,
] as const;
/** TIOCSTI and TIOCLINUX put words into a terminal's input as if they had been typed. */
const typingRequests = [0x5412, 0x541c] as const;
const vsockFamily = 40;

const architectures: Record<string, string> = {
  x64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  riscv64: 'SCMP_ARCH_RISCV64',
  ppc64: 'SCMP_ARCH_PPC64LE',
  s390x: 'SCMP_ARCH_S390X',
};

const refuse = (names: readonly string[], errnoRet: number, args?: readonly object[]): object => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
  ...(args === undefined ? {} : { args }),
});

/** `linux.seccomp` for a processor as Node names it; undefined for one that is not known here. */
export function seccompProfile(architecture: string): object | undefined {
  const own = architectures[architecture];
  if (own === undefined) return undefined;
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: [own],
    syscalls: [
      refuse(Object.values(refused).flat(), errno.EPERM),
      // clone3 hides its flags in memory, where no filter sees them: told that it does not exist, libraries use clone.
      refuse(['clone3'], errno.ENOSYS),
      ...namespaceFlags.map((flag) =>
        refuse(['clone'], errno.EPERM, [
          { index: architecture === 's390x' ? 1 : 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' },
        ]),
      ),
      ...typingRequests.map((request) =>
        refuse(['ioctl'], errno.EPERM, [
          { index: 1, value: 0xffffffff, valueTwo: request, op: 'SCMP_CMP_MASKED_EQ' },
        ]),
      ),
      refuse(['socket'], errno.EPERM, [{ index: 0, value: vsockFamily, op: 'SCMP_CMP_EQ' }]),
    ],
  };
}
