"""The system calls that build a program's confinement, through ctypes. Standard library only.

Every function raises `OSError` when the kernel refuses: a step that fails must end the start of the
program, never leave it half confined.
"""

import ctypes
import errno
import os
import platform
import resource
import struct
from collections.abc import Iterable

from rlvf_executor import policy, syscalls

CLONE_NEWPID = 0x2000_0000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME = 2, 4, 8, 1024
MNT_DETACH = 2

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_PR_CAPBSET_DROP, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 24, 47, 4
_CAPABILITY_HEADER = struct.pack("=Ii", 0x2008_0522, 0)
_NO_CAPABILITIES = bytes(24)

# PyDLL: the interpreter's lock stays held, because none of these calls waits.
_libc = ctypes.PyDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
_libc.capset.argtypes = [ctypes.c_char_p, ctypes.c_char_p]


def _check(result: int, what: str) -> int:
    if result < 0:
        raise _error(what)
    return result


def _error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")


def fork() -> int:
    """Forks as C does, without Python's hooks; returns 0 in the child.

    For a process with one thread. The hooks (`threading`, `random`, ...) repair what other threads
    left half done, of which there are none, and reseed; they touch 150 pages, each of which the
    child then copies, and cost as much as the fork.
    """
    return _check(_libc.fork(), "fork")


def unshare(flags: int) -> None:
    """Moves the caller (for CLONE_NEWPID: its children) into new namespaces."""
    _check(_libc.unshare(flags), "unshare")


def setns(descriptor: int, flags: int) -> None:
    """Joins the namespaces of the process behind a pidfd (Linux 5.8)."""
    _check(_libc.setns(descriptor, flags), "setns")


def mount_tmpfs(target: str, *, size_bytes: int, inodes: int) -> None:
    """Mounts an empty tmpfs that every user may write to."""
    options = f"size={size_bytes},nr_inodes={inodes},mode=1777".encode()
    flags = MS_NOSUID | MS_NODEV | MS_NOATIME
    _check(
        _libc.mount(b"tmpfs", target.encode(), b"tmpfs", ctypes.c_ulong(flags), options),
        f"mount {target}",
    )


def unmount(target: str) -> None:
    """Takes a mount away at once; it disappears when its last user does."""
    _check(_libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def _prctl(option: int, first: int = 0, second: int = 0) -> None:
    if _libc.prctl(option, first, second, 0, 0) < 0:
        raise _error(f"prctl {option}")


def die_with_parent() -> None:
    """Asks for SIGKILL when the parent dies."""
    _prctl(_PR_SET_PDEATHSIG, 9)


def forbid_inspection() -> None:
    """Makes the process invisible to ptrace and /proc/<pid>/mem of its own user."""
    _prctl(_PR_SET_DUMPABLE, 0)


def no_new_privileges() -> None:
    """From here on no exec can add privileges; a filter may be installed without CAP_SYS_ADMIN."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Gives up every capability that the process has, and with them those that it could pass on."""
    _check(_libc.capset(_CAPABILITY_HEADER, _NO_CAPABILITIES), "capset")


def drop_ambient_set() -> None:
    """Empties the ambient set: no exec keeps a capability."""
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)


def drop_bounding_set() -> None:
    """Empties the bounding set, so that no exec can bring a capability back. Needs CAP_SETPCAP."""
    for capability in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno == errno.EINVAL:  # Past the last capability of this kernel.
                return
            raise


