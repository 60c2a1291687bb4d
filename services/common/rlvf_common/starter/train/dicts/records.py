"""Lists of records, each one a dictionary or a tuple with named parts."""

from typing import Any

from rlvf_common.starter.candidate import Candidate


def names_of_adults(people: list[dict[str, Any]], age: int) -> list[str]:
    """Return the names of all people who are at least as old as the given age, oldest first.

    Each person has a "name" and an "age". People of the same age keep their order.

    >>> names_of_adults([{"name": "Al", "age": 18}, {"name": "Bo", "age": 40}], 18)
    ['Bo', 'Al']
    """
    adults = [person for person in people if person["age"] >= age]
    return [person["name"] for person in sorted(adults, key=lambda person: -person["age"])]


def check_names_of_adults(candidate: Candidate) -> None:
    al = {"name": "Al", "age": 18}
    bo = {"name": "Bo", "age": 40}
    cy = {"name": "Cy", "age": 18}
    assert candidate([al, bo], 18) == ["Bo", "Al"]
    assert candidate([], 18) == []
    assert candidate([al, bo, cy], 19) == ["Bo"]
    assert candidate([cy, al], 18) == ["Cy", "Al"]
    assert candidate([al, cy], 10) == ["Al", "Cy"]
    assert candidate([bo], 41) == []
    assert candidate([al, cy, bo], 0) == ["Bo", "Al", "Cy"]


def total_of_field(records: list[dict[str, int]], field: str) -> int:
    """Add up one field of all records. A record without the field counts as 0.

    >>> total_of_field([{"x": 2}, {"y": 9}, {"x": 3}], "x")
    5
    """
    return sum(record.get(field, 0) for record in records)


def check_total_of_field(candidate: Candidate) -> None:
    assert candidate([{"x": 2}, {"y": 9}, {"x": 3}], "x") == 5
    assert candidate([], "x") == 0
    assert candidate([{}], "x") == 0
    assert candidate([{"x": 2}], "y") == 0
    assert candidate([{"x": -2, "y": 1}, {"x": 2, "y": 1}], "x") == 0
    assert candidate([{"x": -2, "y": 1}, {"x": 2, "y": 1}], "y") == 2


def newest_of_each(entries: list[tuple[str, int, str]]) -> dict[str, str]:
    """Return the newest text of each key.

    An entry is a key, a time and a text; entries come in any order. If a key has two entries with
    the same time, the later one in the list counts.

    >>> newest_of_each([("a", 5, "new"), ("a", 1, "old")])
    {'a': 'new'}
    """
    newest: dict[str, tuple[int, str]] = {}
    for key, time, text in entries:
        if key not in newest or time >= newest[key][0]:
            newest[key] = (time, text)
    return {key: text for key, (_, text) in newest.items()}


def check_newest_of_each(candidate: Candidate) -> None:
    assert candidate([("a", 5, "new"), ("a", 1, "old")]) == {"a": "new"}
    assert candidate([("a", 1, "old"), ("a", 5, "new")]) == {"a": "new"}
    assert candidate([]) == {}
    assert candidate([("a", 2, "x"), ("a", 2, "y")]) == {"a": "y"}
    assert candidate([("a", 2, "z"), ("a", 2, "b")]) == {"a": "b"}
    assert candidate([("a", -1, "x"), ("b", -2, "y")]) == {"a": "x", "b": "y"}
    assert candidate([("k", 3, "c"), ("k", 9, "a"), ("k", 4, "b")]) == {"k": "a"}


def fill_in_defaults(
    records: list[dict[str, str]], defaults: dict[str, str]
) -> list[dict[str, str]]:
    """Return the records, each with the missing fields taken from the defaults.

    Fields that are not among the defaults are dropped. A field with an empty text is present, not
    missing. The given records must not be changed.

    >>> fill_in_defaults([{"name": "Al", "x": "1"}], {"name": "?", "city": "?"})
    [{'name': 'Al', 'city': '?'}]
    """
    return [
        {field: record.get(field, default) for field, default in defaults.items()}
        for record in records
    ]


def check_fill_in_defaults(candidate: Candidate) -> None:
    records = [{"name": "Al", "x": "1"}]
    assert candidate(records, {"name": "?", "city": "?"}) == [{"name": "Al", "city": "?"}]
    assert records == [{"name": "Al", "x": "1"}]
    assert candidate([], {"a": "1"}) == []
    assert candidate([{}], {"a": "1"}) == [{"a": "1"}]
    assert candidate([{"a": ""}], {"a": "1"}) == [{"a": ""}]
    assert candidate([{"a": "2"}], {}) == [{}]
    assert candidate([{"a": "2"}, {"b": "3"}], {"a": "0", "b": "9"}) == [
        {"a": "2", "b": "9"},
        {"a": "0", "b": "3"},
    ]


