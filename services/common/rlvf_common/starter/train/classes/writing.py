"""Objects that hold and change text."""

from rlvf_common.starter.candidate import Candidate


class NameTag:
    """The name of a person, made with the first name and the last name.

    `full()` returns both names with a space between them. `formal()` returns the last name, a
    comma, a space and the first name. `initials()` returns the first letters of the first and the
    last name as capital letters, each with a dot behind it.

    >>> tag = NameTag("Ada", "Byron")
    >>> tag.formal()
    'Byron, Ada'
    >>> tag.initials()
    'A.B.'
    """

    def __init__(self, first: str, last: str) -> None:
        self._first = first
        self._last = last

    def full(self) -> str:
        return f"{self._first} {self._last}"

    def formal(self) -> str:
        return f"{self._last}, {self._first}"

    def initials(self) -> str:
        return f"{self._first[0].upper()}.{self._last[0].upper()}."


def check_NameTag(candidate: Candidate) -> None:
    tag = candidate("Ada", "Byron")
    assert tag.full() == "Ada Byron"
    assert tag.formal() == "Byron, Ada"
    assert tag.initials() == "A.B."
    small = candidate("joe", "van dyke")
    assert small.full() == "joe van dyke"
    assert small.formal() == "van dyke, joe"
    assert small.initials() == "J.V."
    assert candidate("X", "Y").full() == "X Y"


class Notebook:
    """A notebook with numbered notes; the first note has the number 1.

    `write(text)` adds a note and returns its number. `read(number)` returns the text of a note, or
    `"?"` if there is no note of that number. `search(word)` returns the numbers of all notes whose
    text contains that word, in rising order.

    >>> notebook = Notebook()
    >>> notebook.write("buy tea")
    1
    >>> notebook.read(1)
    'buy tea'
    """

    def __init__(self) -> None:
        self._notes: list[str] = []

    def write(self, text: str) -> int:
        self._notes.append(text)
        return len(self._notes)

    def read(self, number: int) -> str:
        if 1 <= number <= len(self._notes):
            return self._notes[number - 1]
        return "?"

    def search(self, word: str) -> list[int]:
        return [number for number, text in enumerate(self._notes, start=1) if word in text]


def check_Notebook(candidate: Candidate) -> None:
    notebook = candidate()
    assert notebook.read(1) == "?"
    assert notebook.search("tea") == []
    assert notebook.write("buy tea") == 1
    assert notebook.write("call Bob") == 2
    assert notebook.write("teapot") == 3
    assert notebook.read(1) == "buy tea"
    assert notebook.read(3) == "teapot"
    assert notebook.read(4) == "?"
    assert notebook.read(0) == "?"
    assert notebook.read(-1) == "?"
    assert notebook.search("tea") == [1, 3]
    assert notebook.search("b") == [1, 2]
    assert notebook.search("xyz") == []


class WordTally:
    """Counts words; large and small letters are the same.

    `read(text)` counts the words of a text, which are separated by spaces. `count(word)` returns
    how often a word was read. `top(n)` returns the n words that were read most often, in small
    letters, the most frequent first; words that are equally frequent are in the order of the
    alphabet.

    >>> tally = WordTally()
    >>> tally.read("to be or not To be")
    >>> tally.count("to")
    2
    >>> tally.top(2)
    ['be', 'to']
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def read(self, text: str) -> None:
        for word in text.lower().split():
            self._counts[word] = self._counts.get(word, 0) + 1

    def count(self, word: str) -> int:
        return self._counts.get(word.lower(), 0)

    def top(self, n: int) -> list[str]:
        return sorted(self._counts, key=lambda word: (-self._counts[word], word))[:n]


def check_WordTally(candidate: Candidate) -> None:
    tally = candidate()
    assert tally.count("to") == 0
    assert tally.top(3) == []
    tally.read("to be or not To be")
    assert tally.count("to") == 2
    assert tally.count("BE") == 2
    assert tally.count("or") == 1
    assert tally.count("b") == 0
    assert tally.top(2) == ["be", "to"]
    tally.read("TO or")
    assert tally.top(1) == ["to"]
    assert tally.top(9) == ["to", "be", "or", "not"]
    assert tally.top(0) == []
    tally.read("")
    assert tally.count("to") == 3


class UndoText:
    """A text that is written piece by piece, and can be taken back. It is empty at first.

    `write(piece)` adds a piece at the end. `undo()` takes the last piece away again; `redo()` puts
    back the piece that was undone last. Both do nothing if there is none. After `write` nothing can
    be redone. `text()` returns the text.

    >>> text = UndoText()
    >>> text.write("Hello")
    >>> text.write(" you")
    >>> text.undo()
    >>> text.text()
    'Hello'
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._undone: list[str] = []

    def write(self, piece: str) -> None:
        self._pieces.append(piece)
        self._undone = []

    def undo(self) -> None:
        if self._pieces:
            self._undone.append(self._pieces.pop())

    def redo(self) -> None:
        if self._undone:
            self._pieces.append(self._undone.pop())

    def text(self) -> str:
        return "".join(self._pieces)


