"""What a model says after it has thought."""

import re

__all__ = ["after_reasoning"]

_NAMES = "think|thinking|thought|thoughts|reasoning|reason|reflection|scratchpad|seed:think"
_OPENS = re.compile(
    rf"^(?:<({_NAMES})>|\[(THINK)\]|(◁think▷)|<\|(begin_of_thought)\|>)",
    re.MULTILINE | re.IGNORECASE,
)
_CLOSES = re.compile(
    rf"(?:</(?:{_NAMES})>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>)", re.IGNORECASE
)
_LONE_CLOSE = re.compile(
    rf"^{_CLOSES.pattern}|{_CLOSES.pattern}[ \t]*$", re.MULTILINE | re.IGNORECASE
)
_CHANNEL = re.compile(r"<\|channel\|>(\w+)[^\n<]*(?:<\|constrain\|>[^\n<]*)?<\|message\|>")
_END_OF_MESSAGE = re.compile(r"<\|(?:end|return|start|call)\|>")
_SPECIAL_TOKEN = re.compile(r"(?:<\|\w+\|>|</s>|<eos>|<end_of_turn>)\s*\Z")


def after_reasoning(answer: str) -> str:
    """The answer less its reasoning, a byte order mark, and the tokens that end a turn; "" where it
    was cut off while thinking.

    Reasoning stands between `<think>` and `</think>` or markers like these, that of reasoning
    models without the first, which their chat template writes; or in channels other than `final`.
    A marker that opens begins a line; one in the middle of a line is text about it.
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
        rest = rest[lone[-1].end() :]
    return rest
