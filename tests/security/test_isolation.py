"""Nothing outside an execution can be read, written, signalled or reached."""

import os
import signal
import socket
import textwrap
import threading
from pathlib import Path

import grpc
import psutil
import pytest

from tests.processes.executor import Client, ExecutorProcess, limits


def attempt(body: str) -> str:
    """A program that tries `body` and prints what stopped it."""
    return (
        "import os, sys\ntry:\n"
        + textwrap.indent(textwrap.dedent(body), "    ")
        + "\nexcept BaseException as error:\n    print('stopped:', type(error).__name__)\n"
    )


def run(client: Client, body: str) -> str:
    """What the attempt printed; it must have run to its end."""
    response = client.execute(attempt(body))
    assert response.exit_code == 0, response
    return response.stdout.decode()


def test_a_file_of_the_host_cannot_be_read(client: Client, secret: str, secret_file: Path) -> None:
    assert secret not in run(client, f"print(open({str(secret_file)!r}).read())")


def test_a_file_of_the_host_cannot_be_read_through_another_root(
    client: Client, secret: str, secret_file: Path
) -> None:
    for root in ("/proc/self/root", "/proc/1/root", "/proc/self/cwd/../../../.."):
        assert secret not in run(client, f"print(open({root + str(secret_file)!r}).read())")


def test_a_file_of_the_host_cannot_be_reached_by_a_link(
    client: Client, secret: str, secret_file: Path
) -> None:
    output = run(
        client, f"os.symlink({str(secret_file)!r}, '/tmp/link'); print(open('/tmp/link').read())"
    )
    assert secret not in output


def test_the_first_process_above_a_program_cannot_be_ended_by_it(
    client: Client, has_processes: bool
) -> None:
    """It keeps the account. Where the executor is not root, it is of the program's own user."""
    if not has_processes:
        pytest.skip("there is no first process here")
    response = client.execute(
        "import contextlib, os, signal, time\nwhile time.process_time() < 0.3: pass\n"
        "for number in range(1, 65):\n"
        "    with contextlib.suppress(OSError): os.kill(1, number)\n"
        "print('on', flush=True)\nos._exit(3)"
    )
    assert (response.exit_code, response.stdout) == (3, b"on\n")
    assert response.usage.cpu_time.ToTimedelta().total_seconds() >= 0.3


def test_no_datagram_reaches_a_socket_of_the_host(client: Client, tmp_path: Path) -> None:
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as log:
        log.bind(str(tmp_path / "log"))
        (tmp_path / "log").chmod(0o666)
        for kind in ("SOCK_DGRAM", "SOCK_RAW", "SOCK_SEQPACKET", "SOCK_STREAM"):
            run(
                client,
                f"import socket\na, b = socket.socketpair(socket.AF_UNIX, socket.{kind})\n"
                f"a.sendto(b'forged', {str(tmp_path / 'log')!r})",
            )
        with pytest.raises(BlockingIOError):
            log.recv(100)


def test_the_kernel_signals_no_other_process_for_a_program(
    client: Client, has_processes: bool
) -> None:
    if has_processes:
        pytest.skip("in a PID namespace of its own a program cannot name another process")
    body = "import fcntl, socket, struct\na, b = socket.socketpair()\n"
    for call in (
        "fcntl.fcntl(a, fcntl.F_SETOWN, 1)",
        "fcntl.fcntl(a, 10, 9)",
        "fcntl.fcntl(a, 15, struct.pack('ii', 1, 1))",
        "fcntl.ioctl(a, 0x8901, struct.pack('i', 1))",
        "fcntl.ioctl(a, 0x8902, struct.pack('i', 1))",
    ):
        assert run(client, body + call) == "stopped: PermissionError\n", call


def test_a_file_of_the_host_cannot_be_overwritten(
    client: Client, secret: str, secret_file: Path
) -> None:
    run(client, f"open({str(secret_file)!r}, 'w').write('gone')")
    assert secret_file.read_text() == secret


@pytest.mark.parametrize(
    "place", ["/", "/usr/lib", "/etc", "/lib", "/dev", "/rlvf", "/root", "/home"]
)
def test_the_system_cannot_be_written(client: Client, place: str) -> None:
    assert "stopped" in run(client, f"open(os.path.join({place!r}, 'x'), 'w')")


def test_the_interpreter_cannot_be_changed(client: Client) -> None:
    assert "stopped" in run(client, "open(os.__file__, 'a').write('x')")


@pytest.mark.parametrize("file", ["/etc/passwd", "/etc/shadow", "/etc/hosts", "/etc/hostname"])
def test_the_system_s_files_cannot_be_read(client: Client, file: str) -> None:
    assert "stopped" in run(client, f"print(open({file!r}).read())")


@pytest.mark.parametrize("file", ["environ", "mem", "maps", "cmdline", "fd/0"])
def test_other_processes_cannot_be_read_by_proc(
    client: Client, executor: ExecutorProcess, secret: str, file: str
) -> None:
    for pid in ("1", str(os.getppid()), str(executor.pid), str(os.getpid())):
        output = run(client, f"print(open('/proc/{pid}/{file}', 'rb').read(100000))")
        assert "stopped" in output
        assert secret not in output


