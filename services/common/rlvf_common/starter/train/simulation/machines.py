"""Machines and devices that react to commands."""

from rlvf_common.starter.candidate import Candidate


def lift_floor(buttons: str, top: int) -> int:
    """Return the floor of a lift after some buttons were pressed. It begins on floor 0.

    "u" goes one floor up and "d" one floor down. The lift never leaves the floors 0 to `top`: a
    button that would do so has no effect. Other buttons have no effect, either.

    >>> lift_floor("duuu", 2)
    2
    """
    floor = 0
    for button in buttons:
        step = {"u": 1, "d": -1}.get(button, 0)
        floor = min(max(floor + step, 0), top)
    return floor


def check_lift_floor(candidate: Candidate) -> None:
    assert candidate("duuu", 2) == 2
    assert candidate("", 5) == 0
    assert candidate("ddd", 5) == 0
    assert candidate("du", 5) == 1
    assert candidate("uuud", 2) == 1
    assert candidate("uxuDdU", 9) == 1
    assert candidate("uuuuu", 0) == 0
    assert candidate("uudduuu", 3) == 3


def traffic_light(seconds: int) -> str:
    """Return the color of a traffic light some seconds after it was switched on.

    It is green for 30 seconds, then yellow for 5, then red for 25, and then it begins again.

    >>> traffic_light(30)
    'yellow'
    """
    rest = seconds % 60
    if rest < 30:
        return "green"
    return "yellow" if rest < 35 else "red"


def check_traffic_light(candidate: Candidate) -> None:
    assert candidate(30) == "yellow"
    assert candidate(0) == "green"
    assert candidate(29) == "green"
    assert candidate(34) == "yellow"
    assert candidate(35) == "red"
    assert candidate(59) == "red"
    assert candidate(60) == "green"
    assert candidate(92) == "yellow"
    assert candidate(95) == "red"


def stack_after(commands: list[str]) -> list[int]:
    """Return the stack, from bottom to top, after the commands. It is empty at the beginning.

    "push N" puts the number N on top, "pop" takes the top away, "dup" puts the top there a second
    time. "pop" and "dup" do nothing on an empty stack.

    >>> stack_after(["push 4", "dup", "push -1", "pop"])
    [4, 4]
    """
    stack: list[int] = []
    for command in commands:
        if command.startswith("push"):
            stack.append(int(command.split()[1]))
        elif stack and command == "pop":
            stack.pop()
        elif stack and command == "dup":
            stack.append(stack[-1])
    return stack


def check_stack_after(candidate: Candidate) -> None:
    assert candidate(["push 4", "dup", "push -1", "pop"]) == [4, 4]
    assert candidate([]) == []
    assert candidate(["pop", "dup"]) == []
    assert candidate(["push 1", "push 2", "push 3"]) == [1, 2, 3]
    assert candidate(["push 1", "push 2", "dup"]) == [1, 2, 2]
    assert candidate(["push 1", "pop", "pop", "push 5"]) == [5]
    assert candidate(["push 10", "push 20", "pop", "dup"]) == [10, 10]


def text_after_keys(keys: list[str]) -> str:
    """Return the text in an editor after some keys. It is empty at the beginning.

    "back" removes the character before the cursor, "left" and "right" move the cursor by one
    place, as far as the text reaches, and "home" moves it to the beginning. Any other key is one
    character that is put in at the cursor, which then stands behind it.

    >>> text_after_keys(["a", "c", "left", "b"])
    'abc'
    """
    text = ""
    cursor = 0
    for key in keys:
        if key == "back":
            text = text[: max(cursor - 1, 0)] + text[cursor:]
            cursor = max(cursor - 1, 0)
        elif key == "left":
            cursor = max(cursor - 1, 0)
        elif key == "right":
            cursor = min(cursor + 1, len(text))
        elif key == "home":
            cursor = 0
        else:
            text = text[:cursor] + key + text[cursor:]
            cursor += 1
    return text


def check_text_after_keys(candidate: Candidate) -> None:
    assert candidate(["a", "c", "left", "b"]) == "abc"
    assert candidate([]) == ""
    assert candidate(["back", "x"]) == "x"
    assert candidate(["a", "b", "back"]) == "a"
    assert candidate(["a", "b", "left", "back"]) == "b"
    assert candidate(["a", "b", "home", "back", "x"]) == "xab"
    assert candidate(["a", "b", "c", "left", "back", "x"]) == "axc"
    assert candidate(["a", "left", "back", "b"]) == "ba"
    assert candidate(["a", "right", "right", "b", "left", "c"]) == "acb"
    assert candidate(["b", "c", "home", "a", "right", "d"]) == "abdc"
    assert candidate(["a", "left", "left", "left", "right", "b"]) == "ab"
    assert candidate(["x", "y", "z", "left", "left", "back", "w"]) == "wyz"


