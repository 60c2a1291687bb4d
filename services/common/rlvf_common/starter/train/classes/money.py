"""Objects that hold, move and share money."""

from rlvf_common.starter.candidate import Candidate


class PiggyBank:
    """Holds coins. The attribute `total` is the value of all coins in it, 0 at first.

    `insert(value)` puts one coin in. `smash()` returns the values of all coins in the order in
    which they were inserted, and leaves the bank empty.

    >>> bank = PiggyBank()
    >>> bank.insert(5)
    >>> bank.insert(2)
    >>> bank.smash()
    [5, 2]
    """

    def __init__(self) -> None:
        self.total = 0
        self._coins: list[int] = []

    def insert(self, value: int) -> None:
        self._coins.append(value)
        self.total += value

    def smash(self) -> list[int]:
        coins = self._coins
        self._coins = []
        self.total = 0
        return coins


def check_PiggyBank(candidate: Candidate) -> None:
    bank = candidate()
    assert bank.total == 0
    bank.insert(5)
    bank.insert(2)
    assert bank.total == 7
    assert bank.smash() == [5, 2]
    assert bank.total == 0
    assert bank.smash() == []
    bank.insert(10)
    assert bank.total == 10
    other = candidate()
    assert other.total == 0
    other.insert(1)
    assert bank.smash() == [10]
    assert other.smash() == [1]


class Wallet:
    """A wallet with an amount of money that is given when it is made.

    `pay(amount)` takes the amount out and returns True. If there is less money than that, it takes
    nothing out and returns False. `receive(amount)` puts money in. The attribute `money` is what
    the wallet holds.

    >>> wallet = Wallet(10)
    >>> wallet.pay(4)
    True
    >>> wallet.pay(7)
    False
    >>> wallet.money
    6
    """

    def __init__(self, money: int) -> None:
        self.money = money

    def pay(self, amount: int) -> bool:
        if amount > self.money:
            return False
        self.money -= amount
        return True

    def receive(self, amount: int) -> None:
        self.money += amount


def check_Wallet(candidate: Candidate) -> None:
    wallet = candidate(10)
    assert wallet.money == 10
    assert wallet.pay(4) is True
    assert wallet.pay(7) is False
    assert wallet.money == 6
    assert wallet.pay(6) is True
    assert wallet.money == 0
    assert wallet.pay(1) is False
    wallet.receive(3)
    assert wallet.money == 3
    assert wallet.pay(2) is True
    assert wallet.money == 1


class ShoppingCart:
    """A cart of goods with whole prices.

    `put(name, price, quantity)` puts goods in; the quantity is 1 if it is not given. Putting the
    same name in again adds to its quantity and sets its price to the new one. `remove(name)` takes
    all goods of that name out; nothing happens if there are none. `total()` returns what all goods
    cost together.

    >>> cart = ShoppingCart()
    >>> cart.put("pen", 3, 2)
    >>> cart.put("ink", 5)
    >>> cart.total()
    11
    """

    def __init__(self) -> None:
        self._prices: dict[str, int] = {}
        self._quantities: dict[str, int] = {}

    def put(self, name: str, price: int, quantity: int = 1) -> None:
        self._prices[name] = price
        self._quantities[name] = self._quantities.get(name, 0) + quantity

    def remove(self, name: str) -> None:
        self._quantities.pop(name, None)

    def total(self) -> int:
        return sum(self._prices[name] * count for name, count in self._quantities.items())


def check_ShoppingCart(candidate: Candidate) -> None:
    cart = candidate()
    assert cart.total() == 0
    cart.put("pen", 3, 2)
    cart.put("ink", 5)
    assert cart.total() == 11
    cart.put("pen", 4, 3)
    assert cart.total() == 25
    cart.remove("ink")
    assert cart.total() == 20
    cart.remove("glue")
    assert cart.total() == 20
    cart.remove("pen")
    assert cart.total() == 0
    cart.put("pen", 7)
    assert cart.total() == 7
    assert candidate().total() == 0


