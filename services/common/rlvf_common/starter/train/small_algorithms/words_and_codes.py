"""Algorithms on words: comparing, hiding and finding."""

from rlvf_common.starter.candidate import Candidate


def smallest_period(text: str) -> int:
    """Return the length of the shortest piece that gives the text when written several times.

    It may be the whole text, written once. The empty text has the length 0.

    >>> smallest_period("abcabc")
    3
    """
    return (text + text).find(text, 1) if text else 0


def check_smallest_period(candidate: Candidate) -> None:
    assert candidate("abcabc") == 3
    assert candidate("") == 0
    assert candidate("a") == 1
    assert candidate("aaaa") == 1
    assert candidate("abab") == 2
    assert candidate("ababa") == 5
    assert candidate("aab") == 3
    assert candidate("xyxxyx") == 3


def zigzag_read(text: str) -> str:
    """Write a text in two lines, one character above, the next one below, and read line by line.

    The first line is read forward and the second one backward.

    >>> zigzag_read("abcdef")
    'acefdb'
    """
    return text[::2] + text[1::2][::-1]


def check_zigzag_read(candidate: Candidate) -> None:
    assert candidate("abcdef") == "acefdb"
    assert candidate("") == ""
    assert candidate("a") == "a"
    assert candidate("ab") == "ab"
    assert candidate("abc") == "acb"
    assert candidate("abcde") == "acedb"
    assert candidate("a b c") == "abc  "


def columns_cipher(text: str, width: int) -> str:
    """Write a text into lines of the given width and read it column by column.

    The last line may be shorter. Read each column from top to bottom.

    >>> columns_cipher("abcdefg", 3)
    'adgbecf'
    """
    return "".join(text[column::width] for column in range(width))


def check_columns_cipher(candidate: Candidate) -> None:
    assert candidate("abcdefg", 3) == "adgbecf"
    assert candidate("", 4) == ""
    assert candidate("abc", 1) == "abc"
    assert candidate("abc", 5) == "abc"
    assert candidate("abcd", 2) == "acbd"
    assert candidate("abcdef", 3) == "adbecf"
    assert candidate("to be", 2) == "t eob"


def keyword_shift(text: str, key: str) -> str:
    """Shift each small letter forward in the alphabet by the place of a letter of the key.

    The key letters are used one after the other, again and again; "a" shifts by 0, "b" by 1, and so
    on, and after "z" comes "a" again. Other characters stay and use up no letter of the key. The
    key has only small letters and is not empty.

    >>> keyword_shift("hey you", "ab")
    'hfy zov'
    """
    result = ""
    used = 0
    for sign in text:
        if "a" <= sign <= "z":
            shift = ord(key[used % len(key)]) - ord("a")
            result += chr((ord(sign) - ord("a") + shift) % 26 + ord("a"))
            used += 1
        else:
            result += sign
    return result


def check_keyword_shift(candidate: Candidate) -> None:
    assert candidate("hey you", "ab") == "hfy zov"
    assert candidate("", "k") == ""
    assert candidate("abc", "a") == "abc"
    assert candidate("xyz", "b") == "yza"
    assert candidate("aaaa", "abz") == "abza"
    assert candidate("A-a", "c") == "A-c"
    assert candidate("zzz", "zb") == "yay"
    assert candidate("a1a a", "bcd") == "b1c d"


def word_ladder_step(first: str, second: str) -> bool:
    """Return True if one word becomes the other one by exactly one change.

    A change is to replace a letter by another one, to remove a letter, or to add one.

    >>> word_ladder_step("cat", "cart")
    True
    >>> word_ladder_step("cat", "cat")
    False
    """
    short, long = sorted((first, second), key=len)
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) == 1
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


def check_word_ladder_step(candidate: Candidate) -> None:
    assert candidate("cat", "cart") is True
    assert candidate("cat", "cat") is False
    assert candidate("cart", "cat") is True
    assert candidate("cat", "cot") is True
    assert candidate("cat", "dog") is False
    assert candidate("cat", "act") is False
    assert candidate("", "a") is True
    assert candidate("", "") is False
    assert candidate("a", "abc") is False
    assert candidate("abc", "abcd") is True
    assert candidate("abc", "xabc") is True
    assert candidate("abc", "abdd") is False


def find_in_letter_grid(grid: list[str], word: str) -> list[str]:
    """Find all places where a word stands in a grid of letters.

    A word can be read to the right or downward. Return for each place where it begins the text
    "row,column right" or "row,column down", sorted as texts. Rows and columns count from 0; the
    word has at least two letters, and all rows have the same length.

    >>> find_in_letter_grid(["ab", "ba"], "ab")
    ['0,0 down', '0,0 right']
    """
    found = []
    for row, line in enumerate(grid):
        for column in range(len(line)):
            if line.startswith(word, column):
                found.append(f"{row},{column} right")
            downward = "".join(other[column] for other in grid[row:])
            if downward.startswith(word):
                found.append(f"{row},{column} down")
    return sorted(found)


