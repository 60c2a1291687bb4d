"""Counting in texts and comparing them."""

from rlvf_common.starter.candidate import Candidate


def gaps_between_words(sentence: str) -> int:
    """Count the gaps between the words of the sentence. Several spaces in a row are one gap.

    Spaces before the first word and after the last one are no gaps.

    >>> gaps_between_words(" to  be or ")
    2
    """
    return max(len(sentence.split()) - 1, 0)


def check_gaps_between_words(candidate: Candidate) -> None:
    assert candidate(" to  be or ") == 2
    assert candidate("") == 0
    assert candidate("   ") == 0
    assert candidate("one") == 0
    assert candidate("a b") == 1
    assert candidate("a    b") == 1
    assert candidate("w x y z") == 3


def count_either_case(text: str, letter: str) -> int:
    """Count how often the letter stands in the text, as a capital or as a small letter.

    >>> count_either_case("Anna", "a")
    2
    """
    return text.lower().count(letter.lower())


def check_count_either_case(candidate: Candidate) -> None:
    assert candidate("Anna", "a") == 2
    assert candidate("Anna", "N") == 2
    assert candidate("", "x") == 0
    assert candidate("xyz", "q") == 0
    assert candidate("BbBbb", "B") == 5
    assert candidate("AAA", "a") == 3


def words_with_part_inside(sentence: str, part: str) -> int:
    """Count the words in which the part occurs, but neither at the beginning nor at the end.

    A word counts once, however often the part is in it. Words are separated by spaces. The part
    has at least one character.

    >>> words_with_part_inside("seen eel knee been", "ee")
    2
    """
    return sum(part in word[1:-1] for word in sentence.split())


def check_words_with_part_inside(candidate: Candidate) -> None:
    assert candidate("seen eel knee been", "ee") == 2
    assert candidate("", "a") == 0
    assert candidate("a ab ba", "a") == 0
    assert candidate("bad dab", "a") == 2
    assert candidate("banana", "an") == 1
    assert candidate("an can canal", "an") == 1
    assert candidate("BAd", "a") == 0
    assert candidate("aaa xaaax", "aaa") == 1


def letters_used_once(text: str) -> int:
    """Return how many different characters stand exactly one time in the text.

    >>> letters_used_once("hello")
    3
    """
    return sum(text.count(character) == 1 for character in text)


def check_letters_used_once(candidate: Candidate) -> None:
    assert candidate("hello") == 3
    assert candidate("") == 0
    assert candidate("a") == 1
    assert candidate("aa") == 0
    assert candidate("aA") == 2
    assert candidate("abcabc") == 0
    assert candidate("no on!") == 2


def double_letter_words(sentence: str) -> int:
    """Count the words in which some character directly follows an equal one.

    Words are separated by spaces. A capital and its small letter are equal here.

    >>> double_letter_words("Aaron will see it")
    3
    """
    return sum(
        any(word[place] == word[place - 1] for place in range(1, len(word)))
        for word in sentence.lower().split()
    )


def check_double_letter_words(candidate: Candidate) -> None:
    assert candidate("Aaron will see it") == 3
    assert candidate("") == 0
    assert candidate("a b b c") == 0
    assert candidate("aa") == 1
    assert candidate("aabb ccdd") == 2
    assert candidate("dad did") == 0
    assert candidate("Oops  LLama") == 2


def most_words_in_line(text: str) -> int:
    """Return how many words the line with the largest number of words has.

    Lines end with a line feed, and words are separated by spaces.

    >>> most_words_in_line("one\\ntwo more\\nx")
    2
    """
    return max(len(line.split()) for line in text.split("\n"))


def check_most_words_in_line(candidate: Candidate) -> None:
    assert candidate("one\ntwo more\nx") == 2
    assert candidate("") == 0
    assert candidate("\n\n") == 0
    assert candidate("a b c") == 3
    assert candidate("averylongword\na b") == 2
    assert candidate("a  b\n   c") == 2
    assert candidate("a\nb c d e\nf g") == 4


def is_hidden_in(word: str, text: str) -> bool:
    """Return True if the letters of the word stand in the text in the same order.

    Other characters may stand between them. Every letter of the text is used at most one time.

    >>> is_hidden_in("cat", "c-o-a-s-t")
    True
    >>> is_hidden_in("tac", "cat")
    False
    """
    rest = iter(text)
    return all(letter in rest for letter in word)


def check_is_hidden_in(candidate: Candidate) -> None:
    assert candidate("cat", "c-o-a-s-t") is True
    assert candidate("tac", "cat") is False
    assert candidate("", "") is True
    assert candidate("", "abc") is True
    assert candidate("a", "") is False
    assert candidate("oo", "to") is False
    assert candidate("oo", "oto") is True
    assert candidate("abc", "abc") is True
    assert candidate("abcd", "abc") is False


def typing_changes(first: str, second: str) -> int:
    """Two texts are laid over each other from the left. Return at how many places they differ.

    Where one text is longer, each of its further characters counts as a difference.

    >>> typing_changes("house", "mouse!")
    2
    """
    shared = min(len(first), len(second))
    different = sum(first[place] != second[place] for place in range(shared))
    return different + len(first) + len(second) - 2 * shared


def check_typing_changes(candidate: Candidate) -> None:
    assert candidate("house", "mouse!") == 2
    assert candidate("", "") == 0
    assert candidate("", "abc") == 3
    assert candidate("abc", "") == 3
    assert candidate("abc", "abc") == 0
    assert candidate("abc", "cba") == 2
    assert candidate("Abc", "abc") == 1
    assert candidate("ab", "ba-x") == 4


