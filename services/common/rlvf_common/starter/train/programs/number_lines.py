"""Programs that read numbers and write what they come to."""

import itertools
import sys

from rlvf_common.starter.candidate import Program


def add_two_lines() -> None:
    """Read two lines with one whole number each. Print the sum of the two numbers.

    Example input:
        3
        4
    Example output:
        7
    """
    first = int(input())
    second = int(input())
    print(first + second)


def check_add_two_lines(program: Program) -> None:
    assert program("3\n4\n") == "7\n"
    assert program("0\n0\n") == "0\n"
    assert program("-5\n3\n") == "-2\n"
    assert program("10\n-4\n") == "6\n"
    assert program("7\n7\n") == "14\n"
    assert program("123\n1000\n") == "1123\n"


def add_numbers_on_line() -> None:
    """Read one line with whole numbers that are separated by spaces. There is at least one number.

    Print the sum of the numbers.

    Example input:
        3 10 2
    Example output:
        15
    """
    print(sum(int(word) for word in input().split()))


def check_add_numbers_on_line(program: Program) -> None:
    assert program("3 10 2\n") == "15\n"
    assert program("8\n") == "8\n"
    assert program("0 0\n") == "0\n"
    assert program("-3 1\n") == "-2\n"
    assert program("1 1 1 1 1\n") == "5\n"
    assert program("100 20 3 -23\n") == "100\n"


def times_table_row() -> None:
    """Read a whole number. Print its products with 1, 2, 3, 4 and 5, each on a line of its own.

    Example input:
        7
    Example output:
        7
        14
        21
        28
        35
    """
    number = int(input())
    for factor in range(1, 6):
        print(number * factor)


def check_times_table_row(program: Program) -> None:
    assert program("7\n") == "7\n14\n21\n28\n35\n"
    assert program("1\n") == "1\n2\n3\n4\n5\n"
    assert program("0\n") == "0\n0\n0\n0\n0\n"
    assert program("-2\n") == "-2\n-4\n-6\n-8\n-10\n"
    assert program("10\n") == "10\n20\n30\n40\n50\n"
    assert program("111\n") == "111\n222\n333\n444\n555\n"


def odd_or_even_lines() -> None:
    """The first line is the number of lines that follow. Each of them has one whole number.

    For each of these numbers print a line: the number, a space, and `even` or `odd`.

    Example input:
        2
        8
        5
    Example output:
        8 even
        5 odd
    """
    count = int(input())
    for _ in range(count):
        number = int(input())
        kind = "even" if number % 2 == 0 else "odd"
        print(number, kind)


def check_odd_or_even_lines(program: Program) -> None:
    assert program("2\n8\n5\n") == "8 even\n5 odd\n"
    assert program("0\n") == ""
    assert program("1\n0\n") == "0 even\n"
    assert program("1\n7\n9\n") == "7 odd\n"
    assert program("3\n-1\n-2\n100\n") == "-1 odd\n-2 even\n100 even\n"
    assert program("4\n1\n3\n5\n7\n") == "1 odd\n3 odd\n5 odd\n7 odd\n"


def average_of_all_lines() -> None:
    """Every line of the input has one whole number; there is at least one line.

    Print the average of the numbers with exactly two digits after the point.

    Example input:
        1
        2
        5
    Example output:
        2.67
    """
    numbers = [int(line) for line in sys.stdin]
    print(f"{sum(numbers) / len(numbers):.2f}")


def check_average_of_all_lines(program: Program) -> None:
    assert program("1\n2\n5\n") == "2.67\n"
    assert program("4\n") == "4.00\n"
    assert program("0\n1\n") == "0.50\n"
    assert program("-3\n-4\n") == "-3.50\n"
    assert program("10\n10\n10\n10\n") == "10.00\n"
    assert program("100\n0\n0\n") == "33.33\n"