def check_find_in_letter_grid(candidate: Candidate) -> None:
    assert candidate(["ab", "ba"], "ab") == ["0,0 down", "0,0 right"]
    assert candidate([], "ab") == []
    assert candidate(["abab"], "ab") == ["0,0 right", "0,2 right"]
    assert candidate(["ba"], "ab") == []
    assert candidate(["a", "b"], "ab") == ["0,0 down"]
    assert candidate(["xa", "xb", "xa", "xb"], "ab") == ["0,1 down", "2,1 down"]
    assert candidate(["aaa"], "aa") == ["0,0 right", "0,1 right"]
    assert candidate(["cat", "oxe", "wca"], "cow") == ["0,0 down"]
    assert candidate(["no", "on"], "noo") == []


def tidy_path(path: str) -> str:
    """Simplify a file path.

    The parts are separated by "/". Empty parts and "." are dropped, and ".." drops itself and the
    part before it. At the beginning of the path ".." has nothing to drop and is dropped alone. The
    result begins with "/" and has none at its end, except that it is "/" if no part is left.

    >>> tidy_path("/a/./b//../c/")
    '/a/c'
    """
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def check_tidy_path(candidate: Candidate) -> None:
    assert candidate("/a/./b//../c/") == "/a/c"
    assert candidate("/") == "/"
    assert candidate("") == "/"
    assert candidate("/..") == "/"
    assert candidate("/../a") == "/a"
    assert candidate("a/b/") == "/a/b"
    assert candidate("/a/b/../..") == "/"
    assert candidate("/a/.../b") == "/a/.../b"
    assert candidate("/x/y/z/../../w") == "/x/w"
    assert candidate("/.hidden") == "/.hidden"


def best_overlap_join(first: str, second: str) -> str:
    """Join two texts so that the end of the first and the beginning of the second are written once.

    Use the longest such overlap. It may be a whole text.

    >>> best_overlap_join("waterfall", "fallen")
    'waterfallen'
    """
    size = min(len(first), len(second))
    while not first.endswith(second[:size]):
        size -= 1
    return first + second[size:]


def check_best_overlap_join(candidate: Candidate) -> None:
    assert candidate("waterfall", "fallen") == "waterfallen"
    assert candidate("", "") == ""
    assert candidate("", "a") == "a"
    assert candidate("a", "") == "a"
    assert candidate("ab", "cd") == "abcd"
    assert candidate("aaa", "aa") == "aaa"
    assert candidate("aa", "aaa") == "aaa"
    assert candidate("abcab", "abd") == "abcabd"
    assert candidate("xyx", "xyx") == "xyx"
    assert candidate("Ab", "bA") == "AbA"
    assert candidate("Ab", "Ba") == "AbBa"


def rank_of_letters(word: str) -> list[int]:
    """Number the letters of a word in alphabetical order.

    Return for each letter its number, beginning with 1; equal letters are numbered from left to
    right.

    >>> rank_of_letters("banana")
    [4, 1, 5, 2, 6, 3]
    """
    order = sorted(range(len(word)), key=lambda place: word[place])
    ranks = [0] * len(word)
    for number, place in enumerate(order, start=1):
        ranks[place] = number
    return ranks


def check_rank_of_letters(candidate: Candidate) -> None:
    assert candidate("banana") == [4, 1, 5, 2, 6, 3]
    assert candidate("") == []
    assert candidate("x") == [1]
    assert candidate("abc") == [1, 2, 3]
    assert candidate("cba") == [3, 2, 1]
    assert candidate("zzz") == [1, 2, 3]
    assert candidate("zebra") == [5, 3, 2, 4, 1]


def closest_codes(codes: list[str]) -> tuple[str, str] | None:
    """Return the two codes that differ at the fewest places.

    All codes have the same length. The result has the codes in the order of the list; of several
    pairs take the one whose first code comes first in the list, then the one whose second code
    comes first. Return None for fewer than two codes.

    >>> closest_codes(["000", "110", "111"])
    ('110', '111')
    """
    best = None
    fewest = 0
    for place, first in enumerate(codes):
        for second in codes[place + 1 :]:
            different = sum(a != b for a, b in zip(first, second, strict=True))
            if best is None or different < fewest:
                best = (first, second)
                fewest = different
    return best


def check_closest_codes(candidate: Candidate) -> None:
    assert candidate(["000", "110", "111"]) == ("110", "111")
    assert candidate([]) is None
    assert candidate(["01"]) is None
    assert candidate(["01", "10"]) == ("01", "10")
    assert candidate(["aa", "bb", "aa"]) == ("aa", "aa")
    assert candidate(["000", "001", "100"]) == ("000", "001")
    assert candidate(["abcd", "xbcy", "abcy"]) == ("abcd", "abcy")
    assert candidate(["111", "000", "011", "001"]) == ("111", "011")
