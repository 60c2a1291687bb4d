"""Rules of games."""

from rlvf_common.starter.candidate import Candidate


def dice_pair_points(first: int, second: int) -> int:
    """Return the points for a throw of two dice: their sum, doubled if both show the same number.

    >>> dice_pair_points(4, 4)
    16
    """
    return (first + second) * (2 if first == second else 1)


def check_dice_pair_points(candidate: Candidate) -> None:
    assert candidate(4, 4) == 16
    assert candidate(1, 1) == 4
    assert candidate(1, 2) == 3
    assert candidate(6, 6) == 24
    assert candidate(6, 5) == 11
    assert candidate(3, 1) == 4


def beats(first: str, second: str) -> int:
    """Play rock, paper, scissors: return 1 if the first hand wins, 2 for the second, 0 for a draw.

    Paper beats rock, scissors beat paper, and rock beats scissors.

    >>> beats("rock", "scissors")
    1
    """
    hands = ["rock", "paper", "scissors"]
    return (hands.index(first) - hands.index(second)) % 3


def check_beats(candidate: Candidate) -> None:
    assert candidate("rock", "scissors") == 1
    assert candidate("paper", "rock") == 1
    assert candidate("scissors", "paper") == 1
    assert candidate("scissors", "rock") == 2
    assert candidate("rock", "paper") == 2
    assert candidate("paper", "scissors") == 2
    assert candidate("paper", "paper") == 0
    assert candidate("rock", "rock") == 0


def seventeen_and_four(cards: list[str]) -> int:
    """Return the value of a hand of cards, or 0 if it is above 21.

    "2" to "10" count their number, "J", "Q" and "K" count 10. An "A" counts 11, but only 1 if the
    hand would be above 21 otherwise; this is decided for each ace, and the best value counts.

    >>> seventeen_and_four(["A", "K", "5"])
    16
    """
    total = 0
    for card in cards:
        total += int(card) if card.isdigit() else 11 if card == "A" else 10
    for _ in range(cards.count("A")):
        if total > 21:
            total -= 10
    return total if total <= 21 else 0


def check_seventeen_and_four(candidate: Candidate) -> None:
    assert candidate(["A", "K", "5"]) == 16
    assert candidate([]) == 0
    assert candidate(["A", "K"]) == 21
    assert candidate(["A", "A"]) == 12
    assert candidate(["A", "A", "9"]) == 21
    assert candidate(["K", "Q", "J"]) == 0
    assert candidate(["10", "9", "2"]) == 21
    assert candidate(["10", "9", "3"]) == 0
    assert candidate(["A", "A", "A", "K", "9"]) == 0
    assert candidate(["5", "A", "A", "J"]) == 17
    assert candidate(["2", "3"]) == 5


def ladder_game(throws: list[int], jumps: dict[int, int], last: int) -> int:
    """Return the square on which a player stands after some throws.

    The player begins on square 0 and goes forward by each throw. If a square has a jump, the player
    goes to the square that the jump says, but only once a throw. A throw that would go beyond the
    last square is lost.

    >>> ladder_game([3, 4], {3: 10, 14: 2}, 20)
    2
    """
    square = 0
    for throw in throws:
        if square + throw <= last:
            square += throw
            square = jumps.get(square, square)
    return square


def check_ladder_game(candidate: Candidate) -> None:
    assert candidate([3, 4], {3: 10, 14: 2}, 20) == 2
    assert candidate([], {}, 20) == 0
    assert candidate([6, 6, 6], {}, 18) == 18
    assert candidate([6, 6, 6], {}, 17) == 12
    assert candidate([6, 6, 1], {}, 13) == 13
    assert candidate([2], {2: 4, 4: 9}, 20) == 4
    assert candidate([2, 3], {2: 8}, 10) == 8
    assert candidate([5, 5], {5: 0}, 20) == 0
    assert candidate([4, 9, 2], {}, 6) == 6


