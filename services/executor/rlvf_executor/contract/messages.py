"""The first byte of each message between a judge and its candidate: its kind.

A request names an object of the candidate's process by a number of 8 bytes, big-endian: 0 is the
entry point; the candidate assigns the others in its answers (`wire.py`, references).
"""

import struct

from rlvf_executor.contract import policy

NUMBER = struct.Struct(">q")
ENTRY_POINT = 0

# Judge to candidate.
CALL = b"C"  # Number; the encoded pair (positional arguments, keyword arguments).
GET = b"G"  # The encoded name of a global.
READ = b"A"  # Number; the encoded name of an attribute.
NEXT = b"N"  # Number of an iterator; the encoded number of items wanted.
WRITE = b"S"  # Number; the encoded pair (name of an attribute, value).
# Candidate to judge.
READY = b"R"  # The source has run and defines the entry point. No payload.
VALUE = b"V"  # The encoded result of a call; for `NEXT` a list, which is empty at the end.
RAISED = b"X"  # The encoded record of an exception (`raised.py`): a call raised.
NOT_DATA = b"P"  # An encoded sentence: the result of a call cannot be sent in any form.
BROKEN = b"E"  # An encoded sentence: the program does not define the name, or does not run.
NO_MEMORY = b"M"  # The program ran out of memory. No payload.

MAX_MESSAGE_BYTES = policy.MAX_VALUE_BYTES + 1024
# A candidate's first message is READY, NO_MEMORY or a sentence.
MAX_FIRST_BYTES = 4 * policy.MAX_DETAIL_CHARACTERS + 1024
