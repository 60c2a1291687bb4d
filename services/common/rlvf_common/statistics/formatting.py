"""Shares, differences, p-values, counts and durations as text, for sentences, reports and cards.

`share` and `difference` are fractions of 1, and intervals are their ends: 0.01 is one percentage
point.
"""

from rlvf_common.statistics.intervals import ALPHA

__all__ = [
    "MINUS",
    "count",
    "duration",
    "p_value",
    "percent",
    "percent_interval",
    "plural",
    "points",
    "points_interval",
    "signed_points",
]

MINUS = "\N{MINUS SIGN}"
"""The typographic minus, as wide as a plus."""


def percent(share: float) -> str:
    """0.0183 -> `1.8%`."""
    return f"{100 * share:.1f}%"


def percent_interval(interval: tuple[float, float]) -> str:
    """`0.6 to 5.2%`."""
    low, high = interval
    return f"{100 * low:.1f} to {100 * high:.1f}%"


def signed_points(difference: float) -> str:
    """Percentage points without the unit: 0.0061 -> `+0.6`; zero has no sign."""
    text = f"{100 * difference:+.1f}"
    return "0.0" if float(text) == 0 else text.replace("-", MINUS)


def points(difference: float) -> str:
    """A difference of shares in percentage points: 0.0061 -> `+0.6 pp`."""
    return f"{signed_points(difference)} pp"


def points_interval(interval: tuple[float, float]) -> str:
    """`−1.2 to +2.4 pp`."""
    low, high = interval
    return f"{signed_points(low)} to {signed_points(high)} pp"


def p_value(p: float) -> str:
    """Two significant digits, or more if two would put the value on the wrong side of `ALPHA`."""
    if 0 < p < 0.001:
        mantissa, exponent = f"{p:.1e}".split("e")
        return f"{mantissa}e{MINUS}{abs(int(exponent))}"
    decimals = 2 if p >= 0.1 else 3
    while decimals < 8 and (float(f"{p:.{decimals}f}") < ALPHA) != (p < ALPHA):
        decimals += 1
    return f"{p:.{decimals}f}"


def count(value: float) -> str:
    """1234 -> `1,234`; what is not whole has six significant digits: 0.5 -> `0.5`."""
    return f"{int(value):,}" if value % 1 == 0 else f"{value:,g}"


def plural(value: float, singular: str, many: str | None = None) -> str:
    """1, `task` -> `1 task`; 1234, `task` -> `1,234 tasks`."""
    return f"{count(value)} {singular if value == 1 else many or singular + 's'}"


def duration(seconds: float) -> str:
    """In the two largest units: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"
