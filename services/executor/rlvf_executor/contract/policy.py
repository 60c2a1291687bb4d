"""The policy: what an untrusted program may do, in one place for auditors; for all processes.

The rest of the package enforces it: `inmates.py` turns the mounts into an nsjail command line,
`confinement.py` and `kernel.py` turn the filter and the limits into system calls that each
program's process makes first, and `cell.py` enforces the limits from outside. A change of
this file changes the policy digest (`digest.py`), so that a calibration under the old policy is not
taken for one under the new.
"""

from typing import NamedTuple

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


class Limits(NamedTuple):
    """What one execution may use. Times in seconds, sizes in bytes."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    output_bytes: int
    processes: int
    disk_bytes: int
    # CPU time of one call of a graded program; 0 if only the whole suite is limited.
    call_cpu_seconds: float = 0.0


DEFAULT_LIMITS = Limits(
    cpu_seconds=10.0,
    wall_seconds=60.0,
    memory_bytes=512 * MIB,
    output_bytes=64 * KIB,
    processes=32,
    disk_bytes=64 * MIB,
)

# The maximum that a request may ask for.
MAXIMUM_LIMITS = Limits(
    cpu_seconds=300.0,
    wall_seconds=1800.0,
    memory_bytes=4 * GIB,
    output_bytes=16 * MIB,
    processes=256,
    disk_bytes=1 * GIB,
    call_cpu_seconds=300.0,
)

# An interpreter cannot do anything useful below these, so a request for less is a mistake.
MINIMUM_LIMITS = Limits(
    cpu_seconds=0.01,
    wall_seconds=0.05,
    memory_bytes=16 * MIB,
    output_bytes=1,
    processes=1,
    disk_bytes=64 * KIB,
)

# Wall time is a backstop only: by default this many times the CPU time, with a minimum.
WALL_TIMES_CPU = 6.0
MIN_WALL_SECONDS = 10.0

# When a program at its wall time limit has waited for a core for more than this share of it, the
# machine was busy, and the program is run again.
STARVED_SHARE = 0.25

# The judge's process. It runs the caller's test, not the candidate, but a candidate's result can
# make a comparison slow. So it has a budget too: the candidate's CPU time, with a minimum.
MIN_JUDGE_CPU_SECONDS = 5.0
JUDGE_LIMITS = Limits(
    cpu_seconds=MIN_JUDGE_CPU_SECONDS,
    wall_seconds=MAXIMUM_LIMITS.wall_seconds + 60.0,
    memory_bytes=1 * GIB,
    output_bytes=1,
    processes=8,
    disk_bytes=1 * MIB,
)

# Wall time of all runs of a checker of outputs in one grading: that of the program, with a minimum.
# Honest checkers take milliseconds; without this one could hold a slot through each of its cases.
MIN_CHECKS_WALL_SECONDS = 300.0

# The worker judges one test after another in one process (`worker.py`). It is replaced when its
# peak memory has grown by the first; it keeps compiled tests of the second's amount of source.
WORKER_MEMORY_BYTES = 64 * MIB
WORKER_CACHE_BYTES = 2 * MIB
# Interval between two looks at a running worker.
WORKER_LOOK_SECONDS = 0.25

# Maximum sizes of what a caller may send.
MAX_SOURCE_BYTES = 1 * MIB
MAX_STDIN_BYTES = 16 * MIB
MAX_TEST_BYTES = 16 * MIB
MAX_ORACLE_BYTES = 1 * MIB
# Inputs and outputs of all cases of a suite together.
MAX_SUITE_BYTES = 64 * MIB
MAX_BATCH_ITEMS = 100
MAX_BATCH_CANCELLED = 1_000
MAX_BATCH_ID_CHARACTERS = 256
MAX_DETAIL_CHARACTERS = 2000

# Values that cross the boundary between candidate and judge (`wire.py`).
MAX_VALUE_BYTES = 16 * MIB
MAX_VALUE_DEPTH = 100

# Per process, in addition to the limits that a request sets.
OPEN_FILES = 64
STACK_BYTES = 8 * MIB

# The only paths of the machine that a program sees, all read-only; `inmates.py` adds the
# interpreter's own directories. Python is the only program: there is no shell, no compiler, no
# set-uid binary, no /proc, no /sys, no home directory, and only the loader's cache of /etc.
LIBRARY_DIRECTORIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
SYSTEM_FILES = ("/etc/ld.so.cache",)
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
# The scratch directory: a tmpfs that is empty when a program starts. The other usual directories
# for temporary files are links to it.
SCRATCH = "/tmp"
SCRATCH_LINKS = ("/dev/shm", "/var/tmp")
# Inodes use kernel memory that does not count towards the size of a tmpfs.
SCRATCH_INODES = 4096

# User and group of untrusted programs inside the jail. Where the executor is root they are mapped
# to a user outside, another for each slot, from a range that begins at one of these. The second
# range is for containers whose own user namespace has only 65,536 users.
PROGRAM_UID = 1000
FIRST_OUTSIDE_UIDS = (2_000_000_000, 60_000)

# The environment of every program. Nothing of the executor's own environment reaches it. The hash
# seed is fixed so that the order of sets, and with it a verdict, does not change from run to run.
ENVIRONMENT = {
    "HOME": SCRATCH,
    "TMPDIR": SCRATCH,
    "LANG": "C.UTF-8",
    "PATH": "/nonexistent",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}

# Added in an environment with packages: numeric libraries compute in one thread. A zygote with more
# threads could not be forked, and sums of floats would depend on their number.
PACKAGES_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}

# Python's `random` starts in the same state in every program, for the same reason. `secrets` and
# `os.urandom` stay random.
RANDOM_SEED = 0

# Modules that are loaded before a program starts, because an import costs more than a fork with the
# module in it. But every fork pays for them: a module is worth it if about one program in a hundred
# imports it. Among the solutions of HumanEval and MBPP, one in a thousand imports `datetime`, and
# none `decimal` or `fractions`; these three made every verdict about 5% more expensive, and
# `dataclasses`, which imports `inspect`, 20%. `random` is here to be seeded.
# fmt: off
PREIMPORTED = (
    "abc", "bisect", "collections", "copy", "enum", "functools", "heapq", "itertools", "json",
    "math", "operator", "random", "re", "string", "sys", "time", "typing",
)
# fmt: on

# The same for an environment with packages. numpy makes a fork 1.5 ms slower and saves 60 ms of
# import. The others make it 14 ms slower and save 0.2 to 0.7 s each (two cores, CPython 3.11), so
# they are imported in separate processes, for programs and tests whose text names one of them.
PREIMPORTED_PACKAGES = ("numpy", "numpy.random")
PREIMPORTED_ON_MENTION = ("pandas", "scipy.stats", "sympy", "networkx")
# Packages of the last list whose objects are sent by value (`tables.py`).
PREIMPORTED_FOR_VALUES = ("pandas",)

# Tests import little, and a small process forks faster.
PREIMPORTED_FOR_TESTS = ("math", "random")

# Capabilities that the zygote keeps inside its own user namespace; they have no effect outside of
# it. They let it make a PID namespace and a scratch file system for each program, become the
# program's user, and kill it. A program has none.
ZYGOTE_CAPABILITIES = ("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_KILL")

# System calls that a program may make; every other one fails with EPERM. Missing on purpose:
# ptrace and process_vm_*; mount, unshare, setns, pivot_root, chroot; io_uring, bpf,
# userfaultfd, perf_event_open; keyctl; SysV and POSIX message queues and shared memory (which would
# outlive a program); name_to_handle_at; everything that needs privileges.
# fmt: off
ALLOWED_SYSCALLS = frozenset((
    "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
    "pwritev2", "close", "close_range", "lseek", "dup", "dup2", "dup3", "fcntl", "ioctl", "pipe",
    "pipe2", "open", "openat", "openat2", "creat", "stat", "lstat", "fstat", "newfstatat",
    "statx", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents",
    "getdents64", "statfs", "fstatfs", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat",
    "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "chmod",
    "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown", "utime", "utimes", "utimensat",
    "futimesat", "umask", "truncate", "ftruncate", "fallocate", "fsync", "fdatasync",
    "sync_file_range", "fadvise64", "flock", "copy_file_range", "sendfile", "splice", "tee",
    "memfd_create", "getcwd", "chdir", "fchdir", "mmap", "mprotect", "munmap", "mremap",
    "madvise", "msync", "mincore", "brk", "mlock", "munlock", "mlock2", "mlockall", "munlockall",
    "membarrier", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending",
    "rt_sigsuspend", "rt_sigtimedwait", "sigaltstack", "pause", "alarm", "getitimer", "setitimer",
    "signalfd", "signalfd4", "timer_create", "timer_settime", "timer_gettime", "timer_getoverrun",
    "timer_delete", "timerfd_create", "timerfd_settime", "timerfd_gettime", "clock_gettime",
    "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "select",
    "pselect6", "poll", "ppoll", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait",
    "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2", "inotify_init", "inotify_init1",
    "inotify_add_watch", "inotify_rm_watch", "fork", "vfork", "clone", "execve", "execveat",
    "exit", "exit_group", "wait4", "waitid", "kill", "tkill", "tgkill", "pidfd_open",
    "pidfd_send_signal", "rt_sigqueueinfo", "getpid", "getppid", "gettid", "getpgid", "getpgrp",
    "getsid", "setpgid", "setsid", "getuid", "geteuid", "getgid", "getegid", "getresuid",
    "getresgid", "getgroups", "setuid", "setgid", "setreuid", "setregid", "setresuid",
    "setresgid", "setfsuid", "setfsgid", "sched_yield", "sched_getaffinity",
    "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
    "sched_rr_get_interval", "getpriority", "getcpu", "futex", "futex_waitv", "set_robust_list",
    "get_robust_list", "rseq", "set_tid_address", "arch_prctl", "prctl", "getrlimit", "setrlimit",
    "prlimit64", "getrusage", "sysinfo", "uname", "getrandom", "capget", "restart_syscall",
    "getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr", "socket",
    "socketpair", "bind", "listen", "accept", "accept4", "connect", "getsockname", "getpeername",
    "getsockopt", "setsockopt", "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg",
    "recvmmsg", "shutdown",
))
# fmt: on

# These fail with ENOSYS instead, so that the C library falls back to `clone`, whose flags a filter
# can read.
NOT_IMPLEMENTED_SYSCALLS = frozenset({"clone3"})

# `clone` may not make namespaces: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
FORBIDDEN_CLONE_FLAGS = 0x7E02_0000
# The only sockets are AF_UNIX; the network namespace confines them to the program's own slot.
ALLOWED_SOCKET_FAMILY = 1
# Terminal input injection (TIOCSTI), in case a program ever holds a terminal.
FORBIDDEN_IOCTL = 0x5412

# Without namespaces (TIER_LANDLOCK) a program is one process, has no sockets except pairs and no
# scratch directory, and may signal only itself (`kernel.py` compares the PID).
# fmt: off
LANDLOCK_FORBIDDEN_SYSCALLS = frozenset((
    "socket", "bind", "listen", "accept", "accept4", "connect", "fork", "vfork", "execve",
    "execveat", "setsid", "setpgid", "pidfd_open", "pidfd_send_signal", "rt_sigqueueinfo",
    "tkill", "inotify_add_watch", "getpriority", "memfd_create",
    # Landlock does not restrict these, and without a mount namespace the files are the host's.
    "chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown",
    "utime", "utimes", "utimensat", "futimesat",
))
# fmt: on
CLONE_THREAD = 0x0001_0000
# Kinds of socket pairs, without SOCK_CLOEXEC and SOCK_NONBLOCK: SOCK_STREAM, SOCK_SEQPACKET. From a
# pair of datagram sockets a message can be sent to any socket of the machine that has a path.
LANDLOCK_SOCKET_TYPES = (1, 5)
SOCKET_TYPE_MASK = 0xF
# These have the kernel signal another process when there is input: F_SETOWN, F_SETSIG, F_SETOWN_EX
# of fcntl, and FIOSETOWN, SIOCSPGRP of ioctl. Landlock itself stops that from Linux 6.12 on only.
LANDLOCK_FORBIDDEN_FCNTLS = (8, 10, 15)
LANDLOCK_FORBIDDEN_IOCTLS = (0x8901, 0x8902)
# A program must die with its zygote, so it may not change that: PR_SET_PDEATHSIG of prctl.
LANDLOCK_FORBIDDEN_PRCTLS = (1,)

# How long the supervisor waits for a jail's process to start or to die, in seconds.
START_SECONDS = 60.0
KILL_SECONDS = 5.0
# How long a candidate may take to exit after its last call, in seconds; then it is killed.
LEAVE_SECONDS = 0.003
