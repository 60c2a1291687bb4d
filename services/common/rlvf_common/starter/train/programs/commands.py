"""Programs that follow commands, one on each line."""

import sys

from rlvf_common.starter.candidate import Program


def counter_commands() -> None:
    """Every line of the input is a command: `up`, `down` or `show`. A counter is 0 at first.

    `up` adds one to it, `down` takes one away, `show` prints it.

    Example input:
        up
        up
        show
        down
        show
    Example output:
        2
        1
    """
    counter = 0
    for line in sys.stdin:
        command = line.strip()
        if command == "up":
            counter += 1
        elif command == "down":
            counter -= 1
        else:
            print(counter)


def check_counter_commands(program: Program) -> None:
    assert program("up\nup\nshow\ndown\nshow\n") == "2\n1\n"
    assert program("show\n") == "0\n"
    assert program("") == ""
    assert program("down\ndown\nshow\n") == "-2\n"
    assert program("up\ndown\n") == ""
    assert program("show\nup\nshow\nshow\n") == "0\n1\n1\n"


def list_commands() -> None:
    """Every line of the input is a command for a list of words, which is empty at first.

    `add WORD` puts a word at the end of the list. `first WORD` puts it at the beginning. `drop`
    removes the last word, if there is one. `show` prints all words, separated by a comma and a
    space, or `empty` if there are none.

    Example input:
        add tea
        first milk
        show
        drop
        show
    Example output:
        milk, tea
        milk
    """
    words: list[str] = []
    for line in sys.stdin:
        command, _, word = line.strip().partition(" ")
        if command == "add":
            words.append(word)
        elif command == "first":
            words.insert(0, word)
        elif command == "drop":
            words = words[:-1]
        else:
            print(", ".join(words) or "empty")


def check_list_commands(program: Program) -> None:
    assert program("add tea\nfirst milk\nshow\ndrop\nshow\n") == "milk, tea\nmilk\n"
    assert program("show\n") == "empty\n"
    assert program("drop\nadd a\nshow\n") == "a\n"
    assert program("add a\nadd b\nadd c\ndrop\nshow\n") == "a, b\n"
    assert program("first a\nfirst b\nfirst c\nshow\nshow\n") == "c, b, a\nc, b, a\n"
    assert program("add x\ndrop\ndrop\nshow\nadd y\nfirst z\nshow\n") == "empty\nz, y\n"


def robot_on_grid() -> None:
    """A robot stands at 0 0 and looks north. The input is one line with its moves.

    `F` is one step forward, `L` a quarter turn to the left, `R` a quarter turn to the right. A
    step to the north adds one to the second number, a step to the east one to the first number;
    south and west take one away. Print where the robot stands at the end: the two numbers,
    separated by a space.

    Example input:
        FFRF
    Example output:
        1 2
    """
    east, north = 0, 0
    step_east, step_north = 0, 1
    for move in input():
        if move == "F":
            east += step_east
            north += step_north
        elif move == "L":
            step_east, step_north = -step_north, step_east
        else:
            step_east, step_north = step_north, -step_east
    print(east, north)


def check_robot_on_grid(program: Program) -> None:
    assert program("FFRF\n") == "1 2\n"
    assert program("F\n") == "0 1\n"
    assert program("LR\n") == "0 0\n"
    assert program("LF\n") == "-1 0\n"
    assert program("RRFFF\n") == "0 -3\n"
    assert program("FLFLFLF\n") == "0 0\n"
    assert program("LLFRFFF\n") == "-3 -1\n"
    assert program("RFFLFRRRF\n") == "1 1\n"


def stack_machine() -> None:
    """Every line of the input is a command for a stack of whole numbers, which is empty at first.

    `push N` puts a number on top. `add`, `sub` and `mul` take the two top numbers away and put
    their sum, difference or product on top; `sub` subtracts the upper one from the lower one.
    `print` prints the number on top and leaves it there. A command that needs more numbers than
    there are prints `error` and changes nothing.

    Example input:
        push 7
        push 2
        sub
        print
        add
    Example output:
        5
        error
    """
    stack: list[int] = []
    for line in sys.stdin:
        words = line.split()
        if words[0] == "push":
            stack.append(int(words[1]))
        elif len(stack) < (1 if words[0] == "print" else 2):
            print("error")
        elif words[0] == "print":
            print(stack[-1])
        else:
            upper = stack.pop()
            lower = stack.pop()
            if words[0] == "add":
                stack.append(lower + upper)
            elif words[0] == "sub":
                stack.append(lower - upper)
            else:
                stack.append(lower * upper)


def check_stack_machine(program: Program) -> None:
    assert program("push 7\npush 2\nsub\nprint\nadd\n") == "5\nerror\n"
    assert program("print\n") == "error\n"
    assert program("push 3\nprint\nprint\n") == "3\n3\n"
    assert program("push 3\nmul\npush 4\nmul\nprint\n") == "error\n12\n"
    assert program("push 1\npush 2\npush 3\nadd\nadd\nprint\n") == "6\n"
    assert program("push 1\npush 2\npush 3\nadd\nprint\nmul\nprint\nsub\n") == "5\n5\nerror\n"
    assert program("push -4\npush 10\nsub\nprint\n") == "-14\n"


