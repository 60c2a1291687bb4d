"""Writing a text in another way, character by character or word by word."""

from rlvf_common.starter.candidate import Candidate


def with_dots_between(text: str, size: int) -> str:
    """Put a dot after every `size` characters, counted from the left, but none at the end.

    >>> with_dots_between("abcdefg", 3)
    'abc.def.g'
    """
    return ".".join(text[start : start + size] for start in range(0, len(text), size))


def check_with_dots_between(candidate: Candidate) -> None:
    assert candidate("abcdefg", 3) == "abc.def.g"
    assert candidate("", 2) == ""
    assert candidate("abcdef", 3) == "abc.def"
    assert candidate("abc", 5) == "abc"
    assert candidate("abc", 1) == "a.b.c"
    assert candidate("ab", 2) == "ab"
    assert candidate("a.b", 2) == "a..b"


def mirror_alphabet(text: str) -> str:
    """Replace every small letter by its partner from the other end of the alphabet.

    The partner of a is z, the partner of b is y, and so on; z becomes a. All other characters
    stay, capital letters too.

    >>> mirror_alphabet("abz Z!")
    'zya Z!'
    """
    return "".join(chr(219 - ord(sign)) if "a" <= sign <= "z" else sign for sign in text)


def check_mirror_alphabet(candidate: Candidate) -> None:
    assert candidate("abz Z!") == "zya Z!"
    assert candidate("") == ""
    assert candidate("mn") == "nm"
    assert candidate("ABC") == "ABC"
    assert candidate("a`{z") == "z`{a"
    assert candidate("hello 1") == "svool 1"
    assert candidate("xyz") == "cba"


def calm_down(message: str) -> str:
    """Turn any number of exclamation marks at the end of the message into one dot.

    Exclamation marks elsewhere stay, and so does a message without one at its end.

    >>> calm_down("Stop! Now!!!")
    'Stop! Now.'
    >>> calm_down("Fine")
    'Fine'
    """
    return message.rstrip("!") + "." if message.endswith("!") else message


def check_calm_down(candidate: Candidate) -> None:
    assert candidate("Stop! Now!!!") == "Stop! Now."
    assert candidate("Fine") == "Fine"
    assert candidate("") == ""
    assert candidate("!") == "."
    assert candidate("!a") == "!a"
    assert candidate("yes.") == "yes."
    assert candidate("hey! ") == "hey! "
    assert candidate("go!!") == "go."


def heading(text: str) -> str:
    """Write the text as a heading: every word begins with a capital and goes on in small letters.

    The words `a`, `of` and `the` are small, except at the very beginning. Words are separated by
    single spaces.

    >>> heading("THE lord of the rings")
    'The Lord of the Rings'
    """
    words = [word.lower() for word in text.split(" ")]
    return " ".join(
        word if place > 0 and word in ("a", "of", "the") else word.capitalize()
        for place, word in enumerate(words)
    )


def check_heading(candidate: Candidate) -> None:
    assert candidate("THE lord of the rings") == "The Lord of the Rings"
    assert candidate("") == ""
    assert candidate("a") == "A"
    assert candidate("once upon A time") == "Once Upon a Time"
    assert candidate("of mice") == "Of Mice"
    assert candidate("oF thE end") == "Of the End"
    assert candidate("don't STOP") == "Don't Stop"
    assert candidate("offer them all") == "Offer Them All"


def stretch_letters(text: str) -> str:
    """Write the first character once, the second one twice, the third one three times, and so on.

    >>> stretch_letters("abc")
    'abbccc'
    """
    return "".join(sign * place for place, sign in enumerate(text, start=1))


def check_stretch_letters(candidate: Candidate) -> None:
    assert candidate("abc") == "abbccc"
    assert candidate("") == ""
    assert candidate("x") == "x"
    assert candidate("aa") == "aaa"
    assert candidate("1 2") == "1  222"
    assert candidate("abab") == "abbaaabbbb"


def mirror_text(text: str) -> str:
    """Append the text backwards, without writing its last character a second time.

    >>> mirror_text("abc")
    'abcba'
    """
    return text + text[-2::-1]


def check_mirror_text(candidate: Candidate) -> None:
    assert candidate("abc") == "abcba"
    assert candidate("") == ""
    assert candidate("a") == "a"
    assert candidate("ab") == "aba"
    assert candidate("aa") == "aaa"
    assert candidate("tip-") == "tip-pit"


def vowels_marked(text: str) -> str:
    """Put round brackets around each group of neighboring vowels (a, e, i, o, u, in either case).

    >>> vowels_marked("queue up")
    'q(ueue) (u)p'
    """
    result = ""
    inside = False
    for sign in text:
        vowel = sign in "aeiouAEIOU"
        if vowel and not inside:
            result += "("
        if inside and not vowel:
            result += ")"
        result += sign
        inside = vowel
    return result + ")" if inside else result


def check_vowels_marked(candidate: Candidate) -> None:
    assert candidate("queue up") == "q(ueue) (u)p"
    assert candidate("") == ""
    assert candidate("rhythm") == "rhythm"
    assert candidate("a") == "(a)"
    assert candidate("Ia") == "(Ia)"
    assert candidate("tea") == "t(ea)"
    assert candidate("OK ok") == "(O)K (o)k"
    assert candidate("a e") == "(a) (e)"


