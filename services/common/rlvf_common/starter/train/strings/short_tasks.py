"""Short tasks on texts, each with something to watch for."""

from rlvf_common.starter.candidate import Candidate


def first_and_last_word(sentence: str) -> str:
    """Return the first and the last word with a space between them; a single word comes alone.

    Words are separated by spaces. Without any word the result is "".

    >>> first_and_last_word("we all go home")
    'we home'
    """
    return " ".join(sentence.split()[:: max(len(sentence.split()) - 1, 1)])


def check_first_and_last_word(candidate: Candidate) -> None:
    assert candidate("we all go home") == "we home"
    assert candidate("") == ""
    assert candidate("  ") == ""
    assert candidate("alone") == "alone"
    assert candidate("two words") == "two words"
    assert candidate(" a  b  c ") == "a c"
    assert candidate("x x x") == "x x"


def is_shouted(text: str) -> bool:
    """Return True if the text has at least one letter and no small letter.

    >>> is_shouted("STOP! 1 2")
    True
    >>> is_shouted("123")
    False
    """
    return text.isupper()


def check_is_shouted(candidate: Candidate) -> None:
    assert candidate("STOP! 1 2") is True
    assert candidate("123") is False
    assert candidate("") is False
    assert candidate("A") is True
    assert candidate("a") is False
    assert candidate("HELLo") is False
    assert candidate("!?") is False
    assert candidate("...X...") is True


def last_letters_word(sentence: str) -> str:
    """Form a word from the last characters of all words: the first one big, the others small.

    Words are separated by spaces.

    >>> last_letters_word("we ALL go")
    'Elo'
    """
    return "".join(word[-1] for word in sentence.split()).capitalize()


def check_last_letters_word(candidate: Candidate) -> None:
    assert candidate("we ALL go") == "Elo"
    assert candidate("") == ""
    assert candidate("   ") == ""
    assert candidate("x") == "X"
    assert candidate("a  b c ") == "Abc"
    assert candidate("no YES NO") == "Oso"
    assert candidate("room 5") == "M5"


def trailing_digits(text: str) -> str:
    """Return the digits with which the text ends, or "" if it ends with something else.

    >>> trailing_digits("room 12b 305")
    '305'
    """
    return text[len(text.rstrip("0123456789")) :]


def check_trailing_digits(candidate: Candidate) -> None:
    assert candidate("room 12b 305") == "305"
    assert candidate("") == ""
    assert candidate("12b") == ""
    assert candidate("007") == "007"
    assert candidate("a1") == "1"
    assert candidate("1a0") == "0"
    assert candidate("x9 ") == ""


def quote_if_needed(text: str) -> str:
    """Put the text between double quotes if it is empty or has a space; else return it as it is.

    >>> quote_if_needed("my file")
    '"my file"'
    """
    return f'"{text}"' if not text or " " in text else text


def check_quote_if_needed(candidate: Candidate) -> None:
    assert candidate("my file") == '"my file"'
    assert candidate("") == '""'
    assert candidate("file") == "file"
    assert candidate(" ") == '" "'
    assert candidate("a_b") == "a_b"
    assert candidate("tail ") == '"tail "'
    assert candidate('"x"') == '"x"'


def same_letters_any_case(first: str, second: str) -> bool:
    """Return True if both texts have the same different letters, whatever the case and the number.

    Only letters count; all other characters are ignored.

    >>> same_letters_any_case("Papa", "a p!")
    True
    """
    return {a for a in first.lower() if a.isalpha()} == {b for b in second.lower() if b.isalpha()}


def check_same_letters_any_case(candidate: Candidate) -> None:
    assert candidate("Papa", "a p!") is True
    assert candidate("", "") is True
    assert candidate("", "1 2") is True
    assert candidate("abc", "ab") is False
    assert candidate("ab", "abc") is False
    assert candidate("ABBA", "baab") is True
    assert candidate("ab", "AB") is True
    assert candidate("a1", "a2") is True
    assert candidate("x", "y") is False


def remove_prefix_any_case(text: str, prefix: str) -> str:
    """Take the prefix off the beginning of the text, whatever the case of its letters.

    The rest keeps its case. A text that does not begin with the prefix comes back unchanged. The
    prefix is taken off only once.

    >>> remove_prefix_any_case("RE: Hello", "re: ")
    'Hello'
    """
    return text[len(prefix) :] if text.lower().startswith(prefix.lower()) else text