def undo_history(actions: list[str]) -> list[str]:
    """Return the words on a page after some actions.

    An action is a word that is written behind the others, or "undo", which takes back the last
    word, or "redo", which brings back the last word taken back. Writing a word makes it impossible
    to redo what was taken back before. "undo" and "redo" do nothing if there is nothing to do.

    >>> undo_history(["a", "b", "undo", "redo", "undo"])
    ['a']
    """
    words: list[str] = []
    undone: list[str] = []
    for action in actions:
        if action == "undo":
            if words:
                undone.append(words.pop())
        elif action == "redo":
            if undone:
                words.append(undone.pop())
        else:
            words.append(action)
            undone = []
    return words


def check_undo_history(candidate: Candidate) -> None:
    assert candidate(["a", "b", "undo", "redo", "undo"]) == ["a"]
    assert candidate([]) == []
    assert candidate(["undo", "redo"]) == []
    assert candidate(["a", "undo", "b", "redo"]) == ["b"]
    assert candidate(["a", "b", "c", "undo", "undo", "redo"]) == ["a", "b"]
    assert candidate(["a", "undo", "undo", "redo", "redo"]) == ["a"]
    assert candidate(["a", "a", "undo"]) == ["a"]
    assert candidate(["x", "y", "undo", "undo", "redo", "redo"]) == ["x", "y"]


def vending_change(price: int, coins: list[int]) -> tuple[bool, list[int]]:
    """Simulate a machine that sells one thing.

    Coins are put in one after the other until the price is reached; further coins are not taken.
    Return whether the thing is sold, and the coins that come back: the change in as few coins as
    possible of 10, 5, 2 and 1, largest first, or, if the price is not reached, the coins put in.

    >>> vending_change(12, [10, 10, 5])
    (True, [5, 2, 1])
    """
    paid = 0
    for coin in coins:
        if paid < price:
            paid += coin
    if paid < price:
        return False, list(coins)
    change = []
    for value in (10, 5, 2, 1):
        while paid - price >= value:
            change.append(value)
            paid -= value
    return True, change


def check_vending_change(candidate: Candidate) -> None:
    assert candidate(12, [10, 10, 5]) == (True, [5, 2, 1])
    assert candidate(12, [10, 1]) == (False, [10, 1])
    assert candidate(12, [10, 2]) == (True, [])
    assert candidate(12, []) == (False, [])
    assert candidate(0, [5]) == (True, [])
    assert candidate(1, [50]) == (True, [10, 10, 10, 10, 5, 2, 2])
    assert candidate(3, [1, 1, 2, 10]) == (True, [1])
    assert candidate(9, [2, 1, 5]) == (False, [2, 1, 5])
    assert candidate(10, [20]) == (True, [10])


def thermostat(temperatures: list[int], wanted: int) -> list[bool]:
    """Return for each measured temperature whether the heating is on after it.

    The heating is switched on when the temperature is more than 2 degrees below the wanted one,
    and switched off when it is more than 1 degree above. In between it stays as it was; at the
    beginning it is off.

    >>> thermostat([20, 17, 20, 22], 20)
    [False, True, True, False]
    """
    states = []
    heating = False
    for temperature in temperatures:
        if temperature < wanted - 2:
            heating = True
        elif temperature > wanted + 1:
            heating = False
        states.append(heating)
    return states


def check_thermostat(candidate: Candidate) -> None:
    assert candidate([20, 17, 20, 22], 20) == [False, True, True, False]
    assert candidate([], 20) == []
    assert candidate([18], 20) == [False]
    assert candidate([17], 20) == [True]
    assert candidate([10, 21], 20) == [True, True]
    assert candidate([10, 22, 18], 20) == [True, False, False]
    assert candidate([30, 17, 18, 21, 22, 21], 20) == [False, True, True, True, False, False]
    assert candidate([-3, -2, 2], 0) == [True, True, False]