def elevator_log() -> None:
    """An elevator has the floors 0 to 9 and stands at floor 0. Every line of the input is the floor
    that somebody wants to go to, a whole number.

    If there is no such floor, print `no floor N`. If the elevator is there already, print
    `open at N`. Otherwise print `up to N` or `down to N`. At the end print `moved` and, after a
    space, how many floors the elevator moved in all.

    Example input:
        3
        12
        1
    Example output:
        up to 3
        no floor 12
        down to 1
        moved 5
    """
    floor = 0
    moved = 0
    for line in sys.stdin:
        wanted = int(line)
        if not 0 <= wanted <= 9:
            print("no floor", wanted)
            continue
        if wanted == floor:
            print("open at", wanted)
        elif wanted > floor:
            print("up to", wanted)
        else:
            print("down to", wanted)
        moved += abs(wanted - floor)
        floor = wanted
    print("moved", moved)


def check_elevator_log(program: Program) -> None:
    assert program("3\n12\n1\n") == "up to 3\nno floor 12\ndown to 1\nmoved 5\n"
    assert program("") == "moved 0\n"
    assert program("0\n0\n") == "open at 0\nopen at 0\nmoved 0\n"
    assert program("9\n10\n9\n-1\n") == "up to 9\nno floor 10\nopen at 9\nno floor -1\nmoved 9\n"
    assert program("5\n4\n5\n0\n") == "up to 5\ndown to 4\nup to 5\ndown to 0\nmoved 12\n"
    assert program("1\n2\n2\n") == "up to 1\nup to 2\nopen at 2\nmoved 2\n"


def accounts_by_command() -> None:
    """Every line of the input is a command about accounts, whose balances are 0 at first.

    `deposit NAME N` adds N to the balance. `transfer FROM TO N` moves N from one account to another
    if the balance of the first is at least N; otherwise it prints `refused` and changes nothing.
    `balance NAME` prints the balance. At the end print `refused N`, where N is how many transfers
    were refused.

    Example input:
        deposit ann 10
        transfer ann bob 4
        balance ann
        transfer bob ann 5
    Example output:
        6
        refused
        refused 1
    """
    balances: dict[str, int] = {}
    refused = 0
    for line in sys.stdin:
        match line.split():
            case ["deposit", name, amount]:
                balances[name] = balances.get(name, 0) + int(amount)
            case ["transfer", source, target, amount]:
                if balances.get(source, 0) < int(amount):
                    print("refused")
                    refused += 1
                else:
                    balances[source] -= int(amount)
                    balances[target] = balances.get(target, 0) + int(amount)
            case ["balance", name]:
                print(balances.get(name, 0))
    print("refused", refused)


def check_accounts_by_command(program: Program) -> None:
    assert (
        program("deposit ann 10\ntransfer ann bob 4\nbalance ann\ntransfer bob ann 5\n")
        == "6\nrefused\nrefused 1\n"
    )
    assert program("") == "refused 0\n"
    assert program("balance eve\n") == "0\nrefused 0\n"
    assert program("transfer a b 1\nbalance b\nbalance a\n") == "refused\n0\n0\nrefused 1\n"
    assert program("deposit a 3\ndeposit a 4\nbalance a\n") == "7\nrefused 0\n"
    assert program("deposit a 5\ntransfer a b 5\nbalance a\nbalance b\n") == "0\n5\nrefused 0\n"
    assert (
        program("deposit a 2\ntransfer a b 3\ntransfer a b 1\ntransfer b a 2\nbalance b\n")
        == "refused\nrefused\n1\nrefused 2\n"
    )


def waiting_room() -> None:
    """Every line of the input is a command of a doctor's office: `arrive NAME`, `urgent NAME` or
    `next`.

    `arrive` puts a patient at the end of the line; `urgent` puts a patient before all that are not
    urgent, but behind the urgent ones that came earlier. `next` takes the first patient out of the
    line and prints the name, or `nobody`. At the end print `left:` and the names of all who still
    wait, in their order, each after a space.

    Example input:
        arrive Ann
        urgent Bob
        next
        arrive Eve
    Example output:
        Bob
        left: Ann Eve
    """
    urgent: list[str] = []
    normal: list[str] = []
    for line in sys.stdin:
        command, _, name = line.strip().partition(" ")
        if command == "arrive":
            normal.append(name)
        elif command == "urgent":
            urgent.append(name)
        elif urgent:
            print(urgent.pop(0))
        elif normal:
            print(normal.pop(0))
        else:
            print("nobody")
    print("left:", *urgent, *normal)


def check_waiting_room(program: Program) -> None:
    assert program("arrive Ann\nurgent Bob\nnext\narrive Eve\n") == "Bob\nleft: Ann Eve\n"
    assert program("next\n") == "nobody\nleft:\n"
    assert program("") == "left:\n"
    assert program("urgent A\nurgent B\nnext\n") == "A\nleft: B\n"
    assert program("arrive A\narrive B\nurgent C\nurgent D\n") == "left: C D A B\n"
    assert program("arrive A\nnext\nnext\narrive B\n") == "A\nnobody\nleft: B\n"
    assert program("arrive A\narrive B\nnext\nurgent C\nnext\nnext\n") == "A\nC\nB\nleft:\n"
