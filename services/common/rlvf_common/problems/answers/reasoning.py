"""Removes a model's reasoning from its answer."""

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
"""Maximum number of markers within lines that are checked."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_QUOTE = re.compile(r"(?<!\w)'|'(?!\w)|[\"`]")
_CHANNEL = re.compile(r"<\|channel\|>(\w+)[^\n<]*(?:<\|constrain\|>[^\n<]*)?<\|message\|>")
_END_OF_MESSAGE = re.compile(r"<\|(?:end|return|start|call)\|>")
_SPECIAL_TOKEN = re.compile(r"(?:<\|\w+\|>|</s>|<eos>|<end_of_turn>)\s*\Z")


def after_reasoning(answer: str) -> str:
    """The answer without its reasoning, a byte order mark, and end-of-turn tokens; "" if it was cut
    off in the reasoning.

    Reasoning is between `<think>` and `</think>` or similar markers, or in channels other than
    `final`. The opening marker may be missing, because the chat template of reasoning models writes
    it. It must be at the beginning of a line, because in the middle of a line it is text about it.
    A closing marker may follow the last sentence of the reasoning, and precede the answer on its
    line.
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
    """Whether a marker within a line follows a sentence, or touches words on both sides, and is not
    in code, in quotes, or after the opening marker."""
    before, after = text[: closing.start()], text[closing.end() :]
    line = before.rpartition("\n")[2]
    is_quoted = len(_QUOTE.findall(line)) % 2 or len(_FENCE.findall(before)) % 2
    if is_quoted or re.search(_OPENING, line, re.IGNORECASE):
        return False
    return line.rstrip()[-1:] in tuple(".!?:;)") or not (line[-1:] + after[:1]).count(" ")
