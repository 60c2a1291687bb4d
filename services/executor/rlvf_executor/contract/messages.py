"""The first byte of each message between a judge and its candidate.

A request names an object of the candidate's process by its number, 8 bytes, big-endian: 0 is the
entry point, every other one was given out by the candidate in an answer (`wire.py`, references).
"""

import struct

from rlvf_executor.contract import policy

NUMBER = struct.Struct(">q")
ENTRY_POINT = 0

# Judge to candidate.
CALL = b"C"  # Number; the encoded pair (positional arguments, keyword arguments).
GET = b"G"  # The encoded name of a global.
READ = b"A"  # Number; the encoded name of an attribute.
NEXT = b"N"  # Number, of an iterator; the encoded number of items that are wanted.
WRITE = b"S"  # Number; the encoded pair (name of an attribute, value).
# Candidate to judge.
READY = b"R"  # Its source has run and the entry point is there. No payload.
VALUE = b"V"  # The encoded result of a call; to `NEXT` a list, which is empty at the end.
RAISED = b"X"  # The encoded record of an exception (`raised.py`): a call raised.
NOT_DATA = b"P"  # An encoded sentence: the result of a call cannot be sent at all.
BROKEN = b"E"  # An encoded sentence: the program lacks what is asked for, or does not run.
NO_MEMORY = b"M"  # No payload: it ran out of memory.

MAX_MESSAGE_BYTES = policy.MAX_VALUE_BYTES + 1024
# A candidate's first message is READY, NO_MEMORY or a sentence.
MAX_FIRST_BYTES = 4 * policy.MAX_DETAIL_CHARACTERS + 1024
