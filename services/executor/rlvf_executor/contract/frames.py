"""Messages of judge and candidate on a stream socket: a 4-byte big-endian length, then the data."""

import _socket
import contextlib
import struct

_LENGTH = struct.Struct(">I")
_READ_BYTES = 1 << 16


class ChannelClosed(Exception):
    """The peer has gone, or sent something that is not a message."""


def pack(message: bytes) -> bytes:
    """One message with its length in front."""
    return _LENGTH.pack(len(message)) + message


def send(channel: _socket.socket, message: bytes) -> None:
    """Sends one message; raises ChannelClosed when nobody can read it."""
    # Not by way of `pack`: each function that a child calls costs it copied pages.
    try:
        channel.sendall(_LENGTH.pack(len(message)) + message)
    except OSError as error:
        raise ChannelClosed(str(error)) from None


def send_packed(channel: _socket.socket, packed: bytes) -> None:
    """Sends packed messages; raises ChannelClosed when nobody can read them."""
    try:
        channel.sendall(packed)
    except OSError as error:
        raise ChannelClosed(str(error)) from None


def send_end(channel: _socket.socket) -> None:
    """Says that no message follows; the peer's messages can still be read."""
    with contextlib.suppress(OSError):  # The peer has gone.
        channel.shutdown(_socket.SHUT_WR)


class Reader:
    """Receives messages; reads ahead, so that several small ones cost one system call."""

    def __init__(self, channel: _socket.socket) -> None:
        self._channel = channel
        self._data = bytearray()

    def receive(self, max_bytes: int) -> bytes:
        """Receives one message.

        Raises ChannelClosed at the end of the stream or when the message is over `max_bytes`.
        """
        self._fill(_LENGTH.size)
        (size,) = _LENGTH.unpack_from(self._data)
        if size > max_bytes:
            raise ChannelClosed(f"a message of {size} bytes")
        end = _LENGTH.size + size
        self._fill(end)
        message = bytes(self._data[_LENGTH.size : end])
        del self._data[:end]
        return message

    def _fill(self, size: int) -> None:
        data = self._data
        while len(data) < size:
            try:
                received = self._channel.recv(min(max(size - len(data), _READ_BYTES), 1 << 20))
            except OSError as error:
                raise ChannelClosed(str(error)) from None
            if not received:
                raise ChannelClosed("end of stream")
            data += received
