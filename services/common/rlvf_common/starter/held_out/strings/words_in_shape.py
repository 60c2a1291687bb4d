"""Words and letters: how they are built, compared and changed."""

from collections import Counter

from rlvf_common.starter.candidate import Candidate


def without_final_vowels(word: str) -> str:
    """Remove all vowels from the end of the word, up to the last letter that is not a vowel.

    Vowels are a, e, i, o and u, in lower case only. Vowels elsewhere in the word stay.

    >>> without_final_vowels("queue")
    'q'
    >>> without_final_vowels("banana")
    'banan'
    """
    return word.rstrip("aeiou")


def check_without_final_vowels(candidate: Candidate) -> None:
    assert candidate("queue") == "q"
    assert candidate("banana") == "banan"
    assert candidate("") == ""
    assert candidate("tea") == "t"
    assert candidate("stop") == "stop"
    assert candidate("aia") == ""
    assert candidate("HALLO") == "HALLO"
    assert candidate("ei ou") == "ei "


def letters_strictly_between(first: str, last: str) -> str:
    """Return the letters of the alphabet between two lower-case letters, both left out.

    The first letter is never after the last one. If they are equal or next to each other,
    the answer is an empty string.

    >>> letters_strictly_between("b", "f")
    'cde'
    >>> letters_strictly_between("x", "y")
    ''
    """
    return "".join(chr(code) for code in range(ord(first) + 1, ord(last)))


def check_letters_strictly_between(candidate: Candidate) -> None:
    assert candidate("b", "f") == "cde"
    assert candidate("x", "y") == ""
    assert candidate("k", "k") == ""
    assert candidate("a", "c") == "b"
    assert candidate("w", "z") == "xy"
    assert candidate("a", "z") == "bcdefghijklmnopqrstuvwxy"
    assert candidate("m", "p") == "no"


def letters_to_buy(word: str, owned: str) -> int:
    """Somebody lays words with letters made of wood and owns some letters already.

    Return how many letters are missing to lay the word. Each owned letter can be used once,
    and upper and lower case differ.

    >>> letters_to_buy("balloon", "bola")
    3
    >>> letters_to_buy("tea", "eat")
    0
    """
    return sum((Counter(word) - Counter(owned)).values())


def check_letters_to_buy(candidate: Candidate) -> None:
    assert candidate("balloon", "bola") == 3
    assert candidate("tea", "eat") == 0
    assert candidate("", "xyz") == 0
    assert candidate("sun", "") == 3
    assert candidate("aaa", "a") == 2
    assert candidate("a", "aaa") == 0
    assert candidate("Aa", "aa") == 1
    assert candidate("noon", "moon") == 1


def first_character_missing_in(text: str, other: str) -> str:
    """Return the first character of the text that does not occur in the other text.

    Return an empty string if all of them occur there.

    >>> first_character_missing_in("planet", "plan")
    'e'
    >>> first_character_missing_in("noon", "on")
    ''
    """
    return next((char for char in text if char not in other), "")


def check_first_character_missing_in(candidate: Candidate) -> None:
    assert candidate("planet", "plan") == "e"
    assert candidate("noon", "on") == ""
    assert candidate("", "abc") == ""
    assert candidate("abc", "") == "a"
    assert candidate("zebra", "bear") == "z"
    assert candidate("bees", "sb") == "e"
    assert candidate("Tt", "t") == "T"
    assert candidate("dcba", "ad") == "c"


def place_of_first_difference(first: str, second: str) -> int:
    """Compare two texts from the left. Return the place, counted from 0, where they first differ.

    If one text is the beginning of the other one, they differ where the shorter text ends.
    Return -1 for equal texts.

    >>> place_of_first_difference("house", "hotel")
    2
    >>> place_of_first_difference("car", "cart")
    3
    """
    if first == second:
        return -1
    place = 0
    while first[place : place + 1] == second[place : place + 1]:
        place += 1
    return place


def check_place_of_first_difference(candidate: Candidate) -> None:
    assert candidate("house", "hotel") == 2
    assert candidate("car", "cart") == 3
    assert candidate("cart", "car") == 3
    assert candidate("", "") == -1
    assert candidate("same", "same") == -1
    assert candidate("", "x") == 0
    assert candidate("a", "A") == 0
    assert candidate("abcx", "abcy") == 3
    assert candidate("axbx", "aybx") == 1