def set_constant_limits() -> None:
    """Sets the rlimits that are the same for every program; children inherit them."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (policy.OPEN_FILES, policy.OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_MSGQUEUE, (0, 0))
    stack = _below_hard(resource.RLIMIT_STACK, policy.STACK_BYTES)
    resource.setrlimit(resource.RLIMIT_STACK, (stack, stack))


def set_limits(
    *,
    disk_bytes: int,
    cpu_seconds: float | None = None,
    memory_bytes: int | None = None,
    processes: int | None = None,
) -> None:
    """Sets the rlimits of one program, soft and hard, beside the constant ones; None leaves one.

    `memory_bytes` bounds what the process may map, on top of what the interpreter has mapped
    already. `processes` counts the user's processes in this user namespace.
    """
    resource.setrlimit(resource.RLIMIT_FSIZE, (disk_bytes, disk_bytes))
    # Not a constant one: a zygote has pages pinned.
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    if cpu_seconds is not None:
        # Whole seconds only, so this is a backstop behind the supervisor's finer clock.
        seconds = int(cpu_seconds) + 2
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if memory_bytes is not None:
        size = memory_bytes + INTERPRETER_ADDRESS_SPACE
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    if processes is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))


def _below_hard(which: int, wanted: int) -> int:
    hard = resource.getrlimit(which)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


# What an interpreter with the preimported modules has mapped before a program's first line, most of
# it shared libraries; measured 45 MiB with CPython 3.11.
INTERPRETER_ADDRESS_SPACE = 64 * policy.MIB


# A classic BPF program, as seccomp(2) takes it: (operation, jump if true, jump if false, operand).
_Instruction = tuple[int, int, int, int]
_LOAD, _LOAD_CONSTANT, _LOAD_STORED, _STORE, _TO_INDEX = 0x20, 0x00, 0x60, 0x02, 0x07
_EQUAL, _AND_SET, _GREATER_EQUAL, _RETURN = 0x15, 0x45, 0x35, 0x06
_AND, _SHIFT_LEFT_BY_INDEX, _SHIFT_RIGHT = 0x54, 0x6C, 0x74
_ALLOW = 0x7FFF_0000
_REFUSE = 0x0005_0000 | errno.EPERM
_MISSING = 0x0005_0000 | errno.ENOSYS
_AUDIT_ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_X32_BIT = 0x4000_0000
_AT_NUMBER, _AT_ARCHITECTURE = 0, 4


def _at_argument(index: int) -> int:
    return 16 + 8 * index  # The low half; both machines are little-endian.


def seccomp_program(*, without: Iterable[str] = (), only_pid: int | None = None) -> bytes:
    """Assembles the filter of `policy.py` for this machine.

    `without` takes names off the allowed list. With `only_pid` a program may start threads but no
    processes, and may signal nobody but the process with that PID: itself.
    """
    machine = platform.machine()
    if machine not in syscalls.BY_MACHINE:
        raise OSError(errno.ENOSYS, f"no system call table for {machine}")
    numbers = syscalls.BY_MACHINE[machine]
    removed = frozenset(without)
    program: list[_Instruction] = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT_ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, _AT_NUMBER),
        (_GREATER_EQUAL, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _REFUSE),
    ]
    special: dict[str, list[_Instruction]] = {
        "clone": [
            (_LOAD, 0, 0, _at_argument(0)),
            (_AND_SET, 0, 1, policy.FORBIDDEN_CLONE_FLAGS),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        ],
        # Its own limits only: where the executor is not root, other processes of the jail are of
        # the same user.
        "prlimit64": _only_when(0, 0),
        "socket": _only_when(0, policy.ALLOWED_SOCKET_FAMILY),
        "socketpair": _only_when(0, policy.ALLOWED_SOCKET_FAMILY),
        "ioctl": _except_when(1, policy.FORBIDDEN_IOCTL),
    }
    if only_pid is not None:
        special["clone"] = [
            (_LOAD, 0, 0, _at_argument(0)),
            (_AND_SET, 0, 1, policy.CLONE_THREAD),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _REFUSE),
        ]
        special["kill"] = _only_when(0, only_pid)
        special["tgkill"] = _only_when(0, only_pid)
        special["socketpair"] = _only_socket_pairs(policy.LANDLOCK_SOCKET_TYPES)
        special["fcntl"] = _except_when(1, *policy.LANDLOCK_FORBIDDEN_FCNTLS)
        special["ioctl"] = _except_when(
            1, policy.FORBIDDEN_IOCTL, *policy.LANDLOCK_FORBIDDEN_IOCTLS
        )
        special["prctl"] = _except_when(0, *policy.LANDLOCK_FORBIDDEN_PRCTLS)
    for name in sorted(special):
        if name in numbers and name not in removed:
            body = special[name]
            program += [(_EQUAL, 0, len(body), numbers[name]), *body]
    for name in sorted(policy.NOT_IMPLEMENTED_SYSCALLS):
        program += [(_EQUAL, 0, 1, numbers[name]), (_RETURN, 0, 0, _MISSING)]
    plain = policy.ALLOWED_SYSCALLS - removed - special.keys()
    program += _lookup({numbers[name] for name in plain if name in numbers})
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _lookup(allowed: set[int]) -> list[_Instruction]:
    """Allows these numbers and refuses all others: a bit for each, in words of 32.

    The kernel translates a filter whenever one is installed, so a short one costs least: a search
    by comparisons is three times as long, and cost each program some 50 us more.
    """
    words: dict[int, int] = {}
    for number in allowed:
        words[number // 32] = words.get(number // 32, 0) | 1 << number % 32
    program: list[_Instruction] = [
        # Memory word 0: the bit of this number.
        (_LOAD, 0, 0, _AT_NUMBER),
        (_AND, 0, 0, 31),
        (_TO_INDEX, 0, 0, 0),
        (_LOAD_CONSTANT, 0, 0, 1),
        (_SHIFT_LEFT_BY_INDEX, 0, 0, 0),
        (_STORE, 0, 0, 0),
        # Then its word.
        (_LOAD, 0, 0, _AT_NUMBER),
        (_SHIFT_RIGHT, 0, 0, 5),
    ]
    for place, (word, bits) in enumerate(sorted(words.items())):
        to_end = 3 * (len(words) - 1 - place)
        program += [
            (_EQUAL, 0, 2, word),
            (_LOAD_STORED, 0, 0, 0),
            (_AND_SET, to_end + 1, to_end, bits),
        ]
    return [*program, (_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]


def _only_when(argument: int, *values: int) -> list[_Instruction]:
    body: list[_Instruction] = [(_LOAD, 0, 0, _at_argument(argument))]
    for value in values:
        body += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    body.append((_RETURN, 0, 0, _REFUSE))
    return body


def _except_when(argument: int, *values: int) -> list[_Instruction]:
    body: list[_Instruction] = [(_LOAD, 0, 0, _at_argument(argument))]
    for value in values:
        body += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _REFUSE)]
    body.append((_RETURN, 0, 0, _ALLOW))
    return body


def _only_socket_pairs(kinds: tuple[int, ...]) -> list[_Instruction]:
    """Allows `socketpair` of the one family, for these kinds of socket."""
    of_kind = _only_when(1, *kinds)
    of_kind.insert(1, (_AND, 0, 0, policy.SOCKET_TYPE_MASK))
    return [
        (_LOAD, 0, 0, _at_argument(0)),
        (_EQUAL, 1, 0, policy.ALLOWED_SOCKET_FAMILY),
        (_RETURN, 0, 0, _REFUSE),
        *of_kind,
    ]


class Filter:
    """A seccomp filter in the form that the kernel reads.

    Made before a fork, so that installing it is one call in the child.
    """

    def __init__(self, program: bytes) -> None:
        self._instructions = ctypes.create_string_buffer(program, len(program))
        address = ctypes.addressof(self._instructions)
        # struct sock_fprog
        self._program = ctypes.create_string_buffer(
            struct.pack("=HxxxxxxQ", len(program) // 8, address)
        )
        self._address = ctypes.addressof(self._program)

    def install(self) -> None:
        """Installs it for this process and all it will start. Needs `no_new_privileges`."""
        _prctl(_PR_SET_SECCOMP, 2, self._address)


_LANDLOCK_EXECUTE, _LANDLOCK_READ_FILE, _LANDLOCK_READ_DIRECTORY = 1, 4, 8
_LANDLOCK_WRITE_FILE = 2
# Before ABI 3 (Linux 6.2) a file that may be read could be emptied: truncation was not restricted.
LANDLOCK_LEAST_VERSION = 3
# All rights over files that exist at a given ABI version (landlock(7)).
_LANDLOCK_FILE_RIGHTS = {3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
_LANDLOCK_NETWORK_RIGHTS = 3
_LANDLOCK_SCOPES = 3  # Abstract unix sockets and signals, from ABI 6.


def landlock_version() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    number = syscalls.BY_MACHINE.get(platform.machine(), {}).get("landlock_create_ruleset")
    if number is None:
        return 0
    return max(0, int(_libc.syscall(number, None, ctypes.c_size_t(0), ctypes.c_uint(1))))


def landlock(read_only: Iterable[str], devices: Iterable[str]) -> None:
    """Confines the process to reading the given paths; nothing can be written but the devices."""
    numbers = syscalls.BY_MACHINE[platform.machine()]
    version = landlock_version()
    if version < LANDLOCK_LEAST_VERSION:
        raise OSError(errno.ENOSYS, f"Landlock ABI {version}; 3 is needed (Linux 6.2)")
    rights = _LANDLOCK_FILE_RIGHTS[min(version, 5)]
    network = _LANDLOCK_NETWORK_RIGHTS if version >= 4 else 0
    scopes = _LANDLOCK_SCOPES if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("=QQQ", rights, network, scopes)[:size]
    ruleset = _check(
        _libc.syscall(
            numbers["landlock_create_ruleset"], attributes, ctypes.c_size_t(size), ctypes.c_uint(0)
        ),
        "landlock_create_ruleset",
    )
    try:
        for path in read_only:
            right = _LANDLOCK_READ_FILE
            if os.path.isdir(path):
                right |= _LANDLOCK_READ_DIRECTORY
            _allow_path(numbers, ruleset, path, right)
        for path in devices:
            _allow_path(numbers, ruleset, path, _LANDLOCK_READ_FILE | _LANDLOCK_WRITE_FILE)
        _check(
            _libc.syscall(
                numbers["landlock_restrict_self"], ctypes.c_int(ruleset), ctypes.c_uint(0)
            ),
            "landlock_restrict_self",
        )
    finally:
        os.close(ruleset)


def _allow_path(numbers: dict[str, int], ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, descriptor)
        _check(
            _libc.syscall(
                numbers["landlock_add_rule"],
                ctypes.c_int(ruleset),
                ctypes.c_int(1),
                rule,
                ctypes.c_uint(0),
            ),
            f"landlock_add_rule {path}",
        )
    finally:
        os.close(descriptor)