def bowling_simple(rolls: list[tuple[int, int]]) -> int:
    """Return the points of a game of bowling with simple rules.

    Each frame is two rolls. Its points are the pins of both rolls; if these are exactly 10 (a
    spare), the pins of the first roll of the next frame are added. A frame (10, 0) is a strike:
    here all pins of the next frame are added. Frames that do not exist add nothing.

    >>> bowling_simple([(10, 0), (3, 4)])
    24
    """
    total = 0
    for frame, (first, second) in enumerate(rolls):
        total += first + second
        following = rolls[frame + 1] if frame + 1 < len(rolls) else (0, 0)
        if first == 10:
            total += sum(following)
        elif first + second == 10:
            total += following[0]
    return total


def check_bowling_simple(candidate: Candidate) -> None:
    assert candidate([(10, 0), (3, 4)]) == 24
    assert candidate([]) == 0
    assert candidate([(3, 4)]) == 7
    assert candidate([(5, 5), (3, 4)]) == 20
    assert candidate([(5, 5)]) == 10
    assert candidate([(10, 0)]) == 10
    assert candidate([(0, 10), (6, 1)]) == 23
    assert candidate([(10, 0), (10, 0), (10, 0)]) == 50
    assert candidate([(1, 8), (9, 1), (0, 9)]) == 28
    assert candidate([(10, 0), (2, 8), (7, 0)]) == 44


def tennis_score(points: str) -> str:
    """Return the score of a game of tennis between A and B after the given points.

    Each letter is a point for "A" or "B". Points are called 0, 15, 30 and 40: "15:0" after the
    first point for A. At 40:40 the score is "deuce"; who is one point ahead after that has
    "advantage A" or "advantage B". Who has at least four points and two more than the other has
    won: "game A" or "game B". Points after the end do not count.

    >>> tennis_score("AAB")
    '30:15'
    """
    a = b = 0
    for point in points:
        if max(a, b) >= 4 and abs(a - b) >= 2:
            break
        a += point == "A"
        b += point == "B"
    leader = "A" if a > b else "B"
    if max(a, b) >= 4 and abs(a - b) >= 2:
        return f"game {leader}"
    if min(a, b) >= 3:
        return "deuce" if a == b else f"advantage {leader}"
    names = ("0", "15", "30", "40")
    return f"{names[a]}:{names[b]}"


def check_tennis_score(candidate: Candidate) -> None:
    assert candidate("AAB") == "30:15"
    assert candidate("") == "0:0"
    assert candidate("BBB") == "0:40"
    assert candidate("AAAA") == "game A"
    assert candidate("AAABBBB") == "advantage B"
    assert candidate("ABABAB") == "deuce"
    assert candidate("ABABABAB") == "deuce"
    assert candidate("ABABABA") == "advantage A"
    assert candidate("ABABABAA") == "game A"
    assert candidate("BBBBAAAAAA") == "game B"
    assert candidate("ABABAABB") == "game A"
    assert candidate("AABAA") == "game A"
    assert candidate("AABBA") == "40:30"


def memory_game(cards: list[str], turns: list[tuple[int, int]]) -> list[int]:
    """Play memory for two players and return how many pairs each of them has.

    `cards` says what is on each card. In each turn two cards are turned over. If they are different
    cards that show the same and are both still there, the player gets them and goes on; otherwise
    it is the other player's turn. The first player begins.

    >>> memory_game(["a", "b", "a", "b"], [(0, 2), (1, 2), (1, 3)])
    [1, 1]
    """
    pairs = [0, 0]
    player = 0
    taken: set[int] = set()
    for first, second in turns:
        available = first not in taken and second not in taken and first != second
        if available and cards[first] == cards[second]:
            pairs[player] += 1
            taken |= {first, second}
        else:
            player = 1 - player
    return pairs


