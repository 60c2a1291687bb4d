"""Words of a sentence: choosing, comparing and arranging them."""

from rlvf_common.starter.candidate import Candidate


def words_grow(sentence: str) -> bool:
    """Return True if every word of the sentence is longer than the word before it.

    Words are separated by spaces. A sentence of one word or none grows, too.

    >>> words_grow("I am now here")
    True
    """
    sizes = [len(word) for word in sentence.split()]
    return sizes == sorted(set(sizes))


def check_words_grow(candidate: Candidate) -> None:
    assert candidate("I am now here") is True
    assert candidate("") is True
    assert candidate("word") is True
    assert candidate("to be") is False
    assert candidate("long to") is False
    assert candidate("a  bb   ccc") is True
    assert candidate("a ccc bb") is False
    assert candidate("a bb a") is False


def echo_word(sentence: str) -> str:
    """Return the first word of the sentence that stands there a second time, whatever its case.

    "First" means that its second occurrence comes first. The word is returned in small letters;
    without such a word the result is "". Words are separated by spaces.

    >>> echo_word("To be or not to be")
    'to'
    """
    seen = set()
    for word in sentence.lower().split():
        if word in seen:
            return word
        seen.add(word)
    return ""


def check_echo_word(candidate: Candidate) -> None:
    assert candidate("To be or not to be") == "to"
    assert candidate("") == ""
    assert candidate("all are new") == ""
    assert candidate("a b b a") == "b"
    assert candidate("x X") == "x"
    assert candidate("cat cats cat.") == ""
    assert candidate("one two three two one") == "two"


def chain_of_words(words: list[str]) -> int:
    """Return how many words from the beginning on form a chain.

    In a chain each word begins with the last letter of the word before; capital and small letters
    are the same. No word is empty.

    >>> chain_of_words(["tea", "Apple", "egg", "dog"])
    3
    """
    length = min(len(words), 1)
    while 0 < length < len(words):
        if words[length - 1][-1].lower() != words[length][0].lower():
            break
        length += 1
    return length


def check_chain_of_words(candidate: Candidate) -> None:
    assert candidate(["tea", "Apple", "egg", "dog"]) == 3
    assert candidate([]) == 0
    assert candidate(["solo"]) == 1
    assert candidate(["cat", "dog", "gas"]) == 1
    assert candidate(["cat", "TIP", "pen", "Nut"]) == 4
    assert candidate(["a", "a", "a"]) == 3
    assert candidate(["on", "no", "no", "on"]) == 2


def stitched_syllables(lines: list[str]) -> str:
    """Put the lines of a text together in which words at the end of a line may be broken.

    If a line ends with "-", this sign is dropped and the next line follows directly; otherwise
    there is one space between two lines. Spaces around each line are dropped first. A "-" at the
    end of the last line stays.

    >>> stitched_syllables(["we eat straw-", "berries", "today"])
    'we eat strawberries today'
    """
    text = ""
    for line in lines:
        if text.endswith("-"):
            text = text[:-1] + line.strip()
        else:
            text = f"{text} {line.strip()}" if text else line.strip()
    return text


def check_stitched_syllables(candidate: Candidate) -> None:
    assert candidate(["we eat straw-", "berries", "today"]) == "we eat strawberries today"
    assert candidate([]) == ""
    assert candidate([" one "]) == "one"
    assert candidate(["a-", " b-", "c"]) == "abc"
    assert candidate(["a", " b ", "c"]) == "a b c"
    assert candidate(["end-"]) == "end-"
    assert candidate(["well-known", "name"]) == "well-known name"
    assert candidate(["x- ", "y"]) == "xy"


def anagram_partner(word: str, others: list[str]) -> str | None:
    """Return the first of the other words that has the same letters as the word in another order.

    Capital and small letters are the same. A word that is equal to the given one is no partner.

    >>> anagram_partner("Tea", ["tea", "ate", "eat"])
    'ate'
    """
    wanted = sorted(word.lower())
    for other in others:
        if sorted(other.lower()) == wanted and other.lower() != word.lower():
            return other
    return None


def check_anagram_partner(candidate: Candidate) -> None:
    assert candidate("Tea", ["tea", "ate", "eat"]) == "ate"
    assert candidate("tea", []) is None
    assert candidate("tea", ["TEA"]) is None
    assert candidate("tea", ["Eta"]) == "Eta"
    assert candidate("aab", ["abb", "ab", "aba"]) == "aba"
    assert candidate("", [""]) is None
    assert candidate("ab", ["abc", "b", "BA"]) == "BA"


