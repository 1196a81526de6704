/**
 * What a program might try to get out of its environment. The test runs every line of it inside real runs, and
 * docs/reference/isolation.md is printed from it. An attempt is shell text that ends with 0 when it got through.
 *
 * In it stand $OTHER (the root of another environment, with a readable file `secret`), $DATA (the data folder), $SOCKET
 * and $DAEMON (its process id on the host), and `call NUMBER…`: a system call that got through unless the kernel
 * refused it for want of a right (EPERM, EACCES, ENOSYS).
 */
export interface Escape {
  /** As it ends the sentence "A run can't …". */
  readonly what: string;
  readonly attempt: string;
  /** False where it says nothing of a run as root: what it does then stays inside, too. */
  readonly asRoot?: false;
}

export interface EscapeGroup {
  readonly title: string;
  readonly wall: string;
  readonly escapes: readonly Escape[];
}

/** System call numbers (x86-64; asm-generic for others), as far as the attempts need them. */
const x64: Readonly<Record<string, number>> = {
  add_key: 248,
  bpf: 321,
  init_module: 175,
  io_uring_setup: 425,
  kexec_load: 246,
  keyctl: 250,
  mount: 165,
  open_by_handle_at: 304,
  perf_event_open: 298,
  pidfd_open: 434,
  pivot_root: 155,
  ptrace: 101,
  reboot: 169,
  setns: 308,
  settimeofday: 164,
  sethostname: 170,
  swapon: 167,
  syslog: 103,
  unshare: 272,
  userfaultfd: 323,
};
const generic: Readonly<Record<string, number>> = {
  add_key: 217,
  bpf: 280,
  init_module: 105,
  io_uring_setup: 425,
  kexec_load: 104,
  keyctl: 219,
  mount: 40,
  open_by_handle_at: 265,
  perf_event_open: 241,
  pidfd_open: 434,
  pivot_root: 41,
  ptrace: 117,
  reboot: 142,
  setns: 268,
  settimeofday: 170,
  sethostname: 161,
  swapon: 224,
  syslog: 116,
  unshare: 97,
  userfaultfd: 282,
};
const numbers = process.arch === 'x64' ? x64 : generic;
const call = (name: string, ...words: readonly (number | string)[]): string =>
  `call ${numbers[name]} ${words.join(' ')}`.trim();
/** clone(2): a new mount, user, process, network namespace. */
const cloneNew = { mount: 0x20000, user: 0x10000000, pid: 0x20000000, network: 0x40000000 };