def check_memory_game(candidate: Candidate) -> None:
    cards = ["a", "b", "a", "b"]
    assert candidate(cards, [(0, 2), (1, 2), (1, 3)]) == [1, 1]
    assert candidate(cards, []) == [0, 0]
    assert candidate(cards, [(0, 2), (1, 3)]) == [2, 0]
    assert candidate(cards, [(0, 1), (0, 2), (1, 3)]) == [0, 2]
    assert candidate(cards, [(0, 0), (0, 2)]) == [0, 1]
    assert candidate(cards, [(0, 2), (2, 0), (1, 3)]) == [1, 1]
    assert candidate(cards, [(0, 3), (1, 2), (3, 1)]) == [1, 0]
    assert candidate(["x", "x", "x", "x"], [(0, 1), (1, 2), (2, 3)]) == [1, 1]
    assert candidate(["x", "x", "x", "x"], [(0, 1), (2, 1), (3, 2)]) == [1, 1]


def hangman_view(word: str, guesses: str, lives: int) -> str:
    """Return what a player of hangman sees after some guesses.

    Letters that were guessed are shown, all others are "_". A guess that is not in the word costs
    a life; the same wrong letter guessed again costs another one. When no life is left, the whole
    word is shown with "!" behind it, and further guesses do not count. There is at least one life.

    >>> hangman_view("banana", "an", 3)
    '_anana'
    """
    for guess in guesses:
        if guess not in word:
            lives -= 1
        if lives == 0:
            return word + "!"
    return "".join(letter if letter in guesses else "_" for letter in word)


def check_hangman_view(candidate: Candidate) -> None:
    assert candidate("banana", "an", 3) == "_anana"
    assert candidate("banana", "", 3) == "______"
    assert candidate("banana", "xyz", 3) == "banana!"
    assert candidate("banana", "xyb", 3) == "b_____"
    assert candidate("banana", "xxx", 3) == "banana!"
    assert candidate("banana", "xban", 1) == "banana!"
    assert candidate("banana", "banx", 2) == "banana"
    assert candidate("hut", "aHt", 4) == "__t"
    assert candidate("hut", "hutq", 1) == "hut!"


def four_in_a_row(row: str) -> str:
    """Return the player who has four stones next to each other in a row, or "-" if nobody has.

    The row has the stones "x" and "o" and empty places ".". If both players have four, the one
    whose four begin further to the left is returned.

    >>> four_in_a_row("..xoooo.")
    'o'
    """
    for start in range(len(row) - 3):
        part = row[start : start + 4]
        if part in ("xxxx", "oooo"):
            return part[0]
    return "-"


def check_four_in_a_row(candidate: Candidate) -> None:
    assert candidate("..xoooo.") == "o"
    assert candidate("") == "-"
    assert candidate("xxx") == "-"
    assert candidate("....") == "-"
    assert candidate("xxxx") == "x"
    assert candidate("ooo.oxxx") == "-"
    assert candidate("oxxxxx") == "x"
    assert candidate("xxxxoooo") == "x"
    assert candidate("ooooxxxx") == "o"
    assert candidate(".......oooo") == "o"


def count_reachable_words(letters: str, words: list[str]) -> int:
    """Count the words that can be laid with the letters of a player.

    Each letter can be used once in a word; "?" stands for any one letter. Words and letters are
    written in small letters. The empty word does not count.

    >>> count_reachable_words("ca?", ["cat", "act", "cacao", "dog"])
    2
    """
    count = 0
    for word in words:
        missing = sum(max(word.count(sign) - letters.count(sign), 0) for sign in set(word))
        if word and missing <= letters.count("?"):
            count += 1
    return count


def check_count_reachable_words(candidate: Candidate) -> None:
    assert candidate("ca?", ["cat", "act", "cacao", "dog"]) == 2
    assert candidate("", ["a"]) == 0
    assert candidate("abc", []) == 0
    assert candidate("abc", [""]) == 0
    assert candidate("abc", ["a", "cab", "aa"]) == 2
    assert candidate("??", ["xy", "zz", "xyz", "q"]) == 3
    assert candidate("lo?", ["lol", "loo", "olla", "ll"]) == 3
    assert candidate("aa?", ["abc"]) == 0
    assert candidate("aab", ["aba", "abba", "aaa"]) == 1