def check_remove_prefix_any_case(candidate: Candidate) -> None:
    assert candidate("RE: Hello", "re: ") == "Hello"
    assert candidate("re: RE: x", "Re: ") == "RE: x"
    assert candidate("Hello", "re: ") == "Hello"
    assert candidate("", "a") == ""
    assert candidate("abc", "") == "abc"
    assert candidate("xAx", "a") == "xAx"
    assert candidate("rerun", "RE") == "run"
    assert candidate("ab", "abc") == "ab"


def longest_common_word(first: str, second: str) -> str:
    """Return the longest word that both sentences have; of several the first in the alphabet.

    Words are separated by spaces and compared as they are written. Return "" if they share none.

    >>> longest_common_word("the red car", "a red the")
    'red'
    """
    return min(
        set(first.split()) & set(second.split()), key=lambda word: (-len(word), word), default=""
    )


def check_longest_common_word(candidate: Candidate) -> None:
    assert candidate("the red car", "a red the") == "red"
    assert candidate("", "a") == ""
    assert candidate("a b", "c d") == ""
    assert candidate("go home now", "now go") == "now"
    assert candidate("aa b", "b aa") == "aa"
    assert candidate("Red", "red") == ""
    assert candidate("zoo ant zoo", "zoo ant") == "ant"
    assert candidate("carpet car", "car carp") == "car"


def ends_differently(words: list[str]) -> bool:
    """Return True if no two of the words end with the same letter. No word is empty.

    >>> ends_differently(["cat", "dog", "hut"])
    False
    """
    return len({word[-1] for word in words}) == len(words)


def check_ends_differently(candidate: Candidate) -> None:
    assert candidate(["cat", "dog", "hut"]) is False
    assert candidate(["cat", "dog"]) is True
    assert candidate([]) is True
    assert candidate(["a"]) is True
    assert candidate(["ab", "aB"]) is True
    assert candidate(["tea", "tea"]) is False
    assert candidate(["axe", "art", "ask"]) is True


def nth_from_end_char(text: str, number: int) -> str:
    """Return the character at the given number from the end; 1 is the last one.

    If the text is too short, return "?". The number is at least 1.

    >>> nth_from_end_char("hello", 2)
    'l'
    """
    return text[-number] if number <= len(text) else "?"


def check_nth_from_end_char(candidate: Candidate) -> None:
    assert candidate("hello", 2) == "l"
    assert candidate("hello", 1) == "o"
    assert candidate("hello", 5) == "h"
    assert candidate("hello", 6) == "?"
    assert candidate("", 1) == "?"
    assert candidate("x", 1) == "x"
    assert candidate("abc", 2) == "b"


def count_blank_lines(text: str) -> int:
    """Count the lines of the text that are empty or have only spaces.

    Lines are separated by line feeds; a text without any is one line.

    >>> count_blank_lines("a\\n\\n  \\nb")
    2
    """
    return sum(not line.strip() for line in text.split("\n"))


def check_count_blank_lines(candidate: Candidate) -> None:
    assert candidate("a\n\n  \nb") == 2
    assert candidate("") == 1
    assert candidate("a") == 0
    assert candidate("\n") == 2
    assert candidate("a\n") == 1
    assert candidate(" x \n y ") == 0
    assert candidate("\n\n\n") == 4


def alternate_join(parts: list[str]) -> str:
    """Join the parts, with "-" after the first, "/" after the second, then "-" again, and so on.

    Nothing stands after the last part.

    >>> alternate_join(["a", "b", "c", "d"])
    'a-b/c-d'
    """
    return "".join(part + "-/"[place % 2] for place, part in enumerate(parts))[:-1]


def check_alternate_join(candidate: Candidate) -> None:
    assert candidate(["a", "b", "c", "d"]) == "a-b/c-d"
    assert candidate([]) == ""
    assert candidate(["x"]) == "x"
    assert candidate(["x", "y"]) == "x-y"
    assert candidate(["1", "22", "333"]) == "1-22/333"
    assert candidate(["", ""]) == "-"
    assert candidate(["a", "", "b"]) == "a-/b"


def censored_initial(name: str) -> str:
    """Write a name as its first letter, a dot for every letter in between, and its last letter.

    A name of one or two letters is written as it is.

    >>> censored_initial("Maria")
    'M...a'
    """
    return name[:1] + "." * (len(name) - 2) + name[1:][-1:]


def check_censored_initial(candidate: Candidate) -> None:
    assert candidate("Maria") == "M...a"
    assert candidate("") == ""
    assert candidate("X") == "X"
    assert candidate("Jo") == "Jo"
    assert candidate("Tom") == "T.m"
    assert candidate("Anna") == "A..a"
    assert candidate("a.b") == "a.b"
