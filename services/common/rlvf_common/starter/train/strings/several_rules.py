"""Texts with several rules at once."""

from rlvf_common.starter.candidate import Candidate


def username_problems(name: str, taken: list[str]) -> list[str]:
    """Check a user name and return its problems, in this order.

    "short" if it has fewer than 3 characters, "long" if it has more than 12, "letter first" if it
    does not begin with a small or capital letter a to z, "characters" if it has anything besides
    such letters, digits and "_", and "taken" if it is in the list, whatever the case. An empty name
    has only the problem "short".

    >>> username_problems("4x!", ["4X!"])
    ['letter first', 'characters', 'taken']
    """
    if not name:
        return ["short"]
    letters = "abcdefghijklmnopqrstuvwxyz"
    lower = name.lower()
    problems = []
    if len(name) < 3:
        problems.append("short")
    if len(name) > 12:
        problems.append("long")
    if lower[0] not in letters:
        problems.append("letter first")
    if any(sign not in letters + "0123456789_" for sign in lower):
        problems.append("characters")
    if lower in [other.lower() for other in taken]:
        problems.append("taken")
    return problems


def check_username_problems(candidate: Candidate) -> None:
    assert candidate("4x!", ["4X!"]) == ["letter first", "characters", "taken"]
    assert candidate("", [""]) == ["short"]
    assert candidate("anna_7", []) == []
    assert candidate("ab", []) == ["short"]
    assert candidate("abc", ["abcd"]) == []
    assert candidate("Abcdefghijkl", []) == []
    assert candidate("abcdefghijklm", []) == ["long"]
    assert candidate("_ab", []) == ["letter first"]
    assert candidate("a-b", ["x", "A-B"]) == ["characters", "taken"]
    assert candidate("a b", []) == ["characters"]
    assert candidate("Zoé", []) == ["characters"]
    assert candidate("é", []) == ["short", "letter first", "characters"]


def name_card(full: str) -> str:
    """Write a name as on a card: the last name in capitals, a comma and the initials.

    The last word is the last name; of all words before it only the first letter remains, as a
    capital with a dot, separated by spaces. The words "von", "van" and "de" (in any case) directly
    before the last name belong to it and are written small. Without other words there are no
    initials and no comma. Words are separated by spaces.

    >>> name_card("anna maria von berg")
    'von BERG, A. M.'
    """
    words = full.split()
    if not words:
        return ""
    last = words.pop().upper()
    while words and words[-1].lower() in ("von", "van", "de"):
        last = words.pop().lower() + " " + last
    if not words:
        return last
    initials = " ".join(word[0].upper() + "." for word in words)
    return f"{last}, {initials}"


def check_name_card(candidate: Candidate) -> None:
    assert candidate("anna maria von berg") == "von BERG, A. M."
    assert candidate("") == ""
    assert candidate("  ") == ""
    assert candidate("plato") == "PLATO"
    assert candidate("Ada Lovelace") == "LOVELACE, A."
    assert candidate("simone De beauvoir") == "de BEAUVOIR, S."
    assert candidate("van gogh") == "van GOGH"
    assert candidate("Jan van de Velde") == "van de VELDE, J."
    assert candidate("Van Lee Smith") == "SMITH, V. L."
    assert candidate("von") == "VON"


def highlight_term(text: str, term: str, around: int) -> str:
    """Show the first place of a term in a text, with some characters around it.

    Look for the term whatever the case. Return the `around` characters before it, the term as it is
    written in the text in square brackets, and the `around` characters behind it. Where the text
    goes on further, put "..." at that end. If the term is not in the text, return "".

    >>> highlight_term("The quick brown fox", "BROWN", 4)
    '...ick [brown] fox'
    """
    place = text.lower().find(term.lower())
    if place < 0:
        return ""
    end = place + len(term)
    start = max(place - around, 0)
    before = text[start:place]
    after = text[end : end + around]
    if start > 0:
        before = "..." + before
    if end + around < len(text):
        after += "..."
    return f"{before}[{text[place:end]}]{after}"


