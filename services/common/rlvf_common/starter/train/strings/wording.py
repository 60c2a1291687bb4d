"""Tasks on words, sentences and names."""

from rlvf_common.starter.candidate import Candidate


def greet(name: str) -> str:
    """Return a greeting for the name, as in the example.

    >>> greet("Ada")
    'Hello, Ada!'
    >>> greet("Bob")
    'Hello, Bob!'
    """
    return "Hello, " + name + "!"


def check_greet(candidate: Candidate) -> None:
    assert candidate("Ada") == "Hello, Ada!"
    assert candidate("Bob") == "Hello, Bob!"
    assert candidate("") == "Hello, !"
    assert candidate("Mary Ann") == "Hello, Mary Ann!"
    assert candidate("x") == "Hello, x!"
    assert candidate("WORLD") == "Hello, WORLD!"


def join_with_dash(words: list[str]) -> str:
    """Join the words into one string with a dash between them.

    >>> join_with_dash(["a", "b", "c"])
    'a-b-c'
    >>> join_with_dash(["one"])
    'one'
    """
    return "-".join(words)


def check_join_with_dash(candidate: Candidate) -> None:
    assert candidate(["a", "b", "c"]) == "a-b-c"
    assert candidate(["one"]) == "one"
    assert candidate([]) == ""
    assert candidate(["x", ""]) == "x-"
    assert candidate(["red", "green"]) == "red-green"
    assert candidate(["1", "2", "2"]) == "1-2-2"


def first_word(sentence: str) -> str:
    """Return the first word of the sentence. Words are separated by spaces.

    Return an empty string if the sentence has no words.

    >>> first_word("good morning all")
    'good'
    >>> first_word("hello")
    'hello'
    """
    words = sentence.split()
    if not words:
        return ""
    return words[0]


def check_first_word(candidate: Candidate) -> None:
    assert candidate("good morning all") == "good"
    assert candidate("hello") == "hello"
    assert candidate("") == ""
    assert candidate("  late start") == "late"
    assert candidate("a b") == "a"
    assert candidate("   ") == ""


def number_of_words(sentence: str) -> int:
    """Count the words in the sentence. Words are separated by one or more spaces.

    >>> number_of_words("the quick fox")
    3
    >>> number_of_words("hi")
    1
    """
    return len(sentence.split())


def check_number_of_words(candidate: Candidate) -> None:
    assert candidate("the quick fox") == 3
    assert candidate("hi") == 1
    assert candidate("") == 0
    assert candidate("  spaced   out  ") == 2
    assert candidate("a b c d") == 4
    assert candidate(" ") == 0


def full_name(first: str, last: str) -> str:
    """Return the last name, then a comma and a space, then the first name.

    >>> full_name("Alan", "Turing")
    'Turing, Alan'
    >>> full_name("Grace", "Hopper")
    'Hopper, Grace'
    """
    return last + ", " + first


def check_full_name(candidate: Candidate) -> None:
    assert candidate("Alan", "Turing") == "Turing, Alan"
    assert candidate("Grace", "Hopper") == "Hopper, Grace"
    assert candidate("A", "B") == "B, A"
    assert candidate("Jo Ann", "Lee") == "Lee, Jo Ann"
    assert candidate("", "X") == "X, "
    assert candidate("x", "x") == "x, x"


def longest_of_two_words(first: str, second: str) -> str:
    """Return the longer of the two words. If they have the same length, return the first.

    >>> longest_of_two_words("cat", "horse")
    'horse'
    >>> longest_of_two_words("sun", "sky")
    'sun'
    """
    if len(second) > len(first):
        return second
    return first


def check_longest_of_two_words(candidate: Candidate) -> None:
    assert candidate("cat", "horse") == "horse"
    assert candidate("sun", "sky") == "sun"
    assert candidate("abcd", "abc") == "abcd"
    assert candidate("", "a") == "a"
    assert candidate("zoo", "art") == "zoo"
    assert candidate("art", "zoo") == "art"


def initials_of_name(name: str) -> str:
    """Return the first letter of each part of the name in upper case, each with a dot after it.

    >>> initials_of_name("ada lovelace")
    'A.L.'
    >>> initials_of_name("Plato")
    'P.'
    """
    return "".join(part[0].upper() + "." for part in name.split())


def check_initials_of_name(candidate: Candidate) -> None:
    assert candidate("ada lovelace") == "A.L."
    assert candidate("Plato") == "P."
    assert candidate("john ronald reuel tolkien") == "J.R.R.T."
    assert candidate("") == ""
    assert candidate("x y") == "X.Y."
    assert candidate("Bob  Dylan") == "B.D."


def short_words_only(words: list[str], limit: int) -> list[str]:
    """Return the words that have at most the given number of letters, in the same order.

    >>> short_words_only(["a", "tree", "sun"], 3)
    ['a', 'sun']
    >>> short_words_only(["big", "house"], 2)
    []
    """
    return [word for word in words if len(word) <= limit]


