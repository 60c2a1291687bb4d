"""Numbers of a report as text. Nothing else in the reporter rounds numbers.

`rlvf_common.statistics.formatting` has those that the client writes too: shares, differences,
p-values, counts and durations.
"""

import math
import re

from rlvf_common.statistics.formatting import (
    MINUS,
    count,
    duration,
    p_value,
    percent,
    percent_interval,
    plural,
    points,
    points_interval,
)
from rlvf_reporter.training_data.records import ShortcutAudit

__all__ = [
    "audit_cells",
    "code",
    "count",
    "duration",
    "hours",
    "interval",
    "money",
    "number",
    "p_value",
    "percent",
    "percent_interval",
    "plural",
    "points",
    "points_interval",
    "points_tick",
    "size",
]

# Controls other than the tabulator, and what changes the direction of text or has no width
# (Unicode Standard Annex 9, and "Trojan Source", https://trojansource.codes).
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


def size(difference: float) -> str:
    """The size of a difference, without sign: 0.07 -> `7.0 pp`."""
    return f"{100 * difference:.1f} pp"


def points_tick(difference: float, decimals: int) -> str:
    """A tick in percentage points, without the unit: 0.02 -> `+2`."""
    text = f"{100 * difference:+.{decimals}f}"
    return "0" if float(text) == 0 else _signed(text)


def number(value: float, decimals: int = 4) -> str:
    """A loss or a margin: `0.6931`; also values that are not finite."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite"
    return _signed(f"{value:.{decimals}f}")


def interval(ends: tuple[float, float], decimals: int) -> str:
    """`0.52 to 0.62`."""
    low, high = ends
    return f"{number(low, decimals)} to {number(high, decimals)}"


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
    """The cells of a shortcut audit in a table: pairs, problems, both AUCs, interval, p-value."""
    return [
        count(audit.pairs),
        count(audit.problems),
        number(audit.auc, 2),
        number(audit.paired_auc, 2),
        interval(audit.ci95, 2),
        p_value(audit.p_value),
    ]


def code(text: str) -> str:
    """Text of a model as it is shown: characters that would move or hide others become escapes."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
