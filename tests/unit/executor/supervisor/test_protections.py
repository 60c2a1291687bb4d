"""What a slot says of its protections."""

import pytest

from rlvf_executor.supervisor import cgroups, protections


def test_slots_that_lack_the_same_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server refuses slots that differ, and each is a process of its own."""

    def no_folder(name: str) -> cgroups.Group:
        raise FileNotFoundError(2, "No such file or directory", f"/sys/fs/cgroup/memory/{name}")

    monkeypatch.setattr(cgroups, "make", no_folder)
    monkeypatch.setattr(cgroups, "remove_stale", lambda: None)
    said = {protections._why_no_cgroup(f"{cgroups.PREFIX}{process}") for process in (15, 23)}
    assert said == {"[Errno 2] No such file or directory: '/sys/fs/cgroup/memory/rlvf-executor-*'"}