def pivot_sales(sales: list[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """Turn single sales into a table: for each shop, the amount sold of each product.

    A sale is the shop, the product and the amount. Amounts of the same shop and product are added
    up. A shop has only the products that it sold.

    >>> pivot_sales([("north", "tea", 2), ("south", "tea", 1), ("north", "tea", 3)])
    {'north': {'tea': 5}, 'south': {'tea': 1}}
    """
    table: dict[str, dict[str, int]] = {}
    for shop, product, amount in sales:
        row = table.setdefault(shop, {})
        row[product] = row.get(product, 0) + amount
    return table


def check_pivot_sales(candidate: Candidate) -> None:
    assert candidate([("north", "tea", 2), ("south", "tea", 1), ("north", "tea", 3)]) == {
        "north": {"tea": 5},
        "south": {"tea": 1},
    }
    assert candidate([]) == {}
    assert candidate([("a", "x", 0)]) == {"a": {"x": 0}}
    assert candidate([("a", "x", 1), ("a", "y", 2)]) == {"a": {"x": 1, "y": 2}}
    assert candidate([("a", "x", 5), ("a", "x", -5)]) == {"a": {"x": 0}}
    assert candidate([("a", "b", 1), ("b", "a", 2)]) == {"a": {"b": 1}, "b": {"a": 2}}


def apply_coupons(cart: list[tuple[str, int]], coupons: dict[str, int]) -> int:
    """Return what a cart costs when coupons are used.

    The cart lists products and their prices. A coupon lowers the price of a product by its value,
    but only one time: for the most expensive of several equal products. No price falls below 0.

    >>> apply_coupons([("book", 10), ("book", 12), ("pen", 2)], {"book": 5, "pen": 3})
    17
    """
    total = sum(price for _, price in cart)
    for product, value in coupons.items():
        prices = [price for name, price in cart if name == product]
        total -= min(value, max(prices, default=0))
    return total


def check_apply_coupons(candidate: Candidate) -> None:
    assert candidate([("book", 10), ("book", 12), ("pen", 2)], {"book": 5, "pen": 3}) == 17
    assert candidate([], {"book": 5}) == 0
    assert candidate([("pen", 2)], {}) == 2
    assert candidate([("pen", 2)], {"pen": 2}) == 0
    assert candidate([("pen", 2)], {"ink": 2}) == 2
    assert candidate([("a", 3), ("a", 8)], {"a": 5}) == 6
    assert candidate([("a", 3), ("a", 8)], {"a": 9}) == 3
    assert candidate([("a", 4), ("b", 4)], {"a": 1, "b": 3}) == 4


def join_tables(
    people: list[tuple[int, str]], orders: list[tuple[int, str]]
) -> list[tuple[str, str]]:
    """Put the name of the person in front of each order.

    People are (number, name); orders are (number of the person, thing). The result has the order
    of `orders`. Orders of unknown people are left out. If a number is given to two people, the
    first one counts.

    >>> join_tables([(1, "Al"), (2, "Bo")], [(2, "hat"), (9, "cap"), (1, "tie")])
    [('Bo', 'hat'), ('Al', 'tie')]
    """
    names: dict[int, str] = {}
    for number, name in people:
        names.setdefault(number, name)
    return [(names[number], thing) for number, thing in orders if number in names]


def check_join_tables(candidate: Candidate) -> None:
    assert candidate([(1, "Al"), (2, "Bo")], [(2, "hat"), (9, "cap"), (1, "tie")]) == [
        ("Bo", "hat"),
        ("Al", "tie"),
    ]
    assert candidate([], [(1, "x")]) == []
    assert candidate([(1, "A")], []) == []
    assert candidate([(1, "A"), (1, "B")], [(1, "x")]) == [("A", "x")]
    assert candidate([(0, "Z")], [(0, "p"), (0, "p")]) == [("Z", "p"), ("Z", "p")]
    assert candidate([(3, "C"), (2, "B")], [(3, "1"), (2, "2"), (3, "3")]) == [
        ("C", "1"),
        ("B", "2"),
        ("C", "3"),
    ]


def best_by_group(results: list[tuple[str, str, int]]) -> list[str]:
    """Name the winner of each group as "group: name".

    A result is a group, a name and the points. The most points win; if several have equally many,
    their names are joined with "/" in alphabetical order. Groups are sorted by name.

    >>> best_by_group([("B", "Eve", 3), ("A", "Tim", 5), ("A", "Ben", 5), ("A", "Kim", 1)])
    ['A: Ben/Tim', 'B: Eve']
    """
    lines = []
    for group in sorted({result[0] for result in results}):
        members = [(name, points) for place, name, points in results if place == group]
        most = max(points for _, points in members)
        winners = sorted(name for name, points in members if points == most)
        lines.append(f"{group}: {'/'.join(winners)}")
    return lines


def check_best_by_group(candidate: Candidate) -> None:
    results = [("B", "Eve", 3), ("A", "Tim", 5), ("A", "Ben", 5), ("A", "Kim", 1)]
    assert candidate(results) == ["A: Ben/Tim", "B: Eve"]
    assert candidate([]) == []
    assert candidate([("x", "A", 0)]) == ["x: A"]
    assert candidate([("x", "A", -2), ("x", "B", -1)]) == ["x: B"]
    assert candidate([("y", "A", 1), ("x", "A", 2)]) == ["x: A", "y: A"]
    assert candidate([("x", "C", 4), ("x", "B", 4), ("x", "A", 4)]) == ["x: A/B/C"]
    assert candidate([(group, "M", 1) for group in "edcbafg"]) == [f"{g}: M" for g in "abcdefg"]
    assert candidate([("x", "A", 7), ("y", "B", 9), ("x", "C", 8)]) == ["x: C", "y: B"]


def duplicate_accounts(accounts: list[dict[str, str]]) -> list[list[str]]:
    """Find accounts that use the same mail address.

    An account has an "id" and a "mail". Addresses are equal if they differ only in the case of
    letters or in spaces around them. Return the ids of each such group in their order; groups in
    the order of their first account. Addresses that occur once are left out.

    >>> duplicate_accounts([{"id": "1", "mail": "a@x"}, {"id": "2", "mail": " A@X"}])
    [['1', '2']]
    """
    groups: dict[str, list[str]] = {}
    for account in accounts:
        address = account["mail"].strip().lower()
        groups.setdefault(address, []).append(account["id"])
    return [ids for ids in groups.values() if len(ids) > 1]


def check_duplicate_accounts(candidate: Candidate) -> None:
    def account(number: str, mail: str) -> dict[str, str]:
        return {"id": number, "mail": mail}

    assert candidate([account("1", "a@x"), account("2", " A@X")]) == [["1", "2"]]
    assert candidate([]) == []
    assert candidate([account("1", "a@x")]) == []
    assert candidate([account("1", "a@x"), account("2", "b@x")]) == []
    assert candidate([account("3", "q"), account("2", "q"), account("1", "Q ")]) == [
        ["3", "2", "1"]
    ]
    assert candidate(
        [account("1", "z"), account("2", "y"), account("3", "Y"), account("4", "Z")]
    ) == [["1", "4"], ["2", "3"]]
    assert candidate([account("1", "a b"), account("2", "ab")]) == []


def tree_lines(children: dict[str, list[str]], root: str) -> list[str]:
    """Draw a tree of names, one name a line, each level indented by two more spaces.

    `children` has the children of a name; a name that is not in it has none. Children stand below
    their parent in the given order, each one followed by its own children.

    >>> tree_lines({"all": ["cat", "dog"], "cat": ["lion"]}, "all")
    ['all', '  cat', '    lion', '  dog']
    """
    lines = [root]
    for child in children.get(root, []):
        lines += ["  " + line for line in tree_lines(children, child)]
    return lines


def check_tree_lines(candidate: Candidate) -> None:
    tree = {"all": ["cat", "dog"], "cat": ["lion"]}
    assert candidate(tree, "all") == ["all", "  cat", "    lion", "  dog"]
    assert candidate({}, "x") == ["x"]
    assert candidate({"x": []}, "x") == ["x"]
    assert candidate(tree, "cat") == ["cat", "  lion"]
    assert candidate({"a": ["c", "b"]}, "a") == ["a", "  c", "  b"]
    assert candidate({"a": ["b"], "b": ["c"], "c": ["d"]}, "a") == [
        "a",
        "  b",
        "    c",
        "      d",
    ]