def title_abbreviation(title: str) -> str:
    """Abbreviate a title by the first letters of its words, as capitals.

    The words "of", "the", "and" and "a" (in any case) do not count, and a number is taken whole. If
    nothing is left, return "?". Words are separated by spaces.

    >>> title_abbreviation("the return of Agent 47")
    'RA47'
    """
    result = ""
    for word in title.split():
        if word.isdigit():
            result += word
        elif word.lower() not in ("of", "the", "and", "a"):
            result += word[0].upper()
    return result or "?"


def check_title_abbreviation(candidate: Candidate) -> None:
    assert candidate("the return of Agent 47") == "RA47"
    assert candidate("") == "?"
    assert candidate("The A Of") == "?"
    assert candidate("and") == "?"
    assert candidate("star wars") == "SW"
    assert candidate("2001 a space odyssey") == "2001SO"
    assert candidate("Andes theory off") == "ATO"
    assert candidate("mp3 player") == "MP"


def align_on_mark(lines: list[str], mark: str) -> list[str]:
    """Move lines to the right so that the first mark of each line stands in the same column.

    Put as few spaces as possible in front of the lines. Lines without the mark stay as they are.
    The mark is one character.

    >>> align_on_mark(["a=1", "width=20"], "=")
    ['    a=1', 'width=20']
    """
    columns = [line.index(mark) for line in lines if mark in line]
    result = []
    for line in lines:
        if mark in line:
            line = " " * (max(columns) - line.index(mark)) + line
        result.append(line)
    return result


def check_align_on_mark(candidate: Candidate) -> None:
    assert candidate(["a=1", "width=20"], "=") == ["    a=1", "width=20"]
    assert candidate([], "=") == []
    assert candidate(["none"], "=") == ["none"]
    assert candidate(["x=y=z", "xx=1"], "=") == [" x=y=z", "xx=1"]
    assert candidate(["long text", "a:b"], ":") == ["long text", "a:b"]
    assert candidate(["1.25", "10.5", ".75"], ".") == [" 1.25", "10.5", "  .75"]
    assert candidate(["", "|", " |"], "|") == ["", " |", " |"]


def repeated_ending(words: list[str], size: int) -> dict[str, int]:
    """Count how many words have the same last letters, `size` of them.

    Words that are shorter are left out, and so are endings that occur only once. The endings are
    written in small letters.

    >>> repeated_ending(["going", "SING", "play", "in"], 3)
    {'ing': 2}
    """
    counts: dict[str, int] = {}
    for word in words:
        if len(word) >= size:
            ending = word[len(word) - size :].lower()
            counts[ending] = counts.get(ending, 0) + 1
    return {ending: count for ending, count in counts.items() if count > 1}


def check_repeated_ending(candidate: Candidate) -> None:
    assert candidate(["going", "SING", "play", "in"], 3) == {"ing": 2}
    assert candidate([], 2) == {}
    assert candidate(["ab"], 1) == {}
    assert candidate(["ab", "ab"], 2) == {"ab": 2}
    assert candidate(["cat", "hat", "dot"], 1) == {"t": 3}
    assert candidate(["cat", "hat", "dot"], 2) == {"at": 2}
    assert candidate(["a", "a"], 2) == {}
    assert candidate(["xa", "ya", "zb", "wb", "c"], 1) == {"a": 2, "b": 2}


def speech_bubble(text: str, width: int) -> list[str]:
    """Cut a text into lines of exactly `width` characters, also in the middle of words.

    The last line is filled with dots. Spaces at the beginning of a line are dropped before the line
    is filled, so that the line takes more from the text. The width is at least 2.

    >>> speech_bubble("ab cd e", 2)
    ['ab', 'cd', 'e.']
    """
    lines = []
    rest = text.lstrip(" ")
    while rest:
        lines.append(rest[:width].ljust(width, "."))
        rest = rest[width:].lstrip(" ")
    return lines


def check_speech_bubble(candidate: Candidate) -> None:
    assert candidate("ab cd e", 2) == ["ab", "cd", "e."]
    assert candidate("", 3) == []
    assert candidate("  ", 3) == []
    assert candidate("abcdef", 3) == ["abc", "def"]
    assert candidate(" abcd", 3) == ["abc", "d.."]
    assert candidate("a b c d", 3) == ["a b", "c d"]
    assert candidate("ab   cd", 2) == ["ab", "cd"]
    assert candidate("a  b", 2) == ["a ", "b."]