def print_queue(jobs: list[int], urgent: list[int]) -> list[int]:
    """Return the order in which the jobs of a printer come out.

    The printer looks at the first job of the queue. If an urgent job is somewhere behind it and it
    is not urgent itself, it goes to the end of the queue; otherwise it is printed. All numbers of
    jobs are different.

    >>> print_queue([1, 2, 3, 4], [3])
    [3, 4, 1, 2]
    """
    queue = list(jobs)
    printed = []
    while queue:
        job = queue.pop(0)
        if job not in urgent and any(other in urgent for other in queue):
            queue.append(job)
        else:
            printed.append(job)
    return printed


def check_print_queue(candidate: Candidate) -> None:
    assert candidate([1, 2, 3, 4], [3]) == [3, 4, 1, 2]
    assert candidate([], [1]) == []
    assert candidate([1, 2], []) == [1, 2]
    assert candidate([1, 2], [9]) == [1, 2]
    jobs = [4, 5]
    assert candidate(jobs, [5]) == [5, 4]
    assert jobs == [4, 5]
    assert candidate([5, 6], [5, 6]) == [5, 6]
    assert candidate([1, 2, 3], [3, 2]) == [2, 3, 1]
    assert candidate([1, 2, 3, 4, 5], [2, 4]) == [2, 4, 5, 1, 3]
    assert candidate([7, 8], [7]) == [7, 8]


def password_lock(attempts: list[str], password: str) -> str:
    """Return the state of a lock after some attempts: "open", "closed" or "blocked".

    The right password opens a closed lock. After three wrong attempts in a row it is blocked for
    ever. An open lock is closed by the attempt "close", which is not counted as wrong or right;
    every other attempt on an open lock does nothing. At the beginning the lock is closed, and
    "close" on a closed lock is a wrong attempt like any other.

    >>> password_lock(["x", "x", "1234", "close", "x"], "1234")
    'closed'
    """
    state = "closed"
    wrong = 0
    for attempt in attempts:
        if state == "open":
            if attempt == "close":
                state = "closed"
        elif state == "closed":
            if attempt == password:
                state = "open"
                wrong = 0
            else:
                wrong += 1
                if wrong == 3:
                    state = "blocked"
    return state


def check_password_lock(candidate: Candidate) -> None:
    assert candidate(["x", "x", "1234", "close", "x"], "1234") == "closed"
    assert candidate([], "1234") == "closed"
    assert candidate(["1234"], "1234") == "open"
    assert candidate(["x", "x"], "1234") == "closed"
    assert candidate(["x", "x", "x", "1234"], "1234") == "blocked"
    assert candidate(["x", "x", "1234", "x", "x", "x"], "1234") == "open"
    assert candidate(["p", "close", "x", "x", "p"], "p") == "open"
    assert candidate(["close", "close", "close"], "p") == "blocked"
    assert candidate(["x", "x", "p", "close", "x", "x", "x"], "p") == "blocked"
    assert candidate(["p", "p", "close"], "p") == "closed"
    assert candidate(["x", "x", "p", "close", "x", "x"], "p") == "closed"


def counter_program(lines: list[str]) -> dict[str, int]:
    """Run a program for named counters and return them at the end.

    "set NAME N" gives a counter a value, "add NAME N" adds N to it (a new counter begins at 0),
    "copy FROM TO" gives the second counter the value of the first, and "halt" ends the program.
    Copying a counter that does not exist removes the second counter.

    >>> counter_program(["set a 5", "copy a b", "add b -2", "halt", "set a 0"])
    {'a': 5, 'b': 3}
    """
    counters: dict[str, int] = {}
    for line in lines:
        command, *words = line.split()
        if command == "halt":
            break
        first, second = words
        if command == "set":
            counters[first] = int(second)
        elif command == "add":
            counters[first] = counters.get(first, 0) + int(second)
        elif first in counters:
            counters[second] = counters[first]
        else:
            counters.pop(second, None)
    return counters


def check_counter_program(candidate: Candidate) -> None:
    assert candidate(["set a 5", "copy a b", "add b -2", "halt", "set a 0"]) == {"a": 5, "b": 3}
    assert candidate([]) == {}
    assert candidate(["add x 4", "add x 4"]) == {"x": 8}
    assert candidate(["set a 1", "set a 2"]) == {"a": 2}
    assert candidate(["halt", "set a 1"]) == {}
    assert candidate(["copy a b"]) == {}
    assert candidate(["set b 1", "copy a b"]) == {}
    assert candidate(["set a 1", "copy a b", "add a 1", "copy a c"]) == {"a": 2, "b": 1, "c": 2}
    assert candidate(["set a 0", "copy a b"]) == {"a": 0, "b": 0}