def check_highlight_term(candidate: Candidate) -> None:
    assert candidate("The quick brown fox", "BROWN", 4) == "...ick [brown] fox"
    assert candidate("abc", "x", 2) == ""
    assert candidate("abc", "b", 1) == "a[b]c"
    assert candidate("abc", "b", 0) == "...[b]..."
    assert candidate("abc", "abc", 5) == "[abc]"
    assert candidate("xxabcxx", "c", 1) == "...b[c]x..."
    assert candidate("Tea and tea", "tea", 2) == "[Tea] a..."
    assert candidate("", "a", 3) == ""
    assert candidate("12345", "4", 2) == "...23[4]5"
    assert candidate("12345", "2", 2) == "1[2]34..."


def justify_line(words: list[str], width: int) -> str:
    """Write the words in one line of exactly the given width.

    Put spaces between the words so that the line is filled. If they cannot be shared evenly among
    the gaps, the gaps on the left get one more. A single word is followed by spaces. There is at
    least one word, and the words with single spaces always fit.

    >>> justify_line(["to", "be", "or"], 11)
    'to   be  or'
    """
    spaces = width - sum(len(word) for word in words)
    gaps = len(words) - 1
    if gaps == 0:
        return words[0] + " " * spaces
    base, rest = divmod(spaces, gaps)
    line = words[0]
    for gap, word in enumerate(words[1:]):
        line += " " * (base + (1 if gap < rest else 0)) + word
    return line


def check_justify_line(candidate: Candidate) -> None:
    assert candidate(["to", "be", "or"], 11) == "to   be  or"
    assert candidate(["word"], 7) == "word   "
    assert candidate(["word"], 4) == "word"
    assert candidate(["a", "b"], 5) == "a   b"
    assert candidate(["a", "b", "c"], 5) == "a b c"
    assert candidate(["a", "b", "c", "d"], 9) == "a  b  c d"
    assert candidate(["a", "b", "c", "d"], 8) == "a  b c d"
    assert candidate(["long", "er"], 20) == "long              er"


def morse_words(text: str) -> str:
    """Write a text with the letters e, t, a, n and s as dots and dashes.

    The codes are e ".", t "-", a ".-", n "-." and s "...". Codes of letters are separated by one
    space and words by " / ". Capital letters count as small ones. A word in which any other
    character occurs is left out. Words are separated by spaces.

    >>> morse_words("Sea x1 tent")
    '... . .- / - . -. -'
    """
    codes = {"e": ".", "t": "-", "a": ".-", "n": "-.", "s": "..."}
    words = []
    for word in text.lower().split():
        letters = []
        for letter in word:
            if letter not in codes:
                break
            letters.append(codes[letter])
        else:
            words.append(" ".join(letters))
    return " / ".join(words)


def check_morse_words(candidate: Candidate) -> None:
    assert candidate("Sea x1 tent") == "... . .- / - . -. -"
    assert candidate("") == ""
    assert candidate("hello") == ""
    assert candidate("E") == "."
    assert candidate("eat  at") == ". .- - / .- -"
    assert candidate("sent, ant") == ".- -. -"
    assert candidate("SNT") == "... -. -"
    assert candidate("tea no tea") == "- . .- / - . .-"


def compare_versions(first: str, second: str) -> str:
    """Compare two versions such as "1.4" and "1.10-beta" and return "<", "=" or ">".

    The numbers between the dots are compared from left to right; missing numbers count as 0. With
    equal numbers, a version with a "-" and a suffix is older than one without. Two suffixes are
    compared as texts.

    >>> compare_versions("1.4", "1.10-beta")
    '<'
    """
    keys = []
    for version in (first, second):
        numbers_text, dash, suffix = version.partition("-")
        numbers = [int(number) for number in numbers_text.split(".")]
        while numbers and numbers[-1] == 0:
            numbers.pop()
        keys.append((numbers, not dash, suffix))
    if keys[0] == keys[1]:
        return "="
    return "<" if keys[0] < keys[1] else ">"