def test_the_environment_holds_nothing_of_the_server(client: Client, secret: str) -> None:
    output = run(client, "print(dict(os.environ))")
    assert secret not in output
    assert "RLVF" not in output


def test_no_descriptor_is_inherited(client: Client) -> None:
    output = run(
        client,
        """
        found = []
        for number in range(3, 4096):
            try: found.append((number, os.fstat(number)))
            except OSError: pass
        print(found)
        """,
    )
    assert output == "[]\n"


def test_what_an_execution_leaves_behind_is_not_there_for_the_next(client: Client) -> None:
    places = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock", "/dev/mqueue")
    for place in places:
        run(client, f"open(os.path.join({place!r}, 'left'), 'w').write('x')")
    output = run(
        client,
        f"print([os.listdir(p) for p in {places!r} if os.path.isdir(p) and os.access(p, 4)])",
    )
    assert "left" not in output


def test_a_process_that_a_candidate_leaves_ends_with_it(
    client: Client, executor: ExecutorProcess, has_processes: bool
) -> None:
    if not has_processes:
        pytest.skip("programs cannot start processes in this tier")
    leaving = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    time.sleep(600)\n"
        "def f(x): return x + 2"
    )
    before = psutil.Process(executor.pid).children(recursive=True)
    assert client.verdict(leaving, "def check(c): assert c(5) == 7") == "passed"
    after = psutil.Process(executor.pid).children(recursive=True)
    left = [process for process in after if process not in before]
    # The kernel takes a moment to end the last of them.
    assert psutil.wait_procs(left, timeout=10)[1] == []


def test_a_changed_mode_or_time_of_the_scratch_directory_does_not_last(client: Client) -> None:
    before = run(client, "s = os.stat('/tmp'); print(s.st_mode, s.st_nlink, os.listdir('/tmp'))")
    run(client, "os.mkdir('/tmp/a'); os.utime('/tmp', (1, 1))")
    run(client, "os.chmod('/tmp', 0o000)")
    after = run(client, "s = os.stat('/tmp'); print(s.st_mode, s.st_nlink, os.listdir('/tmp'))")
    assert before == after


@pytest.mark.parametrize(
    "change", ["os.chmod({0!r}, 0o000)", "os.chown({0!r}, 1, 1)", "os.utime({0!r}, (1, 1))"]
)
def test_a_host_file_keeps_its_mode_owner_and_times(
    client: Client, tmp_path: Path, change: str
) -> None:
    # In a tier without a mount namespace a program names the host's own files.
    file = tmp_path / "host"
    file.touch()
    before = file.stat()
    run(client, change.format(str(file)))
    assert file.stat() == before