def letter_balance(text: str, plus: str, minus: str) -> int:
    """Return the lowest balance while reading the text from left to right.

    The balance begins with 0. A character that stands in `plus` raises it by one, a character
    that stands in `minus` lowers it by one. The beginning counts too, so that the result is never
    above 0.

    >>> letter_balance("a--aa", "a", "-")
    -1
    """
    balance = 0
    lowest = 0
    for character in text:
        if character in plus:
            balance += 1
        if character in minus:
            balance -= 1
        lowest = min(lowest, balance)
    return lowest


def check_letter_balance(candidate: Candidate) -> None:
    assert candidate("a--aa", "a", "-") == -1
    assert candidate("", "a", "b") == 0
    assert candidate("aaab", "a", "b") == 0
    assert candidate("bbb", "a", "b") == -3
    assert candidate("bbbaaaa", "a", "b") == -3
    assert candidate("xyz", "ab", "cd") == 0
    assert candidate("cdab", "ab", "cd") == -2
    assert candidate("aabbbab", "a", "b") == -1
    assert candidate("qq", "q", "q") == 0


def longest_gap_between(text: str, mark: str) -> int | None:
    """Return the largest number of characters between two neighboring marks in the text.

    The mark is one character. Return None if the text has fewer than two of them.

    >>> longest_gap_between("x12x3x", "x")
    2
    >>> longest_gap_between("x123", "x") is None
    True
    """
    inner = text.split(mark)[1:-1]
    return max(map(len, inner), default=None)


def check_longest_gap_between(candidate: Candidate) -> None:
    assert candidate("x12x3x", "x") == 2
    assert candidate("x123", "x") is None
    assert candidate("", "x") is None
    assert candidate("long x a x long", "x") == 3
    assert candidate("xx", "x") == 0
    assert candidate("--a---", "-") == 1
    assert candidate("no mark", "z") is None
    assert candidate("|1|22|333|", "|") == 3


def rhyme_count(words: list[str], word: str) -> int:
    """Count the words that rhyme with the given word.

    Two words rhyme if their last three letters are equal, or the whole words where a word is
    shorter than that. A word does not rhyme with itself. Capital letters do not matter.

    >>> rhyme_count(["Light", "night", "lighter"], "night")
    1
    """
    wanted = word.lower()
    return sum(other.lower()[-3:] == wanted[-3:] and other.lower() != wanted for other in words)


def check_rhyme_count(candidate: Candidate) -> None:
    assert candidate(["Light", "night", "lighter"], "night") == 1
    assert candidate([], "day") == 0
    assert candidate(["day", "DAY", "Monday"], "Day") == 1
    assert candidate(["at", "cat"], "at") == 0
    assert candidate(["cat", "flat", "AT", "brat"], "hat") == 0
    assert candidate(["DRAT"], "rat") == 1
    assert candidate(["at", "brat", "drat", "Rat"], "rat") == 2
    assert candidate(["ink", "drink", "sink", "think"], "pink") == 4


def vowel_word_share(sentence: str) -> float:
    """Return the share of the words that begin with one of a, e, i, o, u, in either case.

    The share is a number from 0 to 1. A sentence without words has the share 0.

    >>> vowel_word_share("An old red fox")
    0.5
    """
    words = sentence.lower().split()
    if not words:
        return 0.0
    return sum(word[0] in "aeiou" for word in words) / len(words)


def check_vowel_word_share(candidate: Candidate) -> None:
    assert abs(candidate("An old red fox") - 0.5) < 1e-9
    assert abs(candidate("") - 0.0) < 1e-9
    assert abs(candidate("  ") - 0.0) < 1e-9
    assert abs(candidate("apple") - 1.0) < 1e-9
    assert abs(candidate("Under Every  Inn") - 1.0) < 1e-9
    assert abs(candidate("yes no maybe okay") - 0.25) < 1e-9
    assert abs(candidate("the big tea") - 0.0) < 1e-9
    assert abs(candidate("1 a") - 0.5) < 1e-9


def words_before(sentence: str, word: str) -> int:
    """Return how many words stand before the first occurrence of the word, or -1 without one.

    Words are separated by spaces and compared as they are written.

    >>> words_before("here we go we", "we")
    1
    >>> words_before("here we go", "w")
    -1
    """
    words = sentence.split()
    return words.index(word) if word in words else -1


def check_words_before(candidate: Candidate) -> None:
    assert candidate("here we go we", "we") == 1
    assert candidate("here we go", "w") == -1
    assert candidate("", "a") == -1
    assert candidate("a", "a") == 0
    assert candidate("The the", "the") == 1
    assert candidate("cat  cats   at", "at") == 2
    assert candidate("one two three four", "four") == 3


def column_of_letters(words: list[str], column: int) -> str:
    """Read one column downward when the words are written below each other.

    The column counts from 0. A word that is too short contributes a dot.

    >>> column_of_letters(["cat", "o", "dry"], 1)
    'a.r'
    """
    return "".join(word[column] if column < len(word) else "." for word in words)


def check_column_of_letters(candidate: Candidate) -> None:
    assert candidate(["cat", "o", "dry"], 1) == "a.r"
    assert candidate([], 0) == ""
    assert candidate(["cat", "o", "dry"], 0) == "cod"
    assert candidate(["cat", "o", "dry"], 2) == "t.y"
    assert candidate(["", ""], 0) == ".."
    assert candidate(["ab"], 2) == "."
    assert candidate(["ab", "c d"], 1) == "b "