def check_compare_versions(candidate: Candidate) -> None:
    assert candidate("1.4", "1.10-beta") == "<"
    assert candidate("1.4", "1.4") == "="
    assert candidate("1.4", "1.4.0") == "="
    assert candidate("1.4.0.1", "1.4") == ">"
    assert candidate("2", "1.99") == ">"
    assert candidate("1.0-rc", "1.0") == "<"
    assert candidate("1.0", "1-rc") == ">"
    assert candidate("1.0-alpha", "1-beta") == "<"
    assert candidate("1.0-b", "1-b") == "="
    assert candidate("0.0", "0") == "="
    assert candidate("10.2-x", "9.3-y") == ">"
    assert candidate("1.2-b", "1.2-a") == ">"


def hyphenate_code(code: str, size: int) -> str:
    """Bring a license key into its usual form.

    Drop all dashes and spaces, write letters as capitals, and put a dash between groups of `size`
    characters. Groups are counted from the end, so that only the first group may be shorter. If the
    key has any character besides letters a to z and digits, return "invalid".

    >>> hyphenate_code("ab-12 c3d4", 3)
    'AB-12C-3D4'
    """
    cleaned = code.replace("-", "").replace(" ", "").upper()
    for sign in cleaned:
        if not ("A" <= sign <= "Z" or "0" <= sign <= "9"):
            return "invalid"
    groups: list[str] = []
    while cleaned:
        groups.insert(0, cleaned[-size:])
        cleaned = cleaned[:-size]
    return "-".join(groups)


def check_hyphenate_code(candidate: Candidate) -> None:
    assert candidate("ab-12 c3d4", 3) == "AB-12C-3D4"
    assert candidate("", 4) == ""
    assert candidate("- -", 4) == ""
    assert candidate("abcdef", 3) == "ABC-DEF"
    assert candidate("abcdefg", 3) == "A-BCD-EFG"
    assert candidate("az09", 1) == "A-Z-0-9"
    assert candidate("ab", 5) == "AB"
    assert candidate("ab_c", 2) == "invalid"
    assert candidate("a:b", 2) == "invalid"
    assert candidate("a@b", 2) == "invalid"
    assert candidate("a[b", 2) == "invalid"
    assert candidate("a/b", 2) == "invalid"


def common_misspelling(word: str, dictionary: list[str]) -> str:
    """Suggest the word that was meant.

    If the word is in the dictionary, return it. Otherwise return the first dictionary word that
    comes from it by exchanging two neighboring letters; if there is none, the first one that comes
    from it by writing one of its letters twice; else return "?".

    >>> common_misspelling("leter", ["later", "letter"])
    'letter'
    """
    if word in dictionary:
        return word
    swapped = set()
    doubled = set()
    for place in range(len(word)):
        doubled.add(word[: place + 1] + word[place:])
        if place > 0:
            pair = word[place] + word[place - 1]
            swapped.add(word[: place - 1] + pair + word[place + 1 :])
    for candidates in (swapped, doubled):
        for known in dictionary:
            if known in candidates:
                return known
    return "?"


def check_common_misspelling(candidate: Candidate) -> None:
    assert candidate("leter", ["later", "letter"]) == "letter"
    assert candidate("tea", ["eat", "tea"]) == "tea"
    assert candidate("tae", ["tea", "ate"]) == "tea"
    assert candidate("tae", ["ate", "tea"]) == "ate"
    assert candidate("xyz", ["abc"]) == "?"
    assert candidate("", []) == "?"
    assert candidate("ab", ["aab", "ba"]) == "ba"
    assert candidate("ab", ["abb", "aab"]) == "abb"
    assert candidate("ab", ["aabb"]) == "?"
    assert candidate("abc", ["cba"]) == "?"
    assert candidate("form", ["from"]) == "from"
    assert candidate("cofee", ["coffee"]) == "coffee"
    assert candidate("buk", ["bulk"]) == "?"