def tidy_sentence(text: str) -> str:
    """Bring a sentence into order.

    Spaces around it are removed, several spaces in a row become one, the first character becomes
    a capital, and a dot is added unless the sentence ends with `.`, `!` or `?`. If nothing is
    left, the result is "".

    >>> tidy_sentence("  it   is LATE ")
    'It is LATE.'
    """
    words = " ".join(text.split())
    if not words:
        return ""
    sentence = words[0].upper() + words[1:]
    return sentence if sentence[-1] in ".!?" else sentence + "."


def check_tidy_sentence(candidate: Candidate) -> None:
    assert candidate("  it   is LATE ") == "It is LATE."
    assert candidate("") == ""
    assert candidate("    ") == ""
    assert candidate("go!") == "Go!"
    assert candidate("why? ") == "Why?"
    assert candidate("done.") == "Done."
    assert candidate("a") == "A."
    assert candidate("ready, NASA") == "Ready, NASA."
    assert candidate("wait ...") == "Wait ..."


def count_stutter(text: str) -> str:
    """Write three or more equal neighbors as the character and their number in angle brackets.

    One or two equal neighbors stay as they are.

    >>> count_stutter("aaabbc")
    'a<3>bbc'
    """
    result = ""
    start = 0
    while start < len(text):
        end = start
        while end < len(text) and text[end] == text[start]:
            end += 1
        size = end - start
        result += f"{text[start]}<{size}>" if size >= 3 else text[start:end]
        start = end
    return result


def check_count_stutter(candidate: Candidate) -> None:
    assert candidate("aaabbc") == "a<3>bbc"
    assert candidate("") == ""
    assert candidate("z") == "z"
    assert candidate("zz") == "zz"
    assert candidate("zzzzzzzzzzzz") == "z<12>"
    assert candidate("aAaA") == "aAaA"
    assert candidate("!!! ok   ") == "!<3> ok <3>"
    assert candidate("baaab") == "ba<3>b"


def swap_word_pairs(sentence: str) -> str:
    """Exchange the first word with the second, the third with the fourth, and so on.

    With an odd number of words the last one stays where it is. Words are separated by spaces;
    the result has single spaces.

    >>> swap_word_pairs("one two three four five")
    'two one four three five'
    """
    words = sentence.split()
    for place in range(1, len(words), 2):
        words[place - 1], words[place] = words[place], words[place - 1]
    return " ".join(words)


def check_swap_word_pairs(candidate: Candidate) -> None:
    assert candidate("one two three four five") == "two one four three five"
    assert candidate("") == ""
    assert candidate("solo") == "solo"
    assert candidate("left right") == "right left"
    assert candidate("a  b   c") == "b a c"
    assert candidate("a b c d") == "b a d c"
    assert candidate("x x y") == "x x y"


def fold_caps(text: str) -> str:
    """Make each letter a capital if the number of letters before it is even, else a small one.

    Characters that are no letters stay and are not counted.

    >>> fold_caps("hi you")
    'Hi YoU'
    """
    result = ""
    letters = 0
    for sign in text:
        if sign.isalpha():
            result += sign.upper() if letters % 2 == 0 else sign.lower()
            letters += 1
        else:
            result += sign
    return result


def check_fold_caps(candidate: Candidate) -> None:
    assert candidate("hi you") == "Hi YoU"
    assert candidate("") == ""
    assert candidate("A") == "A"
    assert candidate("b") == "B"
    assert candidate("ABCD") == "AbCd"
    assert candidate("1a2b3c") == "1A2b3C"
    assert candidate("a-b-c-d") == "A-b-C-d"
    assert candidate("...") == "..."


def without_repeated_letters(text: str) -> str:
    """Keep only the first occurrence of every character, whatever its case.

    The kept character is written as in the text.

    >>> without_repeated_letters("Banana Ban")
    'Ban '
    """
    seen: set[str] = set()
    kept = []
    for sign in text:
        if sign.lower() not in seen:
            kept.append(sign)
            seen.add(sign.lower())
    return "".join(kept)


def check_without_repeated_letters(candidate: Candidate) -> None:
    assert candidate("Banana Ban") == "Ban "
    assert candidate("") == ""
    assert candidate("aA") == "a"
    assert candidate("Aa") == "A"
    assert candidate("abc") == "abc"
    assert candidate("zyxzyx") == "zyx"
    assert candidate("1-1-2") == "1-2"
    assert candidate("tTuUtv") == "tuv"


def censor_words(text: str, secret: list[str]) -> str:
    """Replace every secret word by as many stars as it has letters, except its first letter.

    Words are separated by single spaces. A word is secret if it equals one of the list, whatever
    the case; its first letter stays as written.

    >>> censor_words("Meet Bob at noon", ["bob", "NOON"])
    'Meet B** at n***'
    """
    hidden = {word.lower() for word in secret}
    return " ".join(
        word[0] + "*" * (len(word) - 1) if word.lower() in hidden else word
        for word in text.split(" ")
    )


def check_censor_words(candidate: Candidate) -> None:
    assert candidate("Meet Bob at noon", ["bob", "NOON"]) == "Meet B** at n***"
    assert candidate("", ["a"]) == ""
    assert candidate("a A b", ["a"]) == "a A b"
    assert candidate("keep it", []) == "keep it"
    assert candidate("bobcat Bob", ["bob"]) == "bobcat B**"
    assert candidate("go GO Go", ["Go"]) == "g* G* G*"
    assert candidate("x secret y", ["y", "secret"]) == "x s***** y"
