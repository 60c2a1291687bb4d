"""Judges by inputs with expected values, such as those of HumanEval+ and MBPP+.

Inputs are sent ahead of the answers, so that a suite of a thousand small cases does not wait a
thousand times for the other process. The answers are judged in order, up to the first wrong one.
"""

import base64
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType

from rlvf_executor.contract import frames, messages, policy, wire
from rlvf_executor.contract.report import BAD_TEST, ERROR, FAILED, PASSED, BadTest, Report
from rlvf_executor.contract.rules import Comparison, Rule
from rlvf_executor.judge import caller_code, calls_ahead, literals
from rlvf_executor.judge.caller_code import shorten
from rlvf_executor.judge.calls_ahead import Forecast
from rlvf_executor.judge.comparison import agrees
from rlvf_executor.judge.remote import Session
from rlvf_executor.judge.value_digests import Digest

INPUTS_FIELD = "cases.inputs"
EXPECTED_FIELD = "cases.expected"
ORACLE_FIELD = "cases.oracle_source"

# Exceptions of `==` of plain data if it has no answer: for arrays in a deque, a signaling NaN.
_NO_ANSWER = (RecursionError, ArithmeticError, TypeError, ValueError, wire.NotPlainData)

# An expected value of more bytes than this is kept as a digest: the expected values of HumanEval/15
# take 147 MB together, too much to send and keep.
_DIGEST_ABOVE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Cases:
    """Parsed cases. Inputs are kept as they are sent, expected values as they are compared."""

    entry_point: str
    calls: tuple[bytes, ...]
    expected: tuple[object, ...]
    rule: Rule
    oracle_source: str
    oracle_code: CodeType | None

    def is_closed(self) -> bool:
        """Whether judging leaves nothing behind in its process."""
        return self.oracle_code is None or caller_code.are_closed((self.oracle_source,), ())

    def calls_ahead(self) -> Forecast:
        """None, because `judge` itself sends all its calls ahead."""
        return calls_ahead.NOTHING

    def cases(self) -> int:
        """The number of inputs."""
        return len(self.calls)

    def judge(self, session: Session) -> Report:
        """Calls the candidate with each input and judges each answer."""
        session.tally.at_case = True
        for found in self._reports(session, 0):
            if found is not None:
                return found
            session.tally.passed += 1
        return Report(PASSED)

    def count(self, session: Session, first: int) -> None:
        """Calls the candidate with each input from `first` on, and counts the right answers."""
        for found in self._reports(session, first):
            session.tally.passed += found is None

    def _reports(self, session: Session, first: int) -> Iterator[Report | None]:
        """What is wrong with each case from `first` on; None for one that is right."""
        oracle = None
        if self.oracle_code is not None:
            namespace: dict[str, object] = {}
            try:
                exec(self.oracle_code, namespace)
            except BaseException as error:
                reason = f"does not run: {caller_code.exception_line(error)}"
                yield Report(BAD_TEST, f"{ORACLE_FIELD}: {reason}")
                return
            oracle = namespace.get("check")
            if not callable(oracle):
                reason = "does not define check(arguments, output, expected)"
                yield Report(BAD_TEST, f"{ORACLE_FIELD}: {reason}")
                return
        session.wait_until_ready()
        under_way: deque[int] = deque()
        sent = first
        for index in range(first, len(self.expected)):
            expected = self.expected[index]
            sent += self._send_ahead(session, under_way, sent)
            try:
                output = session.answer()
            except Exception as error:
                under_way.popleft()
                yield self._raised(index, error)
                continue
            under_way.popleft()
            if oracle is not None:
                yield self._ask(oracle, session, index, output, expected)
            else:
                yield self._compare(session, index, output, expected)

    def _send_ahead(self, session: Session, under_way: deque[int], first: int) -> int:
        """Sends as many calls from `first` on as may be under way; returns how many.

        A call that is larger than the limit is sent when nothing else is under way, because the
        candidate is reading then.
        """
        batch: list[bytes] = []
        room = calls_ahead.MAX_BYTES - sum(under_way)
        for call in self.calls[first : first + calls_ahead.MAX_CALLS - len(under_way)]:
            if len(call) > room and (under_way or batch):
                break
            batch.append(call)
            room -= len(call)
        if batch:
            session.post(b"".join(batch), len(batch))
            under_way.extend(map(len, batch))
        return len(batch)

    def _compare(
        self, session: Session, index: int, output: object, expected: object
    ) -> Report | None:
        try:
            if isinstance(expected, Digest):
                right = expected.is_of(output)
            else:
                right = agrees(output, expected, self.rule)
        except _NO_ANSWER as error:
            if error is session.raised:
                return self._raised(index, error)
            right = False
        except Exception as error:  # Raised by an iterator of the candidate.
            if error is not session.raised:
                raise
            return self._raised(index, error)
        return None if right else self._wrong(index, output, expected)

    def _ask(
        self, oracle: object, session: Session, index: int, output: object, expected: object
    ) -> Report | None:
        # Copies, so that a case cannot change what a later grading of this test sees.
        arguments, own_expected = _decode_call(self.calls[index]), _copy(expected)
        try:
            answer = oracle(arguments, output, own_expected)  # type: ignore[operator]
        except BaseException as error:
            report = caller_code.report_of(error, session, ORACLE_FIELD, self.oracle_source)
            return report._replace(detail=f"inputs[{index}]: {self._call(index)}: {report.detail}")
        if session.stopped is not None:
            return session.stopped
        return None if answer is True else self._wrong(index, output, expected)

    def _raised(self, index: int, error: Exception) -> Report:
        reason = f"the program raised {caller_code.exception_line(error)}"
        return Report(ERROR, f"inputs[{index}]: {self._call(index)}: {reason}")

    def _wrong(self, index: int, output: object, expected: object) -> Report:
        wanted = expected.text if isinstance(expected, Digest) else shorten(expected)
        if self.oracle_code is not None:
            wanted = f"what the oracle accepts ({wanted})"
        elif self.rule.comparison is Comparison.NOT_NONE:
            wanted = "None" if expected is None else "something"
        detail = f"{self._call(index)} returned {shorten(output)}, expected {wanted}"
        return Report(FAILED, f"inputs[{index}]: {detail}")

    def _call(self, index: int) -> str:
        arguments = _decode_call(self.calls[index])
        shown = ", ".join(shorten(argument) for argument in arguments[:8])
        return f"{self.entry_point}({shown}{', ...' if len(arguments) > 8 else ''})"


