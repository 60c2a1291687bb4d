"""Random messages of any descriptor, and random bytes in their place."""

import json
import math
from collections.abc import Sequence
from random import Random
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from rlvf.artifact.v1 import artifact_pb2

__all__ = ["contents", "random_message", "wire"]

_DEEPEST = 5
_MANY = 2_000
_INTEGERS = (0, 1, -1, 2, 7, 100, 1 << 16, (1 << 31) - 1, -(1 << 31), (1 << 63) - 1, -(1 << 63))
_FLOATS = (0.0, 1.0, -1.0, 0.5, 1e-300, 1e300, math.inf, -math.inf, math.nan)
_WORDS = (
    "",
    "a",
    "humaneval",
    "starter",
    "HumanEval/0",
    "    return 1\n",
    "def f():\n    return 1\n",
    "print(1)",
    "chat",
    "sha256:" + "0" * 64,
    "../../etc/passwd",
    "https://example.org",
    "s3://rlvf/blobs/sha256/" + "0" * 64,
    "s3://rlvf/quotas/x",
    "operations/evaluator/x",
    "\0",
    "\N{SNOWMAN}" * 200,
    "\N{RIGHT-TO-LEFT OVERRIDE}abc",
    "x" * 5_000,
)
_INTEGER_RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(1 << 31), (1 << 31) - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(1 << 63), (1 << 63) - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, (1 << 32) - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, (1 << 64) - 1),
}


# Values with which requests get through the first checks.
_PLAUSIBLE: dict[str, Sequence[Any]] = {
    "base": ("m",),
    "base_model": ("m", "/nowhere"),
    "benchmark": ("humaneval", "starter"),
    "caller": ("fuzz",),
    "completion": ("    return 1\n",),
    "entry_point": ("f",),
    "k": (1, 2),
    "max_tokens": (16,),
    "media_type": ("application/jsonl",),
    "name": ("a", "b"),
    "names": ("humaneval",),
    "prompt_style": (1, 2),
    "request_id": ("r-1", "r-2", ""),
    "samples_per_problem": (1, 2),
    "size": (1, 2, 3),
    "source": ("print(1)",),
    "task_id": ("HumanEval/0", "HumanEval/1"),
    "temperature": (0.8,),
}


def random_message(
    random: Random,
    kind: Descriptor,
    artifacts: Sequence[artifact_pb2.ArtifactRef],
    *,
    plausible: bool = False,
    depth: int = 0,
) -> Message:
    """A message with some of its fields set; references are mostly those of `artifacts`. A
    plausible one has few fields but those that requests need."""
    if kind.full_name == "rlvf.artifact.v1.ArtifactRef" and artifacts and random.random() < 0.8:
        return random.choice(artifacts)
    message = GetMessageClass(kind)()
    for field in kind.fields:
        needed = field.name in _PLAUSIBLE or field.message_type is not None
        left_out = (0.05 if needed else 0.9) if plausible else 0.3
        if random.random() < left_out or depth > _DEEPEST:
            continue
        if field.message_type and field.message_type.GetOptions().map_entry:
            continue
        if field.is_repeated:
            many = field.message_type is None and random.random() < 0.02
            for _ in range(_MANY if many else random.randrange(4)):
                _add(random, message, field, artifacts, plausible, depth)
        elif field.message_type is not None:
            value = random_message(
                random, field.message_type, artifacts, plausible=plausible, depth=depth + 1
            )
            getattr(message, field.name).CopyFrom(value)
        else:
            setattr(message, field.name, _scalar(random, field, plausible))
    return message


def _add(
    random: Random,
    message: Message,
    field: FieldDescriptor,
    artifacts: Sequence[artifact_pb2.ArtifactRef],
    plausible: bool,
    depth: int,
) -> None:
    values = getattr(message, field.name)
    if field.message_type is not None:
        value = random_message(
            random, field.message_type, artifacts, plausible=plausible, depth=depth + 1
        )
        values.add().CopyFrom(value)
    else:
        values.append(_scalar(random, field, plausible))


def _scalar(random: Random, field: FieldDescriptor, plausible: bool) -> Any:
    if plausible and _PLAUSIBLE.get(field.name):
        try:
            assert field.containing_type is not None
            probe = GetMessageClass(field.containing_type)()
            value = random.choice(_PLAUSIBLE[field.name])
            if not field.is_repeated:
                setattr(probe, field.name, value)
            return value
        except (TypeError, ValueError):
            pass  # A field of that name and another type.
    kind = field.cpp_type
    if kind in _INTEGER_RANGES:
        low, high = _INTEGER_RANGES[kind]
        return min(high, max(low, random.choice(_INTEGERS)))
    if kind in (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE):
        return random.choice(_FLOATS)
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return random.random() < 0.5
    if field.enum_type is not None:
        return random.choice([*field.enum_type.values_by_number, 99])
    word = random.choice(_WORDS)
    return word if field.type == FieldDescriptor.TYPE_STRING else word.encode()


def wire(random: Random, message: Message) -> bytes:
    """The message's bytes: mostly as they are, else damaged, or others altogether."""
    data = bytearray(message.SerializeToString())
    fate = random.random()
    if fate < 0.1:
        return random.randbytes(random.randrange(200))
    if fate < 0.3 and data:
        for _ in range(random.randrange(1, 4)):
            data[random.randrange(len(data))] = random.randrange(256)
        if random.random() < 0.5:
            del data[random.randrange(len(data)) :]
    return bytes(data)


_SAMPLES = b"".join(
    json.dumps({"task_id": f"HumanEval/{task}", "completion": "    return 1\n"}).encode() + b"\n"
    for task in range(5)
)
_RESULT = json.dumps(
    {
        "benchmark": "humaneval",
        "calibration": {},
        "results": [{"task_id": "HumanEval/0", "sample": 0, "verdict": "passed"}],
    }
).encode()
_PROBLEM = (
    json.dumps(
        {
            "task_id": "own/1",
            "prompt": "def f(x):\n",
            "entry_point": "f",
            "canonical_solution": "    return x\n",
            "test": "def check(candidate):\n    assert candidate(1) == 1\n",
        }
    ).encode()
    + b"\n"
)
_PAIR = json.dumps({"prompt": "p", "chosen": "a", "rejected": "b", "task_id": "own/1"}).encode()
_MANIFEST = json.dumps({"files": {".": {"sha256": "0" * 64, "size_bytes": 1}}}).encode()
_SEEDS = (_SAMPLES, _RESULT, _PROBLEM, _PAIR, _MANIFEST, b"", b"[]", b"\n" * 200_000, b"\x1f\x8b")


def contents(random: Random, count: int) -> list[tuple[bytes, str]]:
    """Contents of artifacts with their media types: what services read, whole and damaged."""
    found = []
    for number in range(count):
        data = bytearray(_SEEDS[number % len(_SEEDS)])
        if number >= len(_SEEDS) and data:
            for _ in range(random.randrange(1, 6)):
                data[random.randrange(len(data))] = random.randrange(256)
            if random.random() < 0.3:
                del data[random.randrange(len(data)) :]
        media_types: tuple[str, ...] = ("application/jsonl", "application/json")
        if data.startswith(b'{"files"'):
            media_types = ("application/vnd.rlvf.directory+json",)
        found.append((bytes(data), random.choice(media_types)))
    return found