export const escapeGroups: readonly EscapeGroup[] = [
  {
    title: 'Files of others',
    wall: 'a mount namespace that holds only the own root and, read-only, the programs of the host',
    escapes: [
      { what: "read a file of another environment's root", attempt: 'cat "$OTHER/secret"' },
      { what: "list another environment's root", attempt: 'ls "$OTHER"' },
      { what: "write into another environment's root", attempt: 'touch "$OTHER/mine"' },
      { what: 'list the data folder of the daemon', attempt: 'ls "$DATA"' },
      { what: 'reach them by a symbolic link', attempt: 'ln -sfn "$DATA" way-out; ls way-out/' },
      {
        what: 'reach them by the root of another process',
        attempt: 'cat /proc/[0-9]*/root"$OTHER"/secret 2>/dev/null | grep .',
      },
      { what: 'see anything of /run', attempt: 'ls -A /run | grep .' },
      { what: 'read the password hashes of the machine', attempt: 'grep . /etc/shadow /etc/gshadow' },
      {
        what: 'write into the programs of the machine',
        attempt: 'touch /usr/bin/x || touch /etc/x || touch /x',
      },
      { what: 'open files by number, past all paths', attempt: call('open_by_handle_at', -100, 0, 0) },
    ],
  },
  {
    title: 'The daemon and other processes',
    wall: 'a process namespace, and no way to the socket',
    escapes: [
      {
        what: "connect to the daemon's socket",
        attempt: `perl -MIO::Socket::UNIX -e 'exit !IO::Socket::UNIX->new(Peer => shift)' "$SOCKET"`,
      },
      {
        what: 'reach the daemon by an abstract socket name',
        attempt: `perl -MIO::Socket::UNIX -e 'open F, "/proc/net/unix"; for (<F>) { /@(\\S*nightshift\\S*)/ or next; exit 0 if IO::Socket::UNIX->new(Peer => "\\0$1") } exit 1'`,
      },
      { what: 'see processes that are not its own', attempt: '[ -e "/proc/$DAEMON" ]' },
      { what: 'signal the daemon', attempt: 'kill -0 "$DAEMON"' },
      { what: 'trace the daemon', attempt: `${call('ptrace', 16, '$DAEMON', 0, 0)} "ESRCH"` },
      {
        what: "read the daemon's variables and memory",
        attempt: 'head -c 1 "/proc/$DAEMON/environ" "/proc/$DAEMON/mem" | grep .',
      },
      { what: 'hold a handle of the daemon', attempt: `${call('pidfd_open', '$DAEMON', 0)} "ESRCH"` },
      { what: 'enter the namespaces of another process', attempt: call('setns', 0, 0) },
    ],
  },
  {
    title: 'More rights',
    wall: 'no capabilities, no new privileges, a list of refused system calls (seccomp)',
    escapes: [
      { what: 'become root', attempt: 'su root -c true </dev/null', asRoot: false },
      { what: 'become another user', attempt: `perl -e '$< = $> = 12345; exit($> != 12345)'` },
      { what: 'give a file to another user', attempt: 'touch own && chown 12345 own' },
      { what: 'open a user namespace', attempt: call('unshare', cloneNew.user) },
      { what: 'open a mount namespace', attempt: call('unshare', cloneNew.mount) },
      {
        what: 'open a process or network namespace',
        attempt: `${call('unshare', cloneNew.pid)} || ${call('unshare', cloneNew.network)}`,
      },
      { what: 'mount a file system', attempt: `mount -t tmpfs x /tmp || ${call('mount', 0, 0, 0, 0, 0)}` },
      {
        what: 'make a read-only mount writable',
        attempt: 'mount -o remount,rw /usr || mount -o remount,bind,rw /etc',
      },
      { what: 'change the root of its file system', attempt: `chroot . true || ${call('pivot_root', 0, 0)}` },
      { what: 'make a device', attempt: 'mknod /tmp/disk b 8 0 || mknod disk c 1 1' },
      {
        what: 'find a disk or the memory of the machine among its devices',
        attempt: 'ls /dev/sd* /dev/vd* /dev/nvme* /dev/mem /dev/kmsg 2>/dev/null | grep .',
      },
      {
        what: 'take part in the keyrings of the machine',
        attempt: `${call('keyctl', 0, -3, 0)} || ${call('add_key', 0, 0, 0, 0, -3)}`,
      },
      { what: 'load a program into the kernel (bpf)', attempt: call('bpf', 0, 0, 0) },
      {
        what: 'load a module or another kernel',
        attempt: `${call('init_module', 0, 0, 0)} || ${call('kexec_load', 0, 0, 0, 0)}`,
      },
      {
        what: 'watch the kernel (perf, userfaultfd, its log)',
        attempt: `${call('perf_event_open', 0, 0, -1, -1, 0)} || ${call('userfaultfd', 0)} || ${call('syslog', 3, 0, 0)}`,
      },
      { what: 'use io_uring, which goes round the list', attempt: call('io_uring_setup', 0, 0) },
      { what: 'run more urgently than others', attempt: 'chrt -f 10 true || [ "$(nice -n -5 nice)" -lt 0 ]' },
    ],
  },
  {
    title: 'Settings of the machine',
    wall: '/proc/sys and /sys read-only, the parts of /proc that tell of the machine masked',
    escapes: [
      { what: 'write a setting of the kernel', attempt: 'echo 1 >/proc/sys/vm/drop_caches' },
      { what: 'press the magic key', attempt: 'echo h >/proc/sysrq-trigger' },
      {
        what: 'find anything writable in /sys',
        attempt: 'find /sys -type f -writable 2>/dev/null | head -n 1 | grep .',
      },
      {
        what: 'change a control group, its own included',
        attempt:
          'mkdir /sys/fs/cgroup/x /sys/fs/cgroup/memory/x || for f in $(find /sys/fs/cgroup -name "cgroup.procs" 2>/dev/null | head -n 50); do echo $$ >$f && exit 0; done 2>/dev/null; false',
      },
      { what: 'read the memory of the kernel', attempt: 'head -c 1 /proc/kcore | grep -q .' },
      { what: 'set the clock', attempt: `${call('settimeofday', 0, 0)}` },
      { what: 'rename the machine', attempt: call('sethostname', 0, 0) },
      {
        what: 'restart the machine, or take a file as swap',
        attempt: `${call('reboot', 0, 0, 0, 0)} || ${call('swapon', 0, 0)}`,
      },
      { what: 'lift its limit on open files', attempt: `ulimit -Hn 99999999` },
    ],
  },
  {
    title: "More than the plan's share",
    wall: "the limits of the environment's control group",
    escapes: [
      {
        what: 'have more processes than the plan allows (a fork bomb)',
        attempt: `perl -e 'while (defined(my $p = fork)) { $p or do { sleep 30; exit }; push @p, $p; last if @p >= 2000 } kill KILL => @p; exit(@p < 2000)'`,
      },
      {
        what: 'fill /tmp beyond the plan',
        attempt:
          'head -c 300M /dev/zero >/tmp/full; s=$(stat -c %s /tmp/full); rm -f /tmp/full; [ "$s" -ge 314572800 ]',
      },
      {
        what: 'fill /dev/shm beyond the plan',
        attempt:
          'head -c 300M /dev/zero >/dev/shm/full; s=$(stat -c %s /dev/shm/full); rm -f /dev/shm/full; [ "$s" -ge 314572800 ]',
      },
    ],
  },
];