def check_short_words_only(candidate: Candidate) -> None:
    assert candidate(["a", "tree", "sun"], 3) == ["a", "sun"]
    assert candidate(["big", "house"], 2) == []
    assert candidate([], 5) == []
    assert candidate(["four", "five"], 4) == ["four", "five"]
    assert candidate(["", "x"], 0) == [""]
    assert candidate(["bb", "a", "bb", "ccc"], 2) == ["bb", "a", "bb"]


def capitalize_each(words: list[str]) -> list[str]:
    """Return the words, each with its first letter in upper case and the rest in lower case.

    >>> capitalize_each(["red", "BLUE"])
    ['Red', 'Blue']
    >>> capitalize_each(["x"])
    ['X']
    """
    return [word.capitalize() for word in words]


def check_capitalize_each(candidate: Candidate) -> None:
    assert candidate(["red", "BLUE"]) == ["Red", "Blue"]
    assert candidate(["x"]) == ["X"]
    assert candidate([]) == []
    assert candidate(["Ok", "nO"]) == ["Ok", "No"]
    assert candidate(["", "a"]) == ["", "A"]
    assert candidate(["mcDonald"]) == ["Mcdonald"]


def add_plural_s(word: str, count: int) -> str:
    """Return the count, a space and the word. Add the letter s to the word unless the count is 1.

    >>> add_plural_s("apple", 3)
    '3 apples'
    >>> add_plural_s("dog", 1)
    '1 dog'
    """
    if count == 1:
        return f"{count} {word}"
    return f"{count} {word}s"


def check_add_plural_s(candidate: Candidate) -> None:
    assert candidate("apple", 3) == "3 apples"
    assert candidate("dog", 1) == "1 dog"
    assert candidate("car", 0) == "0 cars"
    assert candidate("pen", 2) == "2 pens"
    assert candidate("x", 11) == "11 xs"
    assert candidate("bus", 1) == "1 bus"


def words_with_letter(words: list[str], letter: str) -> int:
    """Count how many of the words contain the letter.

    >>> words_with_letter(["apple", "sky", "plan"], "p")
    2
    >>> words_with_letter(["dog"], "a")
    0
    """
    return sum(1 for word in words if letter in word)


def check_words_with_letter(candidate: Candidate) -> None:
    assert candidate(["apple", "sky", "plan"], "p") == 2
    assert candidate(["dog"], "a") == 0
    assert candidate([], "a") == 0
    assert candidate(["aaa", "a"], "a") == 2
    assert candidate(["Apple"], "a") == 0
    assert candidate(["x", "yx", "z", "xx"], "x") == 3


def second_word_or_none(sentence: str) -> str | None:
    """Return the second word of the sentence, or None if there are fewer than two words.

    >>> second_word_or_none("red green blue")
    'green'
    >>> second_word_or_none("alone")
    """
    words = sentence.split()
    if len(words) < 2:
        return None
    return words[1]


def check_second_word_or_none(candidate: Candidate) -> None:
    assert candidate("red green blue") == "green"
    assert candidate("alone") is None
    assert candidate("") is None
    assert candidate("two words") == "words"
    assert candidate(" a  b ") == "b"
    assert candidate("same same") == "same"
    assert candidate("x y z w") == "y"


def total_letters_in_words(sentence: str) -> int:
    """Return how many characters the words of the sentence have together, without the spaces.

    >>> total_letters_in_words("I like tea")
    8
    >>> total_letters_in_words("hi")
    2
    """
    return sum(len(word) for word in sentence.split())


def check_total_letters_in_words(candidate: Candidate) -> None:
    assert candidate("I like tea") == 8
    assert candidate("hi") == 2
    assert candidate("") == 0
    assert candidate("a bb a") == 4
    assert candidate("   ") == 0
    assert candidate("one  two") == 6


def sentence_from_words(words: list[str]) -> str:
    """Build a sentence from the words.

    Put one space between words, start with an upper-case letter and end with a dot.
    Return an empty string if there are no words.

    >>> sentence_from_words(["the", "cat", "sleeps"])
    'The cat sleeps.'
    >>> sentence_from_words(["hello"])
    'Hello.'
    """
    if not words:
        return ""
    sentence = " ".join(words)
    return sentence[0].upper() + sentence[1:] + "."


def check_sentence_from_words(candidate: Candidate) -> None:
    assert candidate(["the", "cat", "sleeps"]) == "The cat sleeps."
    assert candidate(["hello"]) == "Hello."
    assert candidate([]) == ""
    assert candidate(["I", "saw", "Bob"]) == "I saw Bob."
    assert candidate(["a", "b"]) == "A b."
    assert candidate(["we", "met", "Eve", "there"]) == "We met Eve there."
