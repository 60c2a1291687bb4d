"""The cache of all processes keeps count of its bytes."""

from rlvf_executor.contract.cache import Cache


def test_a_value_that_is_kept_again_counts_once() -> None:
    cache: Cache[str] = Cache(10)
    cache.keep(b"a", "first", 8)
    cache.keep(b"a", "second", 8)
    assert cache[b"a"] == "second"
    cache.keep(b"b", "b", 8)
    cache.keep(b"c", "c", 1)
    assert b"a" not in cache
    assert (cache[b"b"], cache[b"c"]) == ("b", "c")


def test_the_least_recently_used_makes_room() -> None:
    cache: Cache[int] = Cache(10)
    for name in (b"a", b"b"):
        cache.keep(name, 0, 4)
    cache.keep(b"a", 1, 5)
    cache.keep(b"c", 2, 5)
    assert b"b" not in cache
    assert (cache[b"a"], cache[b"c"]) == (1, 2)


def test_a_value_larger_than_the_cache_is_not_kept() -> None:
    cache: Cache[int] = Cache(10)
    cache.keep(b"a", 0, 11)
    assert b"a" not in cache
    cache.keep(b"b", 0, 10)
    assert b"b" in cache
