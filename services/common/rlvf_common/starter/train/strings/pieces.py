"""Taking texts apart at a mark and putting the pieces together."""

from rlvf_common.starter.candidate import Candidate


def host_of_address(address: str) -> str:
    """Return what stands after the last `@` of a mail address, in lower case.

    Without an `@` the whole text counts.

    >>> host_of_address("Ann@Example.ORG")
    'example.org'
    """
    return address.rsplit("@", 1)[-1].lower()


def check_host_of_address(candidate: Candidate) -> None:
    assert candidate("Ann@Example.ORG") == "example.org"
    assert candidate("bo@mail.de") == "mail.de"
    assert candidate('"a@b"@c.net') == "c.net"
    assert candidate("X@Y") == "y"
    assert candidate("x.y@z.W.v") == "z.w.v"
    assert candidate("LOCALHOST") == "localhost"
    assert candidate("root@") == ""


def file_ending(name: str) -> str:
    """Return the part of a file name after its last dot, or "" for a name without any dot.

    >>> file_ending("photo.old.png")
    'png'
    >>> file_ending("README")
    ''
    """
    return name.rpartition(".")[2] if "." in name else ""


def check_file_ending(candidate: Candidate) -> None:
    assert candidate("photo.old.png") == "png"
    assert candidate("README") == ""
    assert candidate("a.b") == "b"
    assert candidate("trailing.") == ""
    assert candidate(".profile") == "profile"
    assert candidate("x.tar.gz") == "gz"
    assert candidate("") == ""
    assert candidate("Page.HTML") == "HTML"


def without_brackets_at_ends(text: str) -> str:
    """Take one pair of square brackets off the text, but only if it has both of them.

    The first character must be `[` and the last one `]`; any other text comes back unchanged.

    >>> without_brackets_at_ends("[a]")
    'a'
    >>> without_brackets_at_ends("[a")
    '[a'
    """
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def check_without_brackets_at_ends(candidate: Candidate) -> None:
    assert candidate("[a]") == "a"
    assert candidate("[a") == "[a"
    assert candidate("a]") == "a]"
    assert candidate("[[x]]") == "[x]"
    assert candidate("[]") == ""
    assert candidate("") == ""
    assert candidate("plain") == "plain"
    assert candidate("a[b]c") == "a[b]c"
    assert candidate("[1][2]") == "1][2"


def spaced_out(text: str) -> str:
    """Return the characters of the text with one space between each two neighbors.

    Spaces that the text has already are left out first.

    >>> spaced_out("ab c")
    'a b c'
    """
    return " ".join(text.replace(" ", ""))


def check_spaced_out(candidate: Candidate) -> None:
    assert candidate("ab c") == "a b c"
    assert candidate("") == ""
    assert candidate("x") == "x"
    assert candidate("   ") == ""
    assert candidate("  hi  ") == "h i"
    assert candidate("a  b") == "a b"
    assert candidate("1-2") == "1 - 2"


def before_comment(line: str) -> str:
    """Return a line of code without its comment and without spaces at the end of the code.

    The comment begins at the first `#`. Spaces at the beginning stay.

    >>> before_comment("  x = 1  # one # two")
    '  x = 1'
    """
    return line.split("#")[0].rstrip()


def check_before_comment(candidate: Candidate) -> None:
    assert candidate("  x = 1  # one # two") == "  x = 1"
    assert candidate("# all of it") == ""
    assert candidate("y = 2") == "y = 2"
    assert candidate("y = 2   ") == "y = 2"
    assert candidate("") == ""
    assert candidate("    ## header") == ""
    assert candidate("a#b") == "a"


