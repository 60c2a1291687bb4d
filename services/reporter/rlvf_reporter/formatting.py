"""Formats numbers for people. Numbers are rounded only here."""

import math
import re

from rlvf_common.statistics.comparison import ALPHA
from rlvf_common.statistics.intervals import Interval
from rlvf_reporter.training_data.records import ShortcutAudit

MINUS = "\u2212"
"""The typographic minus, as wide as a plus."""

# Controls other than the tabulator, and what changes the direction of text or has no width
# (Unicode Standard Annex 9, and "Trojan Source", https://trojansource.codes).
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def count(value: int) -> str:
    """1234 -> `1,234`."""
    return f"{value:,}"


def plural(value: int, singular: str, many: str | None = None) -> str:
    """1, `task` -> `1 task`; 1234, `task` -> `1,234 tasks`."""
    return f"{count(value)} {singular if value == 1 else many or singular + 's'}"


def percent(share: float) -> str:
    """0.0183 -> `1.8%`."""
    return f"{100 * share:.1f}%"


def percent_interval(interval: Interval) -> str:
    """`0.6 to 5.2%`."""
    return f"{100 * interval.low:.1f} to {100 * interval.high:.1f}%"


def _points(difference: float) -> str:
    text = f"{100 * difference:+.1f}"
    return "0.0" if float(text) == 0 else _signed(text)


def points(difference: float) -> str:
    """A difference of shares in percentage points: 0.0061 -> `+0.6 pp`."""
    return f"{_points(difference)} pp"


def size(difference: float) -> str:
    """The size of a difference, without sign: 0.07 -> `7.0 pp`."""
    return f"{100 * difference:.1f} pp"


def points_tick(difference: float, decimals: int) -> str:
    """A tick in percentage points, without the unit: 0.02 -> `+2`."""
    text = f"{100 * difference:+.{decimals}f}"
    return "0" if float(text) == 0 else _signed(text)


def points_interval(interval: Interval) -> str:
    """`−1.2 to +2.4 pp`."""
    return f"{_points(interval.low)} to {_points(interval.high)} pp"


def p_value(p: float) -> str:
    """Two significant digits, or more if two would put the value on the wrong side of 0.05."""
    if 0 < p < 0.001:
        mantissa, exponent = f"{p:.1e}".split("e")
        return f"{mantissa}e{MINUS}{abs(int(exponent))}"
    decimals = 2 if p >= 0.1 else 3
    while decimals < 8 and (float(f"{p:.{decimals}f}") < ALPHA) != (p < ALPHA):
        decimals += 1
    return f"{p:.{decimals}f}"


def number(value: float, decimals: int = 4) -> str:
    """A loss or a margin: `0.6931`; also values that are not finite."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite"
    return _signed(f"{value:.{decimals}f}")


def duration(seconds: float) -> str:
    """`45 s`, `23 min`, `1 h 30 min`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def hours(value: float) -> str:
    """Hours with three significant digits, and no more than four decimals: `12.3`, `0.0123`."""
    if value == 0:
        return "0"
    if value >= 100:
        return f"{value:,.0f}"
    text = f"{value:.4f}" if value < 0.1 else f"{value:.3g}"
    return "< 0.0001" if float(text) == 0 else text


def money(value: float) -> str:
    """An amount of money, with cents; a small one with more digits: `1,234.50`, `0.0031`."""
    return f"{value:,.2f}" if value >= 1 or value == 0 else f"{value:.4f}"


def audit_cells(audit: ShortcutAudit) -> list[str]:
    """One audit as cells of a table: pairs, problems, both AUCs, interval, p-value."""
    return [
        count(audit.pairs),
        count(audit.problems),
        number(audit.auc, 2),
        number(audit.paired_auc, 2),
        f"{audit.ci95.low:.2f} to {audit.ci95.high:.2f}",
        p_value(audit.p_value),
    ]


def code(text: str) -> str:
    """Text of a model as it is shown: characters that would move or hide others are named."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def short_digest(sha256: str) -> str:
    """The first twelve digits, enough to tell artifacts apart."""
    return sha256[:12]
