"""Bytes of messages that a caller has in hand."""

import asyncio

import pytest

from rlvf_api.errors import ResourceExhausted
from rlvf_common.rpc.in_flight import InHand


async def _settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_messages_wait_in_their_order_until_there_is_room() -> None:
    in_hand = InHand(10)
    await in_hand.take("team", 6)
    large = asyncio.ensure_future(in_hand.take("team", 5))
    small = asyncio.ensure_future(in_hand.take("team", 1))
    await asyncio.wait_for(in_hand.take("other", 10), 10)
    await _settle()
    assert not large.done()
    assert not small.done()  # Else large messages would wait for ever.
    in_hand.give_back("team", 6)
    await asyncio.gather(large, small)


async def test_one_message_has_room_however_large_it_is() -> None:
    in_hand = InHand(10)
    await in_hand.take("team", 30)
    next_one = asyncio.ensure_future(in_hand.take("team", 30))
    await _settle()
    assert not next_one.done()
    in_hand.give_back("team", 30)
    await next_one


@pytest.mark.parametrize("granted", [False, True])
async def test_a_message_that_is_cancelled_keeps_no_room(granted: bool) -> None:
    in_hand = InHand(10)
    await in_hand.take("team", 10)
    gone = asyncio.ensure_future(in_hand.take("team", 10))
    after = asyncio.ensure_future(in_hand.take("team", 10))
    await _settle()
    if granted:  # At the same moment.
        in_hand.give_back("team", 10)
        gone.cancel()
    else:
        gone.cancel()
        await _settle()
        in_hand.give_back("team", 10)
    await after
    in_hand.give_back("team", 10)
    assert not in_hand._hands


async def test_a_call_is_refused_where_a_stream_would_wait() -> None:
    in_hand = InHand(10)
    with in_hand.counted("team", 6, bounded=True):
        with (
            pytest.raises(ResourceExhausted, match="team has requests of 6 bytes"),
            in_hand.counted("team", 5, bounded=True),
        ):
            pass
        with in_hand.counted("team", 5, bounded=False), in_hand.counted("other", 5, bounded=True):
            pass
    with in_hand.counted("team", 10, bounded=True):
        pass
    assert not in_hand._hands
