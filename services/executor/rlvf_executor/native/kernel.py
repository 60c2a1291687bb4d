"""System calls that confine a program, for processes in jails. Standard library and `_native` only.

Every function raises `OSError` when the kernel refuses: a program must not start half confined.
"""

import errno
import os
import resource
import signal
import struct
from collections.abc import Iterable

from rlvf_executor.contract import policy
from rlvf_executor.native import _native, syscall_numbers

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME = 2, 4, 8, 1024
MNT_DETACH = 2

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_PR_CAPBSET_DROP, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 24, 47, 4
_CAPABILITY_HEADER = struct.pack("=Ii", 0x2008_0522, 0)
_NO_CAPABILITIES = bytes(24)


class Calls:
    """System calls for a process to make one after another, in the form that `_native` reads.

    They are listed before a fork, so that the child only has to make them.
    """

    def __init__(self) -> None:
        self._rows = bytearray()
        self._kept: list[bytes] = []

    @property
    def packed(self) -> bytes:
        """The list; valid while this object lives, because it holds addresses."""
        return bytes(self._rows)

    def add(self, name: str, *arguments: int | bytes) -> None:
        """Adds a call; bytes are passed by address. Raises OSError (ENOSYS)."""
        number = _numbers().get(name)
        if number is None:
            raise OSError(errno.ENOSYS, f"no number is known for the system call {name}")
        numbers = [one % 2**64 if isinstance(one, int) else self.address(one) for one in arguments]
        numbers += [0] * (6 - len(numbers))
        self._rows += _CALL.pack(self.address(name.encode()), number, *numbers)

    def address(self, data: bytes) -> int:
        """The address of bytes, which are kept with the list and end with a zero byte."""
        self._kept.append(data)
        return _native.address_of(data)

    def make(self) -> int:
        """Makes the calls in this process, and returns the result of the last.

        Raises OSError with the name of the first that fails.
        """
        return _native.make(self.packed)


# struct call of native.h
_CALL = struct.Struct("=Qq6Q")


def call(name: str, *arguments: int | bytes) -> int:
    """Makes one system call, and returns its result. Raises OSError."""
    calls = Calls()
    calls.add(name, *arguments)
    return calls.make()


def _machine() -> str:
    return os.uname().machine


def _numbers() -> dict[str, int]:
    machine = _machine()
    if machine not in syscall_numbers.BY_MACHINE:
        raise OSError(errno.ENOSYS, f"no system call table for {machine}")
    return syscall_numbers.BY_MACHINE[machine]


def mount_tmpfs(target: str, *, size_bytes: int, inodes: int) -> None:
    """Mounts an empty tmpfs that every user may write to."""
    options = f"size={size_bytes},nr_inodes={inodes},mode=1777".encode()
    flags = MS_NOSUID | MS_NODEV | MS_NOATIME
    call("mount", b"tmpfs", target.encode(), b"tmpfs", flags, options)


def unmount(target: str) -> None:
    """Detaches a mount at once; it disappears with its last user."""
    call("umount2", target.encode(), MNT_DETACH)


def die_with_parent() -> None:
    """Asks for SIGKILL when the parent dies."""
    calls = Calls()
    add_death_with_parent(calls)
    calls.make()


def forbid_inspection() -> None:
    """Makes the process invisible to ptrace and /proc/<pid>/mem of its own user."""
    call("prctl", _PR_SET_DUMPABLE, 0)


def no_new_privileges() -> None:
    """Forbids that an exec adds privileges; then a filter needs no CAP_SYS_ADMIN."""
    call("prctl", _PR_SET_NO_NEW_PRIVS, 1)


def drop_ambient_set() -> None:
    """Empties the ambient set: no exec keeps a capability."""
    call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)


def drop_bounding_set() -> None:
    """Empties the bounding set, so that no exec can bring a capability back. Needs CAP_SETPCAP."""
    for capability in range(64):
        try:
            call("prctl", _PR_CAPBSET_DROP, capability)
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


def add_user(calls: Calls, uid: int) -> None:
    """Becomes a user, and a group of the same number, for good."""
    calls.add("setresgid", uid, uid, uid)
    calls.add("setresuid", uid, uid, uid)