def peeled_word(word: str) -> str:
    """As long as the word has at least two letters and its first and last letter are equal,
    remove both of them.

    Return what is left.

    >>> peeled_word("reader")
    'ad'
    >>> peeled_word("level")
    'v'
    """
    while len(word) >= 2 and word[0] == word[-1]:
        word = word[1:-1]
    return word


def check_peeled_word(candidate: Candidate) -> None:
    assert candidate("reader") == "ad"
    assert candidate("level") == "v"
    assert candidate("") == ""
    assert candidate("a") == "a"
    assert candidate("noon") == ""
    assert candidate("oo") == ""
    assert candidate("tart") == "ar"
    assert candidate("horse") == "horse"
    assert candidate("Anna") == "Anna"
    assert candidate("xaxbx") == "axb"


def keyboard_row_of(word: str) -> int:
    """The letters of a keyboard stand in three rows: qwertyuiop, asdfghjkl and zxcvbnm.

    Return the number of the row, 1, 2 or 3, with which the whole word can be typed, or 0 if it
    needs several rows. Upper and lower case do not matter. The word has at least one letter
    and nothing but letters.

    >>> keyboard_row_of("Type")
    1
    >>> keyboard_row_of("hello")
    0
    """
    for number, row in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm"), start=1):
        if all(letter in row for letter in word.lower()):
            return number
    return 0


def check_keyboard_row_of(candidate: Candidate) -> None:
    assert candidate("Type") == 1
    assert candidate("hello") == 0
    assert candidate("flask") == 2
    assert candidate("mn") == 3
    assert candidate("ALFALFA") == 2
    assert candidate("zoo") == 0
    assert candidate("p") == 1
    assert candidate("B") == 3
    assert candidate("rooms") == 0


def pig_latin_word(word: str) -> str:
    """Move all letters before the first vowel to the end of the word, then add "ay".

    Vowels are a, e, i, o and u. The word has only lower-case letters. If it starts with a
    vowel or has none, nothing is moved and only "ay" is added.

    >>> pig_latin_word("string")
    'ingstray'
    >>> pig_latin_word("apple")
    'appleay'
    """
    for place, letter in enumerate(word):
        if letter in "aeiou":
            return word[place:] + word[:place] + "ay"
    return word + "ay"


def check_pig_latin_word(candidate: Candidate) -> None:
    assert candidate("string") == "ingstray"
    assert candidate("apple") == "appleay"
    assert candidate("hello") == "ellohay"
    assert candidate("sky") == "skyay"
    assert candidate("a") == "aay"
    assert candidate("b") == "bay"
    assert candidate("you") == "ouyay"
    assert candidate("tree") == "eetray"
    assert candidate("usual") == "usualay"


def swapped_beginnings(words: str) -> str:
    """The text is two words with one space between. Exchange the first letters of the words.

    Letters keep their case when they move. Neither word is empty.

    >>> swapped_beginnings("jelly beans")
    'belly jeans'
    >>> swapped_beginnings("a b")
    'b a'
    """
    first, second = words.split()
    return second[0] + first[1:] + " " + first[0] + second[1:]


def check_swapped_beginnings(candidate: Candidate) -> None:
    assert candidate("jelly beans") == "belly jeans"
    assert candidate("a b") == "b a"
    assert candidate("Big dog") == "dig Bog"
    assert candidate("same same") == "same same"
    assert candidate("x yes") == "y xes"
    assert candidate("tons off") == "oons tff"
    assert candidate("light fight") == "fight light"


def letters_put_at(letters: str, places: list[int]) -> str:
    """Put each letter at its own place: the first letter at the first of the places, and so on.

    The list holds every place from 0 to the number of letters minus one exactly once. Return
    the word that results.

    >>> letters_put_at("cat", [2, 0, 1])
    'atc'
    >>> letters_put_at("ab", [0, 1])
    'ab'
    """
    word = [""] * len(letters)
    for letter, place in zip(letters, places, strict=True):
        word[place] = letter
    return "".join(word)


def check_letters_put_at(candidate: Candidate) -> None:
    assert candidate("cat", [2, 0, 1]) == "atc"
    assert candidate("ab", [0, 1]) == "ab"
    assert candidate("", []) == ""
    assert candidate("z", [0]) == "z"
    assert candidate("abcd", [3, 2, 1, 0]) == "dcba"
    assert candidate("abcd", [1, 2, 3, 0]) == "dabc"
    assert candidate("oodg", [1, 2, 0, 3]) == "doog"