def running_balance() -> None:
    """Every line of the input has a whole number, which is added to a balance that is 0 at first.

    After each line print the balance. At the end print `lowest: ` and the lowest balance that was
    printed. There is at least one line.

    Example input:
        5
        -7
        4
    Example output:
        5
        -2
        2
        lowest: -2
    """
    balance = 0
    balances = []
    for line in sys.stdin:
        balance += int(line)
        balances.append(balance)
        print(balance)
    print("lowest:", min(balances))


def check_running_balance(program: Program) -> None:
    assert program("5\n-7\n4\n") == "5\n-2\n2\nlowest: -2\n"
    assert program("3\n") == "3\nlowest: 3\n"
    assert program("-1\n-1\n") == "-1\n-2\nlowest: -2\n"
    assert program("10\n1\n1\n") == "10\n11\n12\nlowest: 10\n"
    assert program("0\n8\n-3\n") == "0\n8\n5\nlowest: 0\n"
    assert program("4\n-4\n4\n-4\n") == "4\n0\n4\n0\nlowest: 0\n"


def numbers_until_zero() -> None:
    """Read whole numbers, one on each line, until a line has the number 0. Ignore what follows it.

    Print two lines: how many numbers came before the 0, and the largest of them. If there were
    none, print only `nothing`.

    Example input:
        4
        9
        0
        50
    Example output:
        2
        9
    """
    numbers = []
    while True:
        number = int(input())
        if number == 0:
            break
        numbers.append(number)
    if numbers:
        print(len(numbers))
        print(max(numbers))
    else:
        print("nothing")


def check_numbers_until_zero(program: Program) -> None:
    assert program("4\n9\n0\n50\n") == "2\n9\n"
    assert program("0\n") == "nothing\n"
    assert program("0\n3\n4\n") == "nothing\n"
    assert program("-5\n-2\n-9\n0\n") == "3\n-2\n"
    assert program("1\n0\n") == "1\n1\n"
    assert program("20\n10\n0\n0\n") == "2\n20\n"


def digit_sum_lines() -> None:
    """Every line of the input has a whole number that is not negative.

    For each line print the number, an arrow `->` with a space on either side, and the sum of the
    digits of the number. At the end print the number with the largest sum of digits; if several
    have it, the first of them. There is at least one line.

    Example input:
        19
        203
    Example output:
        19 -> 10
        203 -> 5
        19
    """
    best = ""
    most = -1
    for line in sys.stdin:
        text = line.strip()
        total = sum(int(digit) for digit in text)
        print(f"{text} -> {total}")
        if total > most:
            best = text
            most = total
    print(best)


def check_digit_sum_lines(program: Program) -> None:
    assert program("19\n203\n") == "19 -> 10\n203 -> 5\n19\n"
    assert program("0\n") == "0 -> 0\n0\n"
    assert program("7\n16\n25\n") == "7 -> 7\n16 -> 7\n25 -> 7\n7\n"
    assert program("1000\n11\n2\n") == "1000 -> 1\n11 -> 2\n2 -> 2\n11\n"
    assert program("999\n9999\n") == "999 -> 27\n9999 -> 36\n9999\n"
    assert program("5\n4\n3\n") == "5 -> 5\n4 -> 4\n3 -> 3\n5\n"


def smallest_change_between_lines() -> None:
    """Every line of the input has one whole number; there are at least two lines.

    The change from one line to the next is the difference of the two numbers, without its sign.
    Print the smallest change and the number of the line after which it happens first; the lines
    are numbered from 1. Separate the two by a space.

    Example input:
        10
        4
        6
    Example output:
        2 2
    """
    numbers = [int(line) for line in sys.stdin]
    changes = [abs(after - before) for before, after in itertools.pairwise(numbers)]
    smallest = min(changes)
    print(smallest, changes.index(smallest) + 1)


def check_smallest_change_between_lines(program: Program) -> None:
    assert program("10\n4\n6\n") == "2 2\n"
    assert program("5\n5\n") == "0 1\n"
    assert program("-3\n4\n") == "7 1\n"
    assert program("1\n2\n3\n4\n") == "1 1\n"
    assert program("9\n1\n-4\n-1\n") == "3 3\n"
    assert program("100\n50\n0\n-49\n10\n") == "49 3\n"