def second_half(text: str) -> str:
    """Return the second half of the text. In a text of odd length the middle belongs to it.

    >>> second_half("abcd")
    'cd'
    >>> second_half("abcde")
    'cde'
    """
    return text[len(text) // 2 :]


def check_second_half(candidate: Candidate) -> None:
    assert candidate("abcd") == "cd"
    assert candidate("abcde") == "cde"
    assert candidate("") == ""
    assert candidate("x") == "x"
    assert candidate("xy") == "y"
    assert candidate("xyz") == "yz"
    assert candidate("notebook") == "book"


def last_line_written(text: str) -> str:
    """Return the last line of the text that is not empty, or "" if there is no such line.

    A line of spaces only counts as empty. The line comes back as it is.

    >>> last_line_written("one\\n two\\n\\n")
    ' two'
    """
    return next((line for line in reversed(text.split("\n")) if line.strip()), "")


def check_last_line_written(candidate: Candidate) -> None:
    assert candidate("one\n two\n\n") == " two"
    assert candidate("") == ""
    assert candidate("\n\n") == ""
    assert candidate("only") == "only"
    assert candidate("a\n   \n") == "a"
    assert candidate("a\nb ") == "b "
    assert candidate("   ") == ""
    assert candidate("x\n\ny") == "y"


def insert_in_middle(outer: str, inner: str) -> str:
    """Put the inner text into the middle of the outer text.

    If the outer text has an odd length, its first part is the longer one.

    >>> insert_in_middle("<<>>", "hi")
    '<<hi>>'
    >>> insert_in_middle("abc", "-")
    'ab-c'
    """
    half = (len(outer) + 1) // 2
    return outer[:half] + inner + outer[half:]


def check_insert_in_middle(candidate: Candidate) -> None:
    assert candidate("<<>>", "hi") == "<<hi>>"
    assert candidate("abc", "-") == "ab-c"
    assert candidate("", "x") == "x"
    assert candidate("a", "b") == "ab"
    assert candidate("ab", "") == "ab"
    assert candidate("12345", "_") == "123_45"
    assert candidate("()", "()") == "(())"


def swap_around_colon(text: str) -> str:
    """Exchange what stands before and after the first colon, without spaces around the parts.

    A text without a colon comes back as it is.

    >>> swap_around_colon("left: right")
    'right: left'
    >>> swap_around_colon("a:b:c")
    'b:c: a'
    """
    if ":" not in text:
        return text
    before, _, after = text.partition(":")
    return f"{after.strip()}: {before.strip()}"


def check_swap_around_colon(candidate: Candidate) -> None:
    assert candidate("left: right") == "right: left"
    assert candidate("a:b:c") == "b:c: a"
    assert candidate("nothing") == "nothing"
    assert candidate(" kept as is ") == " kept as is "
    assert candidate("x  :  y") == "y: x"
    assert candidate(":z") == "z: "
    assert candidate("z:") == ": z"
    assert candidate("") == ""


def cut_at_word(text: str, limit: int) -> str:
    """Shorten the text to whole words so that at most `limit` characters remain.

    Words are separated by single spaces. Words are taken from the front as long as the text
    with them and the spaces between them fits. Stop at the first word that does not fit.

    >>> cut_at_word("the quick fox", 9)
    'the quick'
    >>> cut_at_word("the quick fox", 8)
    'the'
    """
    result = ""
    for word in text.split(" "):
        longer = f"{result} {word}" if result else word
        if len(longer) > limit:
            break
        result = longer
    return result


def check_cut_at_word(candidate: Candidate) -> None:
    assert candidate("the quick fox", 9) == "the quick"
    assert candidate("the quick fox", 8) == "the"
    assert candidate("the quick fox", 13) == "the quick fox"
    assert candidate("the quick fox", 12) == "the quick"
    assert candidate("the quick fox", 2) == ""
    assert candidate("the quick fox", 0) == ""
    assert candidate("", 5) == ""
    assert candidate("a long-word b", 5) == "a"
    assert candidate("one", 3) == "one"
    assert candidate("four", 3) == ""


def remove_echo(text: str, unit: str) -> str:
    """Where the unit stands several times directly in a row, keep it only once.

    The unit is never empty. Go through the text from left to right.

    >>> remove_echo("hahaha ha", "ha")
    'ha ha'
    """
    result = ""
    place = 0
    while place < len(text):
        if not text.startswith(unit, place):
            result += text[place]
            place += 1
            continue
        result += unit
        while text.startswith(unit, place):
            place += len(unit)
    return result


def check_remove_echo(candidate: Candidate) -> None:
    assert candidate("hahaha ha", "ha") == "ha ha"
    assert candidate("", "x") == ""
    assert candidate("xxxx", "x") == "x"
    assert candidate("abab-ab", "ab") == "ab-ab"
    assert candidate("none here", "zz") == "none here"
    assert candidate("xxxxx", "xx") == "xxx"
    assert candidate("a--b----c-", "--") == "a--b--c-"
    assert candidate("no no no", "no ") == "no no"


def split_into_sizes(text: str, sizes: list[int]) -> list[str]:
    """Cut the text from the front into pieces of the given sizes.

    If the text is longer than all sizes together, the rest becomes one more piece. If it is
    shorter, a piece may be short or empty, so that there is one piece for each size.

    >>> split_into_sizes("20240131", [4, 2])
    ['2024', '01', '31']
    >>> split_into_sizes("ab", [1, 2, 1])
    ['a', 'b', '']
    """
    pieces = []
    start = 0
    for size in sizes:
        pieces.append(text[start : start + size])
        start += size
    if start < len(text):
        pieces.append(text[start:])
    return pieces


def check_split_into_sizes(candidate: Candidate) -> None:
    assert candidate("20240131", [4, 2]) == ["2024", "01", "31"]
    assert candidate("ab", [1, 2, 1]) == ["a", "b", ""]
    assert candidate("", []) == []
    assert candidate("", [2]) == [""]
    assert candidate("abc", []) == ["abc"]
    assert candidate("abcd", [2, 2]) == ["ab", "cd"]
    assert candidate("abcd", [3, 0, 1]) == ["abc", "", "d"]
    assert candidate("abcdef", [1, 2]) == ["a", "bc", "def"]


def join_with_and(words: list[str]) -> str:
    """List the words as in an English sentence: commas, and "and" before the last word.

    Two words have no comma between them; with three or more there is none before "and".

    >>> join_with_and(["tea", "milk", "jam"])
    'tea, milk and jam'
    >>> join_with_and([])
    ''
    """
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def check_join_with_and(candidate: Candidate) -> None:
    assert candidate(["tea", "milk", "jam"]) == "tea, milk and jam"
    assert candidate([]) == ""
    assert candidate(["tea"]) == "tea"
    assert candidate(["tea", "milk"]) == "tea and milk"
    assert candidate(["a", "b", "c", "d"]) == "a, b, c and d"
    assert candidate(["x and y", "z"]) == "x and y and z"


def common_ending(first: str, second: str) -> str:
    """Return the longest text with which both texts end. Upper and lower case differ.

    >>> common_ending("walking", "Sing")
    'ing'
    >>> common_ending("cat", "dog")
    ''
    """
    size = 0
    while size < min(len(first), len(second)) and first[-1 - size] == second[-1 - size]:
        size += 1
    return first[len(first) - size :]


def check_common_ending(candidate: Candidate) -> None:
    assert candidate("walking", "Sing") == "ing"
    assert candidate("cat", "dog") == ""
    assert candidate("", "abc") == ""
    assert candidate("abc", "abc") == "abc"
    assert candidate("bc", "abc") == "bc"
    assert candidate("xaby", "zaby") == "aby"
    assert candidate("END", "end") == ""
    assert candidate("a-a", "b-a") == "-a"
    assert candidate("tall ball", "tool ball") == "l ball"
