# ruff: noqa: E501 -- programs in one string each read better than wrapped.
"""A limit acts, the outcome names it, and neighbours do not notice."""

import threading

import grpc
import pytest

from rlvf.executor.v1 import executor_pb2
from tests.processes.executor import Client, ExecutorProcess, limits

MIB = 1 << 20
SHORT = limits(cpu_seconds=0.3, wall_seconds=5, memory_bytes=128 * MIB, processes=8)
SLEEPY = limits(cpu_seconds=0.5, wall_seconds=0.5, memory_bytes=128 * MIB, processes=8)
MANY = {"cpu_time_exceeded", "processes_exceeded", "memory_exceeded", "wall_time_exceeded"}


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import signal\nfor n in range(1, 32):\n    try: signal.signal(n, signal.SIG_IGN)\n"
        "    except OSError: pass\nwhile True: pass",
        "x = 3 ** 10 ** 9",
        "import re\nre.match(r'(a+)+$', 'a' * 64 + 'b')",
        "sum(range(10 ** 12))",
        "import threading\nfor _ in range(4): threading.Thread(target=lambda: sum(range(10**11))).start()",
        "import sys\nsys.stdout.close()\nwhile True: pass",
        "import sys\nsys.settrace(lambda *a: None)\nwhile True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    ],
    ids=[
        "loop", "ignores signals", "power", "regular expression", "in C code", "threads", "closes stdout",
        "traces", "catches everything",
    ],
)  # fmt: skip
def test_a_program_that_computes_for_ever_reaches_its_cpu_limit(
    client: Client, source: str
) -> None:
    response = client.execute(source, limits=SHORT)
    assert response.outcome == executor_pb2.OUTCOME_CPU_TIME_EXCEEDED
    assert response.usage.cpu_time.ToTimedelta().total_seconds() < 1.0


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.sleep(1000)",
        "import signal\nsignal.pause()",
        "import threading\nthreading.Event().wait()",
        "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nos.read(os.pipe()[0], 1)",
    ],
    ids=["sleep", "pause", "event", "empty pipe"],
)
def test_a_program_that_waits_for_ever_reaches_its_wall_limit(client: Client, source: str) -> None:
    assert client.outcome(source, SLEEPY) == "wall_time_exceeded"


def test_a_program_that_waits_for_itself_does_not_make_the_machine_look_busy(
    client: Client, has_processes: bool
) -> None:
    if not has_processes:
        pytest.skip("a program has no processes of its own here")
    # They all wake at the same moments, and wait for each other much longer than they run.
    source = """
import os, time
for _ in range(28):
    if os.fork() == 0:
        until = time.monotonic() + 1.6
        while time.monotonic() < until:
            time.sleep(0.05 - time.time() % 0.05)
            enough = time.process_time() + 0.0008
            while time.process_time() < enough: pass
        break
time.sleep(60)
"""
    asked = limits(cpu_seconds=4, wall_seconds=2.5)
    try:
        outcome = client.outcome(source, asked)
    except grpc.RpcError:
        # Unless it is busy: then one program that only computes is kept waiting too.
        with pytest.raises(grpc.RpcError, match="the machine is busy"):
            client.outcome("while True: pass", asked)
        pytest.skip("the machine is too busy with others to tell")
    assert outcome == "wall_time_exceeded"


def test_waiting_on_standard_input_ends_at_once(client: Client) -> None:
    response = client.execute("import sys\nprint(repr(sys.stdin.read()))")
    assert (response.exit_code, response.stdout) == (0, b"''\n")


@pytest.mark.parametrize(
    "source",
    [
        "x = bytearray(10 * 2**30)",
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "x = 'a' * 10**11",
        "x = [0] * 10**13",
        "x = list(range(10**9))",
    ],
    ids=["one allocation", "slow growth", "string", "absurd", "list"],
)
def test_a_program_that_allocates_without_end_reaches_its_memory_limit(
    client: Client, source: str
) -> None:
    roomy = limits(cpu_seconds=10, memory_bytes=128 * MIB)
    response = client.execute(source, limits=roomy)
    assert response.outcome == executor_pb2.OUTCOME_MEMORY_EXCEEDED
    assert response.usage.peak_memory_bytes < 300 * MIB


def test_children_that_are_together_over_the_memory_limit_are_stopped(
    client: Client, executor: ExecutorProcess
) -> None:
    if "RLVF_EXECUTOR_CGROUP" in executor.settings or "landlock" in executor.settings.values():
        pytest.skip("without a cgroup memory is limited per process")
    source = (
        "import os, time\nfor _ in range(6):\n    if os.fork() == 0:\n"
        "        x = bytearray(60 << 20); time.sleep(5); os._exit(0)\nfor _ in range(6): os.wait()"
    )
    roomy = limits(cpu_seconds=5, wall_seconds=20, memory_bytes=128 * MIB)
    assert client.outcome(source, roomy) == "memory_exceeded"


def test_honest_users_of_memory_pass(client: Client) -> None:
    source = "x = bytearray(90 << 20)\nprint(len(x))"
    for _ in range(3):
        response = client.execute(source, limits=limits(memory_bytes=128 * MIB))
        assert response.stdout == b"94371840\n"


