"""How a process in the jail confines itself: at its start, and before it runs foreign code.

Standard library only.
"""

import gc
import importlib
import json
import os
import sys

from rlvf_executor.contract import policy, tables
from rlvf_executor.contract.control import Socket
from rlvf_executor.contract.surroundings import BIND_NOW, PACKAGE_ROOT, Ready, Surroundings
from rlvf_executor.native import kernel


def enter() -> tuple[Socket, Surroundings]:
    """Runs first in a jail: reads the control descriptor and the surroundings (JSON) from argv.

    After it, modules of this package can no longer be imported.
    """
    kernel.die_with_parent()
    del os.environ[BIND_NOW]
    control = Socket(fileno=int(sys.argv[1]))
    surroundings = Surroundings(*json.loads(sys.argv[2]))
    # Python limits this for servers that parse foreign input. Here CPU time is limited.
    sys.set_int_max_str_digits(0)
    if surroundings.packages:
        sys.path.append(surroundings.packages)
    for name in surroundings.preimported:
        importlib.import_module(name)
    # Programs and judges of an environment have the same packages before they are forked.
    tables.agree()
    seed_random()
    if surroundings.own_user:
        os.setgroups([])
    if surroundings.namespaces:
        kernel.drop_bounding_set()
        os.chdir(policy.SCRATCH)
    else:
        kernel.forbid_inspection()
    kernel.drop_ambient_set()
    kernel.no_new_privileges()
    # Nobody reads the standard error that nsjail passed on.
    null = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    sys.path[:] = [path for path in sys.path if not path.startswith(PACKAGE_ROOT)]
    sys.dont_write_bytecode = True
    kernel.set_constant_limits()
    return control, surroundings


def seed_random() -> None:
    """Puts random numbers into their first state, so that a verdict does not change from run to
    run."""
    for name in ("random", "numpy.random"):
        if name in sys.modules:
            sys.modules[name].seed(policy.RANDOM_SEED)


def say_ready(supervisor: Socket) -> None:
    """Runs last before the first job."""
    gc.collect()
    # Later collections, here and in children, leave the present objects, and so their pages, alone.
    gc.freeze()
    supervisor.send(json.dumps(Ready(sys.version.split()[0])).encode())


class Confinement:
    """Takes away from a process what a program must not have.

    `enter` took away what a fork does not bring back; this is the rest. It has system calls that
    are listed before the fork (`add_to`), and steps that only the child can do (`finish`).
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._filter = kernel.seccomp_program()

    def add_to(self, calls: kernel.Calls) -> None:
        """Adds calls that give up user, capabilities and system calls, in this order."""
        if self._around.own_user:
            kernel.add_user(calls, policy.PROGRAM_UID)
        kernel.add_death_with_parent(calls)
        kernel.add_no_capabilities(calls)
        if self._around.namespaces:
            kernel.add_filter(calls, self._filter)

    def finish(self) -> None:
        """Without namespaces: gives up files, and system calls that reach other processes.

        Raises OSError.
        """
        if self._around.namespaces:
            return
        kernel.forbid_inspection()
        kernel.landlock(self._around.read_only, policy.DEVICES)
        calls = kernel.Calls()
        program = kernel.seccomp_program(
            without=policy.LANDLOCK_FORBIDDEN_SYSCALLS, only_pid=os.getpid()
        )
        kernel.add_filter(calls, program)
        calls.make()