class BankAccount:
    """An account that may be overdrawn down to a limit.

    It is made with the limit, as 100 for a lowest balance of -100; the balance is 0 at first.
    `deposit(amount)` adds money. `withdraw(amount)` takes money. Both return the new balance, and
    raise ValueError, without any change, if the amount is not greater than zero. `withdraw` also
    raises ValueError, without any change, if the balance would go below the lowest one.

    >>> account = BankAccount(100)
    >>> account.deposit(50)
    50
    >>> account.withdraw(150)
    -100
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._balance = 0

    def deposit(self, amount: int) -> int:
        if amount <= 0:
            raise ValueError("the amount must be greater than zero")
        self._balance += amount
        return self._balance

    def withdraw(self, amount: int) -> int:
        if amount <= 0:
            raise ValueError("the amount must be greater than zero")
        if self._balance - amount < -self._limit:
            raise ValueError("the account has too little money")
        self._balance -= amount
        return self._balance


def check_BankAccount(candidate: Candidate) -> None:
    account = candidate(100)
    assert account.deposit(50) == 50
    assert account.withdraw(150) == -100
    refused = []
    for method, amount in (
        (account.withdraw, 1),
        (account.withdraw, 0),
        (account.withdraw, -5),
        (account.deposit, 0),
        (account.deposit, -5),
    ):
        try:
            method(amount)
        except ValueError:
            refused.append(amount)
    assert refused == [1, 0, -5, 0, -5]
    assert account.deposit(1) == -99
    assert account.withdraw(1) == -100
    assert account.deposit(300) == 200
    assert candidate(0).deposit(7) == 7
    assert candidate(5).withdraw(5) == -5


class SharedCosts:
    """Friends pay for each other, and every cost is shared equally by all of them.

    It is made with the list of their names. `paid(name, amount)` notes that one of them paid; the
    amount can always be divided by the number of friends. `balance(name)` returns what that friend
    has paid less that friend's share of all costs: a negative number is what the friend owes.

    >>> costs = SharedCosts(["Ann", "Bob"])
    >>> costs.paid("Ann", 10)
    >>> costs.balance("Ann")
    5
    >>> costs.balance("Bob")
    -5
    """

    def __init__(self, names: list[str]) -> None:
        self._paid = dict.fromkeys(names, 0)

    def paid(self, name: str, amount: int) -> None:
        self._paid[name] += amount

    def balance(self, name: str) -> int:
        share = sum(self._paid.values()) // len(self._paid)
        return self._paid[name] - share


def check_SharedCosts(candidate: Candidate) -> None:
    costs = candidate(["Ann", "Bob", "Eve"])
    assert costs.balance("Ann") == 0
    costs.paid("Ann", 30)
    assert costs.balance("Ann") == 20
    assert costs.balance("Bob") == -10
    costs.paid("Bob", 6)
    assert costs.balance("Ann") == 18
    assert costs.balance("Bob") == -6
    assert costs.balance("Eve") == -12
    costs.paid("Ann", 3)
    assert costs.balance("Ann") == 20
    assert costs.balance("Eve") == -13
    alone = candidate(["Kim"])
    alone.paid("Kim", 8)
    assert alone.balance("Kim") == 0


class ParkingMeter:
    """A meter that sells parking time. It is made with the minutes that one coin buys, and the most
    minutes that it can hold.

    `insert(coins)` adds the minutes of the coins; what goes beyond the most is lost.
    `wait(minutes)` lets time pass; the time left never goes below zero. `left()` returns the
    minutes left, 0 at first. `expired()` tells whether no time is left.

    >>> meter = ParkingMeter(10, 60)
    >>> meter.insert(2)
    >>> meter.wait(5)
    >>> meter.left()
    15
    """

    def __init__(self, minutes_per_coin: int, most: int) -> None:
        self._minutes_per_coin = minutes_per_coin
        self._most = most
        self._left = 0

    def insert(self, coins: int) -> None:
        self._left = min(self._most, self._left + coins * self._minutes_per_coin)

    def wait(self, minutes: int) -> None:
        self._left = max(0, self._left - minutes)

    def left(self) -> int:
        return self._left

    def expired(self) -> bool:
        return self._left == 0


def check_ParkingMeter(candidate: Candidate) -> None:
    meter = candidate(10, 60)
    assert meter.left() == 0
    assert meter.expired() is True
    meter.insert(2)
    meter.wait(5)
    assert meter.left() == 15
    assert meter.expired() is False
    meter.insert(4)
    assert meter.left() == 55
    meter.insert(1)
    assert meter.left() == 60
    meter.wait(59)
    assert meter.left() == 1
    assert meter.expired() is False
    meter.wait(30)
    assert meter.left() == 0
    assert meter.expired() is True
    meter.insert(1)
    assert meter.left() == 10
