"""Objects that keep things in an order: pages, cards, players."""

from rlvf_common.starter.candidate import Candidate


class PageHistory:
    """The pages that a browser showed. It is made with the first page.

    `visit(page)` shows a page; the pages that `forward()` could reach are forgotten. `back()` and
    `forward()` go one page in that direction and return the page that is then shown; at an end they
    stay where they are. `trail()` returns the pages from the first to the one that is shown, with
    ` > ` between them.

    >>> history = PageHistory("home")
    >>> history.visit("news")
    >>> history.back()
    'home'
    >>> history.forward()
    'news'
    """

    def __init__(self, first: str) -> None:
        self._pages = [first]
        self._at = 0

    def visit(self, page: str) -> None:
        self._at += 1
        self._pages[self._at :] = [page]

    def back(self) -> str:
        if self._at > 0:
            self._at -= 1
        return self._pages[self._at]

    def forward(self) -> str:
        if self._at + 1 < len(self._pages):
            self._at += 1
        return self._pages[self._at]

    def trail(self) -> str:
        return " > ".join(self._pages[: self._at + 1])


def check_PageHistory(candidate: Candidate) -> None:
    history = candidate("home")
    assert history.back() == "home"
    assert history.forward() == "home"
    assert history.trail() == "home"
    history.visit("news")
    history.visit("mail")
    assert history.trail() == "home > news > mail"
    assert history.forward() == "mail"
    assert history.back() == "news"
    assert history.trail() == "home > news"
    assert history.back() == "home"
    assert history.back() == "home"
    assert history.forward() == "news"
    assert history.forward() == "mail"
    history.back()
    history.visit("shop")
    assert history.forward() == "shop"
    assert history.trail() == "home > news > shop"
    assert history.back() == "news"


class CardDeck:
    """A deck of cards, made with the list of its cards from top to bottom.

    `deal(count)` takes cards from the top and returns them in order; fewer if there are not so
    many. `bury(card)` puts a card under the deck. `cut(count)` moves that many cards from the top
    to the bottom, in the same order. `weave()` divides the deck in the middle, the upper half with
    one card more if the number is odd, and then lays the cards of both halves alternately,
    beginning with the top card of the upper half. `cards()` returns all cards from top to bottom.

    >>> deck = CardDeck(["a", "b", "c", "d", "e"])
    >>> deck.weave()
    >>> deck.cards()
    ['a', 'd', 'b', 'e', 'c']
    """

    def __init__(self, cards: list[str]) -> None:
        self._cards = list(cards)

    def deal(self, count: int) -> list[str]:
        dealt = self._cards[:count]
        del self._cards[:count]
        return dealt

    def bury(self, card: str) -> None:
        self._cards.append(card)

    def cut(self, count: int) -> None:
        self._cards = self._cards[count:] + self._cards[:count]

    def weave(self) -> None:
        half = (len(self._cards) + 1) // 2
        woven = [""] * len(self._cards)
        woven[::2] = self._cards[:half]
        woven[1::2] = self._cards[half:]
        self._cards = woven

    def cards(self) -> list[str]:
        return self._cards


def check_CardDeck(candidate: Candidate) -> None:
    deck = candidate(["a", "b", "c", "d", "e"])
    assert deck.cards() == ["a", "b", "c", "d", "e"]
    deck.weave()
    assert deck.cards() == ["a", "d", "b", "e", "c"]
    deck.cut(2)
    assert deck.cards() == ["b", "e", "c", "a", "d"]
    assert deck.deal(1) == ["b"]
    assert deck.cards() == ["e", "c", "a", "d"]
    deck.weave()
    assert deck.cards() == ["e", "a", "c", "d"]
    deck.bury("z")
    assert deck.cards() == ["e", "a", "c", "d", "z"]
    deck.cut(0)
    deck.cut(5)
    assert deck.deal(0) == []
    assert deck.deal(3) == ["e", "a", "c"]
    assert deck.deal(9) == ["d", "z"]
    assert deck.cards() == []
    deck.weave()
    assert deck.deal(1) == []


class ScoreLadder:
    """A ladder of players, made with the list of names from the top down.

    `beats(winner, loser)` notes a match: if the winner stands below the loser, the winner takes the
    loser's place, and the loser and all between them go one place down. Otherwise nothing changes.
    `rank(name)` returns the place of a player; the top has the place 1. `top(count)` returns the
    first names. `withdraw(name)` takes a player off the ladder.

    >>> ladder = ScoreLadder(["Ann", "Bob", "Eve"])
    >>> ladder.beats("Eve", "Ann")
    >>> ladder.top(3)
    ['Eve', 'Ann', 'Bob']
    """

    def __init__(self, names: list[str]) -> None:
        self._names = list(names)

    def beats(self, winner: str, loser: str) -> None:
        place = self._names.index(loser)
        if self._names.index(winner) > place:
            self._names.remove(winner)
            self._names.insert(place, winner)

    def rank(self, name: str) -> int:
        return self._names.index(name) + 1

    def top(self, count: int) -> list[str]:
        return self._names[:count]

    def withdraw(self, name: str) -> None:
        self._names.remove(name)


def check_ScoreLadder(candidate: Candidate) -> None:
    ladder = candidate(["Ann", "Bob", "Eve", "Kim"])
    assert ladder.rank("Ann") == 1
    assert ladder.rank("Kim") == 4
    ladder.beats("Ann", "Kim")
    assert ladder.top(9) == ["Ann", "Bob", "Eve", "Kim"]
    ladder.beats("Kim", "Bob")
    assert ladder.top(4) == ["Ann", "Kim", "Bob", "Eve"]
    ladder.beats("Bob", "Kim")
    assert ladder.top(4) == ["Ann", "Bob", "Kim", "Eve"]
    ladder.beats("Eve", "Ann")
    assert ladder.top(2) == ["Eve", "Ann"]
    assert ladder.rank("Bob") == 3
    assert ladder.top(0) == []
    ladder.withdraw("Ann")
    assert ladder.top(4) == ["Eve", "Bob", "Kim"]
    assert ladder.rank("Kim") == 3