def check_UndoText(candidate: Candidate) -> None:
    text = candidate()
    assert text.text() == ""
    text.undo()
    text.redo()
    assert text.text() == ""
    for piece in ("a", "bc", "d"):
        text.write(piece)
    assert text.text() == "abcd"
    text.undo()
    assert text.text() == "abc"
    text.undo()
    assert text.text() == "a"
    text.redo()
    assert text.text() == "abc"
    text.redo()
    text.redo()
    assert text.text() == "abcd"
    text.undo()
    text.write("x")
    assert text.text() == "abcx"
    text.redo()
    assert text.text() == "abcx"
    for _ in range(5):
        text.undo()
    assert text.text() == ""
    text.redo()
    assert text.text() == "a"


class SecretWord:
    """A word that is guessed letter by letter; it has small letters only.

    It is made with the word and the number of wrong guesses that are allowed. `guess(letter)` tells
    whether the letter is in the word; a letter that is guessed again changes nothing. `shown()`
    returns the word with `_` for each letter that was not guessed. `state()` returns `"lost"` if
    there were more wrong guesses than allowed, otherwise `"won"` if all letters were guessed,
    otherwise `"open"`.

    >>> word = SecretWord("tree", 2)
    >>> word.guess("e")
    True
    >>> word.shown()
    '__ee'
    >>> word.state()
    'open'
    """

    def __init__(self, word: str, allowed: int) -> None:
        self._word = word
        self._allowed = allowed
        self._guessed: set[str] = set()

    def guess(self, letter: str) -> bool:
        self._guessed.add(letter)
        return letter in self._word

    def shown(self) -> str:
        return "".join(letter if letter in self._guessed else "_" for letter in self._word)

    def state(self) -> str:
        if len(self._guessed - set(self._word)) > self._allowed:
            return "lost"
        return "won" if self.shown() == self._word else "open"


def check_SecretWord(candidate: Candidate) -> None:
    word = candidate("tree", 2)
    assert word.shown() == "____"
    assert word.state() == "open"
    assert word.guess("e") is True
    assert word.shown() == "__ee"
    assert word.guess("x") is False
    assert word.guess("x") is False
    assert word.guess("q") is False
    assert word.state() == "open"
    assert word.guess("t") is True
    assert word.shown() == "t_ee"
    assert word.guess("r") is True
    assert word.state() == "won"
    assert word.shown() == "tree"
    assert word.guess("z") is False
    assert word.state() == "lost"
    strict = candidate("a", 0)
    assert strict.guess("b") is False
    assert strict.state() == "lost"


class TextCursor:
    """A line of text with a cursor, which stands between two letters or at an end. The line is
    empty at first.

    `insert(text)` puts text in at the cursor; the cursor is then behind it. `left(n)` and
    `right(n)` move the cursor by n letters, but not beyond the ends. `delete()` removes the letter
    before the cursor, if there is one. `view()` returns the line with a `|` where the cursor is.

    >>> line = TextCursor()
    >>> line.insert("abd")
    >>> line.left(1)
    >>> line.insert("c")
    >>> line.view()
    'abc|d'
    """

    def __init__(self) -> None:
        self._before = ""
        self._behind = ""

    def insert(self, text: str) -> None:
        self._before += text

    def left(self, n: int) -> None:
        self._move_to(max(0, len(self._before) - n))

    def right(self, n: int) -> None:
        self._move_to(len(self._before) + n)

    def delete(self) -> None:
        self._before = self._before[:-1]

    def view(self) -> str:
        return f"{self._before}|{self._behind}"

    def _move_to(self, place: int) -> None:
        text = self._before + self._behind
        self._before = text[:place]
        self._behind = text[place:]


def check_TextCursor(candidate: Candidate) -> None:
    line = candidate()
    assert line.view() == "|"
    line.delete()
    assert line.view() == "|"
    line.insert("abd")
    assert line.view() == "abd|"
    line.left(1)
    line.insert("c")
    assert line.view() == "abc|d"
    line.delete()
    assert line.view() == "ab|d"
    line.left(9)
    assert line.view() == "|abd"
    line.delete()
    assert line.view() == "|abd"
    line.right(2)
    assert line.view() == "ab|d"
    line.right(5)
    assert line.view() == "abd|"
    line.insert("ef")
    line.left(2)
    line.left(2)
    assert line.view() == "a|bdef"