def pack_expected(value: object, *, with_digests: bool) -> tuple[object, ...]:
    """The form in which an expected value is kept: a copy, or the digest of a large one.

    Raises:
        NotPlainData: it is not plain data.
    """
    encoded = wire.encode(value)
    if with_digests and len(encoded) > _DIGEST_ABOVE_BYTES:
        return tuple(Digest.of(value, shorten(value)))
    # A copy, because the kept value must not change when the program continues.
    return (wire.decode(encoded),)


def decode_expected(encoded: bytes) -> list[object]:
    """The expected values in an encoded list of what `pack_expected` made."""
    packed = wire.decode(encoded, max_depth=policy.MAX_VALUE_DEPTH + 2)
    assert isinstance(packed, list)
    return [one[0] if len(one) == 1 else Digest(*one) for one in packed]


def as_received(arguments: tuple[object, ...]) -> tuple[object, ...]:
    """The arguments of a call as a candidate receives them. Raises NotPlainData."""
    return _decode_call(calls_ahead.pack_call(arguments))


def _decode_call(call: bytes) -> tuple[object, ...]:
    start = len(frames.pack(messages.CALL)) + messages.NUMBER.size
    decoded = wire.decode_from_judge(call[start:])
    assert isinstance(decoded, tuple)
    arguments: tuple[object, ...] = decoded[0]
    return arguments


def _copy(value: object) -> object:
    return wire.decode(wire.encode(value))


def parse_inputs(inputs: Sequence[str]) -> list[tuple[object, ...]]:
    """Reads inputs. Raises BadTest naming the one at fault."""
    parsed = []
    for index, text in enumerate(inputs):
        value = _parse(text, f"{INPUTS_FIELD}[{index}]")
        if not isinstance(value, tuple):
            raise BadTest(
                f"{INPUTS_FIELD}[{index}]", "must be a tuple of arguments, such as (1,) or ([1], 2)"
            )
        parsed.append(value)
    return parsed


def _parse(text: str, field: str) -> object:
    try:
        return literals.parse(text)
    except literals.BadLiteral as error:
        raise BadTest(field, f"is not a Python literal: {error}") from None


def prepare(
    entry_point: str,
    inputs: Sequence[str],
    expected: Sequence[str] | None,
    encoded_expected: str | None,
    rule: Sequence[object],
    oracle_source: str,
) -> Cases:
    """Parses a test.

    Expected values are literals (`expected`), or base64 of the encoding of `reference_program.py`
    (`encoded_expected`), or absent. `rule` is a `Rule` as decoded from JSON.

    Raises:
        BadTest: something does not parse, or cannot be sent.
    """
    calls = []
    for index, arguments in enumerate(parse_inputs(inputs)):
        try:
            calls.append(calls_ahead.pack_call(arguments))
        except wire.NotPlainData as error:
            raise BadTest(f"{INPUTS_FIELD}[{index}]", f"cannot be sent: {error}") from None
    wanted: list[object] = [None] * len(calls)
    if encoded_expected is not None:
        wanted = decode_expected(base64.b64decode(encoded_expected))
    elif expected is not None:
        wanted = [_parse(text, f"{EXPECTED_FIELD}[{index}]") for index, text in enumerate(expected)]
    code = caller_code.compile_source(oracle_source, ORACLE_FIELD) if oracle_source else None
    return Cases(entry_point, tuple(calls), tuple(wanted), Rule.read(rule), oracle_source, code)
