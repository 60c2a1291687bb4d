"""Messages on a stream socket: a 4-byte big-endian length, then that many bytes."""

import socket
import struct

_LENGTH = struct.Struct(">I")


class ChannelClosed(Exception):
    """The other side is gone, or sent something that is not a message."""


def send(channel: socket.socket, message: bytes) -> None:
    """Sends one message; raises ChannelClosed when nobody can read it."""
    try:
        channel.sendall(_LENGTH.pack(len(message)) + message)
    except OSError as error:
        raise ChannelClosed(str(error)) from None


def receive(channel: socket.socket, *, max_bytes: int) -> bytes:
    """Receives one message.

    Raises ChannelClosed at the end of the stream or when it is too long.
    """
    (size,) = _LENGTH.unpack(_receive_exactly(channel, 4))
    if size > max_bytes:
        raise ChannelClosed(f"a message of {size} bytes")
    return _receive_exactly(channel, size)


def _receive_exactly(channel: socket.socket, size: int) -> bytes:
    try:
        data = channel.recv(size) if size else b""
        if len(data) == size:
            return data
        parts = bytearray(data)
        while data and len(parts) < size:
            data = channel.recv(min(size - len(parts), 1 << 20))
            parts += data
    except OSError as error:
        raise ChannelClosed(str(error)) from None
    if len(parts) < size:
        raise ChannelClosed("end of stream")
    return bytes(parts)