def test_system_v_memory_cannot_outlive_an_execution(client: Client) -> None:
    output = run(
        client,
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        print(libc.shmget(1234, 4096, 0o1666), libc.semget(1, 1, 0o1666), libc.msgget(1, 0o1666))
        """,
    )
    assert output == "-1 -1 -1\n"


def test_tcp_to_the_host_is_refused(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        body = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        assert "stopped" in run(client, body)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_tcp_to_the_service_itself_is_refused(client: Client, executor: ExecutorProcess) -> None:
    host, port = executor.address.split(":")
    body = f"import socket; socket.create_connection(({host!r}, {port}), 2)"
    assert "stopped" in run(client, body)


def test_a_socket_to_the_outside_ends_the_program_with_a_traceback(client: Client) -> None:
    response = client.execute("import socket\nsocket.create_connection(('169.254.169.254', 80), 2)")
    assert response.exit_code == 1
    assert b"Traceback" in response.stderr


def test_names_cannot_be_resolved(client: Client) -> None:
    assert "stopped" in run(client, "import socket; socket.getaddrinfo('kubernetes.default', 443)")


# Address families: INET, INET6, NETLINK, PACKET, ALG, VSOCK.
@pytest.mark.parametrize("family", [2, 10, 16, 17, 38, 40])
def test_sockets_of_the_network_cannot_be_made(client: Client, family: int) -> None:
    for kind in (1, 2, 3):
        assert "stopped" in run(client, f"import socket; socket.socket({family}, {kind})")


def test_an_abstract_unix_socket_of_the_host_cannot_be_reached(client: Client) -> None:
    name = f"\0rlvf-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        body = f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({name!r})"
        assert "stopped" in run(client, body)


def test_signals_reach_nobody_else(client: Client) -> None:
    arrived: list[int] = []
    previous = signal.signal(signal.SIGURG, lambda number, frame: arrived.append(number))
    try:
        client.execute(
            "import os\nfor pid in (-1, *range(2, 70000)):\n    if pid != os.getpid():\n"
            "        try: os.kill(pid, 23)\n        except OSError: pass"
        )
    finally:
        signal.signal(signal.SIGURG, previous)
    assert arrived == []


def test_stopping_its_own_group_stops_only_itself(client: Client) -> None:
    source = "import os, signal\nos.killpg(0, signal.SIGSTOP)\nos.kill(os.getppid(), 19)"
    response = client.execute(source, limits=limits(cpu_seconds=1, wall_seconds=1))
    assert response.ByteSize() > 0


@pytest.mark.parametrize(
    "call",
    [
        "ptrace(16, 1, 0, 0)",
        "unshare(0x10000000)",
        "unshare(0x00020000)",
        "setns(0, 0)",
        "mount(b'none', b'/tmp', b'tmpfs', 0, None)",
        "umount2(b'/tmp', 2)",
        "chroot(b'/tmp')",
        "swapon(b'/tmp/x', 0)",
        "reboot(0)",
        "sethostname(b'x', 1)",
        "personality(0x0400000)",
        "quotactl(0, 0, 0, 0)",
        "setgroups(0, 0)",
        "acct(0)",
        "iopl(3)",
        "syscall(425, 8, 0)",  # io_uring_setup
        "syscall(426, 0, 0, 0, 0, 0)",  # io_uring_enter
        "syscall(427, 0, 0, 0, 0)",  # io_uring_register
        "syscall(321, 0, 0, 0)",  # bpf
        "syscall(323, 0)",  # userfaultfd
        "syscall(250, 0, 0, 0)",  # keyctl
        "syscall(298, 0, 0, -1, -1, 0)",  # perf_event_open
        "syscall(310, 1, 0, 0, 0, 0, 0)",  # process_vm_readv
        "syscall(435, 0, 0)",  # clone3
        "syscall(56, 0x10000011, 0, 0, 0, 0)",  # clone with CLONE_NEWUSER
        "syscall(155, b'/', b'/')",  # pivot_root
        "syscall(304, 0, 0, 0)",  # open_by_handle_at
        "syscall(175, 0, 0, 0)",  # init_module
        "syscall(438, 0, 0, 0)",  # pidfd_getfd
        "syscall(317, 0, 0, 0)",  # seccomp
        "sched_setaffinity(0, 1, bytes([1]))",  # to another slot's core
        "sched_setscheduler(0, 0, bytes(4))",
    ],
)
def test_dangerous_system_calls_are_refused(client: Client, call: str) -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers are those of x86_64")
    output = run(
        client,
        "import ctypes; libc = ctypes.CDLL(None, use_errno=True);"
        f" print(libc.{call}, ctypes.get_errno())",
    )
    result, error = output.split()
    assert result == "-1"
    assert error in ("1", "38"), "EPERM by the filter, or ENOSYS"


def test_a_program_has_no_privileges(client: Client) -> None:
    output = run(
        client,
        """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        data = (ctypes.c_uint32 * 6)(*[7] * 6)
        assert libc.capget(header, data) == 0
        print(list(data), libc.prctl(39, 0, 0, 0, 0))
        """,
    )
    # Effective, permitted and inheritable sets, and no_new_privs.
    assert output == "[0, 0, 0, 0, 0, 0] 1\n"


def test_memory_cannot_be_locked(client: Client) -> None:
    output = run(
        client,
        """
        import ctypes, mmap, resource
        memory = mmap.mmap(-1, mmap.PAGESIZE)
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        libc = ctypes.CDLL(None)
        print(libc.mlock(ctypes.c_void_p(address), mmap.PAGESIZE))
        print(resource.getrlimit(resource.RLIMIT_MEMLOCK))
        """,
    )
    assert output == "-1\n(0, 0)\n"


def test_becoming_root_is_refused(client: Client, executor: ExecutorProcess) -> None:
    if "landlock" in executor.settings.values() and os.geteuid() == 0:
        pytest.skip("in this tier programs are the executor's user, here root without capabilities")
    assert "stopped" in run(client, "os.setuid(0)")


def test_there_are_no_programs_but_python(client: Client) -> None:
    for program in ("/bin/sh", "/usr/bin/env", "/bin/mount", "/usr/bin/id"):
        assert "stopped" in run(client, f"os.execv({program!r}, ['x'])")


def test_two_executions_at_once_do_not_see_each_other(
    executor: ExecutorProcess, has_processes: bool
) -> None:
    if not has_processes:
        pytest.skip("this tier has no scratch directory to look for")
    settings = {
        name.removeprefix("RLVF_").lower(): value for name, value in executor.settings.items()
    }
    with (
        ExecutorProcess(**{**settings, "executor_slots": "2"}) as other,
        grpc.insecure_channel(other.address) as channel,
    ):
        client = Client(channel)
        wait = "import os, time\nopen('/tmp/mine', 'w')\ntime.sleep(0.5)\nprint(os.listdir('/tmp'))"
        outputs: list[bytes] = []
        threads = [
            threading.Thread(target=lambda: outputs.append(client.execute(wait).stdout))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outputs == [b"['mine']\n"] * 2
