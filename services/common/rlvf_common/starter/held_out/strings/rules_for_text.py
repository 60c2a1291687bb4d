"""Texts that are worked through letter by letter or line by line."""

from rlvf_common.starter.candidate import Candidate


def typed_with_caps_lock(keys: str) -> str:
    """Each character of the keys is a key that is pressed. The key ^ is caps lock: it types
    nothing, but switches capital letters on, or off again. They are off at first.

    Return the text that is typed. All letters among the keys are lower-case letters.

    >>> typed_with_caps_lock("a^bc^d")
    'aBCd'
    >>> typed_with_caps_lock("no. 1")
    'no. 1'
    """
    text = ""
    capitals = False
    for key in keys:
        if key == "^":
            capitals = not capitals
        elif capitals:
            text += key.upper()
        else:
            text += key
    return text


def check_typed_with_caps_lock(candidate: Candidate) -> None:
    assert candidate("a^bc^d") == "aBCd"
    assert candidate("no. 1") == "no. 1"
    assert candidate("") == ""
    assert candidate("^") == ""
    assert candidate("^hi") == "HI"
    assert candidate("x^^y") == "xy"
    assert candidate("^a^b^c") == "AbC"
    assert candidate("go ^now^^^ ok") == "go NOW ok"


def turns_of_letter_wheel(word: str) -> int:
    """A wheel has the letters a to z in a circle, so that a comes after z. It shows a at first.

    To write a letter, the wheel is turned to it, in the direction that needs fewer steps; one
    step goes from a letter to the next or to the one before. Return how many steps the whole
    word needs. It has only lower-case letters.

    >>> turns_of_letter_wheel("cat")
    11
    >>> turns_of_letter_wheel("zz")
    1
    """
    steps = 0
    shown = "a"
    for letter in word:
        distance = abs(ord(letter) - ord(shown))
        steps += min(distance, 26 - distance)
        shown = letter
    return steps


def check_turns_of_letter_wheel(candidate: Candidate) -> None:
    assert candidate("cat") == 11
    assert candidate("zz") == 1
    assert candidate("") == 0
    assert candidate("a") == 0
    assert candidate("n") == 13
    assert candidate("o") == 12
    assert candidate("az") == 1
    assert candidate("mama") == 48
    assert candidate("yb") == 5


def rhyme_scheme(lines: list[str]) -> str:
    """Describe which lines of a poem rhyme: two lines rhyme if their last two characters are
    equal. Every line has at least two characters.

    The first line gets the letter A. Each further line gets the letter of the lines it rhymes
    with or, if there are none before it, the next letter of the alphabet that is not used yet.

    >>> rhyme_scheme(["the cat", "a dog", "my hat", "no fog"])
    'ABAB'
    >>> rhyme_scheme(["one", "two", "six"])
    'ABC'
    """
    letters: dict[str, str] = {}
    scheme = ""
    for line in lines:
        ending = line[-2:]
        if ending not in letters:
            letters[ending] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[len(letters)]
        scheme += letters[ending]
    return scheme


def check_rhyme_scheme(candidate: Candidate) -> None:
    assert candidate(["the cat", "a dog", "my hat", "no fog"]) == "ABAB"
    assert candidate(["one", "two", "six"]) == "ABC"
    assert candidate([]) == ""
    assert candidate(["alone"]) == "A"
    assert candidate(["so", "so", "so"]) == "AAA"
    assert candidate(["ran", "led", "bed", "fan", "cup"]) == "ABBAC"
    assert candidate(["aab", "bab", "bb", "aab"]) == "AABA"
    assert candidate(["up", "in", "up", "on", "in"]) == "ABACB"


def lines_of_block(text: str) -> list[str]:
    """The text consists of small letters and curly braces, which are balanced, such as "a{b}".

    Write every letter on a line of its own. A letter has two spaces before it for each pair of
    braces around it. The braces themselves are not written. Return the lines.

    >>> lines_of_block("a{b{c}d}e")
    ['a', '  b', '    c', '  d', 'e']
    >>> lines_of_block("{}")
    []
    """
    lines = []
    depth = 0
    for char in text:
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
        else:
            lines.append("  " * depth + char)
    return lines


def check_lines_of_block(candidate: Candidate) -> None:
    assert candidate("a{b{c}d}e") == ["a", "  b", "    c", "  d", "e"]
    assert candidate("{}") == []
    assert candidate("") == []
    assert candidate("xy") == ["x", "y"]
    assert candidate("{a}{b}") == ["  a", "  b"]
    assert candidate("{{z}}") == ["    z"]
    assert candidate("p{}q{r}") == ["p", "q", "  r"]


def word_after_whispers(word: str, changes: list[tuple[int, str]]) -> str:
    """Children whisper a word from ear to ear. Each of them may change it once.

    A change is a place, counted from 0, and a text: the letter at that place is replaced by the
    text, which may be empty or have several letters. A change at a place that the word does not
    have at that moment is ignored. Places are never negative. Return the word at the end.

    >>> word_after_whispers("cat", [(0, "b"), (2, "ll")])
    'ball'
    >>> word_after_whispers("go", [(2, "t")])
    'go'
    """
    for place, text in changes:
        if place < len(word):
            word = word[:place] + text + word[place + 1 :]
    return word


def check_word_after_whispers(candidate: Candidate) -> None:
    assert candidate("cat", [(0, "b"), (2, "ll")]) == "ball"
    assert candidate("go", [(2, "t")]) == "go"
    assert candidate("x", []) == "x"
    assert candidate("", [(0, "a")]) == ""
    assert candidate("abc", [(1, ""), (1, "z")]) == "az"
    assert candidate("abc", [(0, "xyz"), (4, "q")]) == "xyzbq"
    assert candidate("ab", [(1, ""), (1, "c"), (0, "")]) == ""
    assert candidate("noon", [(1, "u"), (3, "t")]) == "nuot"


def marks_of_spelling(given: str, right: str) -> str:
    """A pupil has written a word; compare it with the right one, letter by letter from the left.

    Write a dot for each letter that is right and an x for each that is wrong. If letters are
    missing at the end, write a - for each of them; if there are too many, write a + for each.
    A letter in the wrong case (upper or lower) is marked with an o.

    >>> marks_of_spelling("Hause", "house")
    'ox...'
    >>> marks_of_spelling("cats", "ca")
    '..++'
    """
    marks = ""
    for mine, true in zip(given, right, strict=False):
        if mine == true:
            marks += "."
        elif mine.lower() == true.lower():
            marks += "o"
        else:
            marks += "x"
    return marks + "-" * (len(right) - len(given)) + "+" * (len(given) - len(right))


def check_marks_of_spelling(candidate: Candidate) -> None:
    assert candidate("Hause", "house") == "ox..."
    assert candidate("cats", "ca") == "..++"
    assert candidate("", "") == ""
    assert candidate("", "abc") == "---"
    assert candidate("tea", "") == "+++"
    assert candidate("tree", "tree") == "...."
    assert candidate("bok", "book") == "..x-"
    assert candidate("ANN", "Ann") == ".oo"
    assert candidate("ann", "Ann") == "o.."
    assert candidate("X", "yes") == "x--"
