"""Numbers with units for pages and documents."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from ecocloud.base.units.quantity import Unit, _number, _plain

THIN_SPACE = "\u2009"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
_CLOSE_UP = ("%", "‰", "°", "℃")


def format_number(value: Decimal | int, decimals: int | None = None, *, group: str = THIN_SPACE) -> str:
    """A number with its digits grouped by threes on both sides of the point, from four digits on.

    decimals: digits after the point, rounded half-even (GB/T 8170-2008, 3.2); None prints the number as it is.
    group: the separator, a thin space (GB/T 15835-2011, 5.1.3); pass '' for exports. The minus sign is U+2212 (a
    hyphen when ``group`` is '').
    """
    number = _number(value)
    with localcontext() as context:
        context.prec = max(60, len(number.as_tuple().digits) + abs(number.adjusted()) + 30)
        if decimals is None:
            number = _plain(number)
        else:
            number = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    whole, _, fraction = f"{abs(number):f}".partition(".")
    negative = number < 0
    if len(whole) > 3:
        head = len(whole) % 3
        whole = group.join(([whole[:head]] if head else []) + [whole[i : i + 3] for i in range(head, len(whole), 3)])
    if len(fraction) > 3:
        fraction = group.join(fraction[i : i + 3] for i in range(0, len(fraction), 3))
    text = f"{whole}.{fraction}" if fraction else whole
    return ((MINUS if group else "-") + text) if negative else text


def format_value(
    value: Decimal | int, unit: str | Unit = "", decimals: int | None = None, *, group: str = THIN_SPACE
) -> str:
    """A number with its unit: ``12 345.68 万亩`` (no-break space before the unit; %, ‰, ° and ℃ stand close)."""
    number = format_number(value, decimals, group=group)
    symbol = unit.symbol if isinstance(unit, Unit) else unit.strip()
    if not symbol:
        return number
    return f"{number}{symbol}" if symbol.startswith(_CLOSE_UP) else f"{number}{NO_BREAK_SPACE}{symbol}"