/** All attempts as one program: it prints `N through` or `N refused` for each, and `done`. */
export function escapeProgram(
  made: (each: Escape) => boolean,
  given: Readonly<Record<string, string | number>>,
): string {
  const settings = Object.entries(given).map(([name, value]) => `${name}='${value}'`);
  const attempts = escapeGroups
    .flatMap(({ escapes }) => escapes)
    .map((each, index) => ({ ...each, index, made: made(each) }))
    .map(({ attempt, index, made }) =>
      !made
        ? `echo "${index} refused"`
        : `if (${attempt}) </dev/null >/dev/null 2>&1; then echo "${index} through"; else echo "${index} refused"; fi`,
    );
  return [
    ...settings,
    // EPERM, EACCES and ENOSYS, and what else is named, are refusals.
    `call() { perl -MErrno -e 'my $gone = $ARGV[-1] eq "ESRCH" ? pop @ARGV : ""; my $r = syscall($ARGV[0], map { $_ + 0 } @ARGV[1..$#ARGV]); exit 0 if $r != -1; exit(($!{EPERM} || $!{EACCES} || $!{ENOSYS} || ($gone && $!{ESRCH})) ? 1 : 0)' "$@"; }`,
    ...attempts,
    'echo done',
  ].join('\n');
}

/** docs/reference/isolation.md. */
export function isolationPage(): string {
  const groups = escapeGroups.map(
    ({ title, wall, escapes }) =>
      `## ${title}\n\nHeld by ${wall}. A run can't:\n\n${escapes.map(({ what }) => `- ${what}`).join('\n')}\n`,
  );
  return `<!-- Made from test/system/escapes.ts by script/reference: change it there. -->

# Isolation

What a run in a container can't do. Every line is an attempt that \`test/system/escape.test.ts\` makes against the real
daemon: from a worker, from a remote command, and once more from an environment whose jobs run as root. It fails when one
gets through. The process runtime isolates nothing, and says so at its start.

${groups.join('\n')}
## What is shared on purpose

- The network of the host: databases and services are reached as from the web front-end. So are services that listen on
  the host's loopback addresses or on abstract socket names; they have to ask for a password, as towards any other user.
- The host's programs and libraries, to read and to run.
- The kernel. A fault of the kernel itself is not held by any of these walls.
`;
}
