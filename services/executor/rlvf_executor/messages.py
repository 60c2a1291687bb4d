"""The first byte of each message between a judge and its candidate."""

from rlvf_executor import policy

# Judge to candidate: the encoded pair (positional arguments, keyword arguments).
CALL = b"C"
# Candidate to judge.
READY = b"R"  # Its source has run and the entry point is there. No payload.
VALUE = b"V"  # The encoded result of a call.
RAISED = b"X"  # The encoded pair (exception class, message): a call raised.
NOT_DATA = b"P"  # An encoded sentence: the result of a call is not plain data.
BROKEN = b"E"  # An encoded sentence: the source does not run, so that there is nothing to call.
NO_MEMORY = b"M"  # No payload: it ran out of memory.

MAX_MESSAGE_BYTES = policy.MAX_VALUE_BYTES + 1024