@pytest.mark.parametrize(
    "source",
    [
        "import os\nwhile True: os.fork()",
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        "import threading, time\nwhile True:\n    try: threading.Thread(target=time.sleep, args=(99,)).start()\n"
        "    except RuntimeError: pass",
        "import os, signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True:\n"
        "    try:\n        if os.fork() == 0: os.setsid()\n    except OSError: pass",
    ],
    ids=["forks", "forks, catches errors", "threads", "daemons"],
)
def test_a_bomb_ends_with_a_named_outcome(
    client: Client, has_processes: bool, executor: ExecutorProcess, source: str
) -> None:
    response = client.execute(source, limits=SHORT)
    outcome = executor_pb2.Outcome.Name(response.outcome).removeprefix("OUTCOME_").lower()
    if outcome == "exited":
        # Where no cgroup counts refusals, a program that dies of the first one exits by itself.
        assert "RLVF_EXECUTOR_CGROUP" in executor.settings or not has_processes
        assert response.exit_code == 1
    else:
        assert outcome in MANY


def test_a_background_process_ends_with_its_program(client: Client, has_processes: bool) -> None:
    if not has_processes:
        pytest.skip("programs cannot start processes in this tier")
    source = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep(1000)\n    os._exit(0)\nprint('done')"
    )
    response = client.execute(source, limits=limits(cpu_seconds=1, wall_seconds=30))
    assert (response.outcome, response.stdout) == (executor_pb2.OUTCOME_EXITED, b"done\n")
    assert response.usage.wall_time.ToTimedelta().total_seconds() < 15


def test_the_scratch_directory_is_bounded_in_bytes(client: Client, has_processes: bool) -> None:
    source = (
        "n = 0\ntry:\n    for i in range(100):\n        with open(f'/tmp/{i}', 'wb') as f: f.write(bytes(1 << 20)); n += 1\n"
        "except OSError as e: print(e.errno)\nprint(n)"
    )
    response = client.execute(source, limits=limits(disk_bytes=4 * MIB))
    assert int(response.stdout.split()[-1]) <= 4
    assert response.outcome == executor_pb2.OUTCOME_EXITED


@pytest.mark.parametrize("make", ["open(f'/tmp/{n}', 'w').close()", "os.mkdir('x'); os.chdir('x')"])
def test_the_scratch_directory_is_bounded_in_inodes(client: Client, make: str) -> None:
    source = (
        f"import os\nn = 0\ntry:\n    while True:\n        {make}; n += 1\nexcept OSError: print(n)"
    )
    response = client.execute(source, limits=limits(cpu_seconds=10))
    assert int(response.stdout) < 5000


def test_descriptors_are_bounded(client: Client) -> None:
    source = "import os\nn = 0\ntry:\n    while True: os.dup(0); n += 1\nexcept OSError: print(n)"
    assert int(client.execute(source).stdout) < 100


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("text", ["'x' * (1 << 20) + '\\n'", "'line\\n'"], ids=["long", "short"])
def test_endless_output_is_cut_and_ends_at_the_cpu_limit(
    client: Client, stream: str, text: str
) -> None:
    source = f"import sys\nwhile True: sys.{stream}.write({text})"
    response = client.execute(
        source, limits=limits(cpu_seconds=0.3, wall_seconds=20, output_bytes=1000)
    )
    assert response.outcome == executor_pb2.OUTCOME_CPU_TIME_EXCEEDED
    assert len(getattr(response, stream)) == 1000
    assert getattr(response, f"{stream}_truncated")


def test_much_output_of_a_program_that_ends_is_no_time_out(client: Client) -> None:
    response = client.execute("print('x' * 100_000_000)", limits=limits(cpu_seconds=5))
    assert response.outcome == executor_pb2.OUTCOME_EXITED
    assert response.stdout_truncated
    assert len(response.stdout) == 64 * 1024


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
        "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n    def __getattr__(s, n): return getattr(s, n)\nA().x",
        "x = []\nfor _ in range(10**6): x = [x]\nrepr(x)",
    ],
    ids=["python stack", "C stack", "repr"],
)
def test_recursion_without_end_ends_the_program_only(client: Client, source: str) -> None:
    outcome = client.outcome(source, limits(cpu_seconds=3, memory_bytes=128 * MIB))
    assert outcome in {"exited", "signaled", "memory_exceeded", "cpu_time_exceeded"}


def test_a_neighbour_does_not_notice_a_bomb(client: Client, executor: ExecutorProcess) -> None:
    verdicts: list[str] = []

    def neighbour() -> None:
        with grpc.insecure_channel(executor.address) as channel:
            for _ in range(5):
                test = "def check(c): assert c(5) == 7"
                verdicts.append(Client(channel).verdict("def f(x): return x + 2", test))

    thread = threading.Thread(target=neighbour)
    thread.start()
    client.execute(
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", limits=SHORT
    )
    thread.join()
    assert verdicts == ["passed"] * 5
