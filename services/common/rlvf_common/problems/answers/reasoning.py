"""What a model says after it has thought."""

import re

__all__ = ["after_reasoning"]

_NAMES = "think|thinking|thought|thoughts|reasoning|reason|reflection|scratchpad|seed:think"
_OPENING = rf"(?:<(?:{_NAMES})>|\[THINK\]|◁think▷|<\|begin_of_thought\|>)"
_OPENS = re.compile(f"^{_OPENING}", re.MULTILINE | re.IGNORECASE)
_CLOSES = re.compile(
    rf"(?:</(?:{_NAMES})>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>)", re.IGNORECASE
)
_LONE_CLOSE = re.compile(
    rf"^{_CLOSES.pattern}|{_CLOSES.pattern}[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_MAX_CLOSINGS = 100
"""How many markers within lines are looked at."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_QUOTE = re.compile(r"(?<!\w)'|'(?!\w)|[\"`]")
_CHANNEL = re.compile(r"<\|channel\|>(\w+)[^\n<]*(?:<\|constrain\|>[^\n<]*)?<\|message\|>")
_END_OF_MESSAGE = re.compile(r"<\|(?:end|return|start|call)\|>")
_SPECIAL_TOKEN = re.compile(r"(?:<\|\w+\|>|</s>|<eos>|<end_of_turn>)\s*\Z")


def after_reasoning(answer: str) -> str:
    """The answer less its reasoning, a byte order mark, and the tokens that end a turn; "" where it
    was cut off while thinking.

    Reasoning stands between `<think>` and `</think>` or markers like these, that of reasoning
    models without the first, which their chat template writes; or in channels other than `final`.
    A marker that opens begins a line; one in the middle of a line is text about it. One that closes
    may stand behind the last sentence of the reasoning, and go on with the answer.
    """
    answer = answer.removeprefix("\ufeff").lstrip("\r\n")
    if channels := list(_CHANNEL.finditer(answer)):
        finals = [channel.end() for channel in channels if channel[1] == "final"]
        return _END_OF_MESSAGE.split(answer[finals[-1] :], maxsplit=1)[0] if finals else ""
    while token := _SPECIAL_TOKEN.search(answer):
        answer = answer[: token.start()]
    stripped = answer.lstrip()
    if _OPENS.match(stripped):
        answer = stripped
    position = 0
    parts: list[str] = []
    for opening in _OPENS.finditer(answer):
        if opening.start() < position:
            continue
        parts.append(answer[position : opening.start()])
        closing = _CLOSES.search(answer, opening.end())
        position = len(answer) if closing is None else closing.end()
    rest = "".join([*parts, answer[position:]])
    if lone := list(_LONE_CLOSE.finditer(rest)):
        return rest[lone[-1].end() :]
    for closing in reversed(list(_CLOSES.finditer(rest))[-_MAX_CLOSINGS:]):
        if _ends_reasoning(rest, closing):
            return rest[closing.end() :]
    return rest


def _ends_reasoning(text: str, closing: re.Match[str]) -> bool:
    """Whether a marker within a line stands behind a sentence or glued to words on both sides, and
    not in code, in quotes, or behind the marker that opens."""
    before, after = text[: closing.start()], text[closing.end() :]
    line = before.rpartition("\n")[2]
    is_quoted = len(_QUOTE.findall(line)) % 2 or len(_FENCE.findall(before)) % 2
    if is_quoted or re.search(_OPENING, line, re.IGNORECASE):
        return False
    return line.rstrip()[-1:] in tuple(".!?:;)") or not (line[-1:] + after[:1]).count(" ")