def add_death_with_parent(calls: Calls) -> None:
    """As `die_with_parent`. Not inherited by a fork, and taken away by a change of user."""
    calls.add("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL)


def add_no_capabilities(calls: Calls) -> None:
    """Gives up every capability, the inheritable ones too."""
    calls.add("capset", _CAPABILITY_HEADER, _NO_CAPABILITIES)


def add_filter(calls: Calls, program: bytes) -> None:
    """Installs a seccomp filter for the process and its later children.

    Needs `no_new_privileges`.
    """
    # struct sock_fprog
    header = struct.pack("=HxxxxxxQ", len(program) // 8, calls.address(program))
    calls.add("prctl", _PR_SET_SECCOMP, 2, header)


def add_limits(
    calls: Calls,
    *,
    disk_bytes: int,
    cpu_seconds: float | None = None,
    memory_bytes: int | None = None,
    processes: int | None = None,
) -> None:
    """Sets the rlimits of one program, soft and hard; None leaves a limit as it is.

    `memory_bytes` limits what the process may map, in addition to what the interpreter has mapped
    already. `processes` limits the user's processes in this user namespace.
    """
    values = {
        resource.RLIMIT_FSIZE: disk_bytes,
        # Not a constant limit: a zygote has pinned pages.
        resource.RLIMIT_MEMLOCK: 0,
        # Whole seconds only: a backstop behind the supervisor's finer limit.
        resource.RLIMIT_CPU: None if cpu_seconds is None else int(cpu_seconds) + 2,
        resource.RLIMIT_AS: None
        if memory_bytes is None
        else memory_bytes + INTERPRETER_ADDRESS_SPACE,
        resource.RLIMIT_NPROC: processes,
    }
    for which, value in values.items():
        if value is not None:
            calls.add("prlimit64", 0, which, struct.pack("=QQ", value, value), 0)


def _below_hard(which: int, wanted: int) -> int:
    hard = resource.getrlimit(which)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


# What an interpreter with the preimported modules has mapped before a program's first line, mostly
# shared libraries; measured 45 MiB with CPython 3.11.
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

    `without` removes names from the allowed list. With `only_pid` a program may start threads but
    no processes, and may signal only the process with that PID: itself.
    """
    numbers = _numbers()
    removed = frozenset(without)
    program: list[_Instruction] = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT_ARCHITECTURES[_machine()]),
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
        # Its own limits only: where the executor is not root, other processes of the jail run as
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
    """Allows these numbers and refuses all others, by a bit for each in words of 32.

    The kernel compiles each filter that is installed, so a short one is cheapest: a search by
    comparisons is three times as long, and cost each program some 50 us more.
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
    """Allows `socketpair` of the allowed family, for these kinds of socket."""
    of_kind = _only_when(1, *kinds)
    of_kind.insert(1, (_AND, 0, 0, policy.SOCKET_TYPE_MASK))
    return [
        (_LOAD, 0, 0, _at_argument(0)),
        (_EQUAL, 1, 0, policy.ALLOWED_SOCKET_FAMILY),
        (_RETURN, 0, 0, _REFUSE),
        *of_kind,
    ]


_LANDLOCK_EXECUTE, _LANDLOCK_READ_FILE, _LANDLOCK_READ_DIRECTORY = 1, 4, 8
_LANDLOCK_WRITE_FILE = 2
# Before ABI 3 (Linux 6.2) truncation was not restricted: a readable file could be emptied.
LANDLOCK_MIN_VERSION = 3
# All rights over files that exist at a given ABI version (landlock(7)).
_LANDLOCK_FILE_RIGHTS = {3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
_LANDLOCK_NETWORK_RIGHTS = 3
_LANDLOCK_SCOPES = 3  # Abstract unix sockets and signals, from ABI 6.


def landlock_version() -> int:
    """The kernel's Landlock ABI; 0 where there is none."""
    try:
        return call("landlock_create_ruleset", 0, 0, 1)
    except OSError:
        return 0


def landlock(read_only: Iterable[str], devices: Iterable[str]) -> None:
    """Lets the process read only the given paths and write only to the devices."""
    version = landlock_version()
    if version < LANDLOCK_MIN_VERSION:
        raise OSError(errno.ENOSYS, f"Landlock ABI {version}; 3 is needed (Linux 6.2)")
    rights = _LANDLOCK_FILE_RIGHTS[min(version, 5)]
    network = _LANDLOCK_NETWORK_RIGHTS if version >= 4 else 0
    scopes = _LANDLOCK_SCOPES if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("=QQQ", rights, network, scopes)[:size]
    ruleset = call("landlock_create_ruleset", attributes, size, 0)
    try:
        for path in read_only:
            right = _LANDLOCK_READ_FILE
            if os.path.isdir(path):
                right |= _LANDLOCK_READ_DIRECTORY
            _allow_path(ruleset, path, right)
        for path in devices:
            _allow_path(ruleset, path, _LANDLOCK_READ_FILE | _LANDLOCK_WRITE_FILE)
        call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_path(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        call("landlock_add_rule", ruleset, 1, struct.pack("=Qi", rights, descriptor), 0)
    except OSError as error:
        raise OSError(error.errno, f"Landlock refuses {path}: {error.strerror}") from None
    finally:
        os.close(descriptor)
