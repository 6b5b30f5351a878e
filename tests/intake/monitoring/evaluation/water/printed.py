"""GB 3838-2002 as printed, typed here by hand, and a plain evaluation by it: loops over Decimal, nothing of the
product.

Numbers of classes as in the product: 1 to 5, 6 for 劣Ⅴ, 0 for none.
"""

from decimal import Decimal
from fractions import Fraction

# Table 1: limits of Ⅰ Ⅱ Ⅲ Ⅳ Ⅴ, mg/L (coliforms: in a litre).
AT_MOST = {
    "codmn": "2 4 6 10 15", "cod": "15 15 20 30 40", "bod5": "3 3 4 6 10", "nh3n": "0.15 0.5 1.0 1.5 2.0",
    "cu": "0.01 1.0 1.0 1.0 1.0", "zn": "0.05 1.0 1.0 2.0 2.0", "f": "1.0 1.0 1.0 1.5 1.5",
    "se": "0.01 0.01 0.01 0.02 0.02", "as": "0.05 0.05 0.05 0.1 0.1", "hg": "0.00005 0.00005 0.0001 0.001 0.001",
    "cd": "0.001 0.005 0.005 0.005 0.01", "cr6": "0.01 0.05 0.05 0.05 0.1", "pb": "0.01 0.01 0.05 0.05 0.1",
    "cn": "0.005 0.05 0.2 0.2 0.2", "phenol": "0.002 0.002 0.005 0.01 0.1", "oil": "0.05 0.05 0.05 0.5 1.0",
    "las": "0.2 0.2 0.2 0.3 0.3", "sulfide": "0.05 0.1 0.2 0.5 1.0", "coliform": "200 2000 10000 20000 40000",
}  # fmt: skip
PHOSPHORUS = {False: "0.02 0.1 0.2 0.3 0.4", True: "0.01 0.025 0.05 0.1 0.2"}
LAKE_NITROGEN = "0.2 0.5 1.0 1.5 2.0"
OXYGEN = "7.5 6 5 3 2"
EVALUATED = ("ph", "do", *(key for key in AT_MOST if key != "coliform"), "tp")


def limits(key, lake):
    """The limits of an item with an upper limit, None where there are none."""
    if key == "tp":
        return [Decimal(one) for one in PHOSPHORUS[lake].split()]
    if key == "tn":
        return [Decimal(one) for one in LAKE_NITROGEN.split()] if lake else None
    return [Decimal(one) for one in AT_MOST[key].split()]


def class_of(key, value, lake, warmth=None):
    """Class of one amount, a Decimal."""
    if key == "ph":
        return 1 if 6 <= value <= 9 else 6
    if key == "do":
        if warmth is not None and Fraction(value) >= Fraction(9, 10) * 468 / (Fraction("31.6") + Fraction(warmth)):
            return 1
        for number, least in enumerate(OXYGEN.split(), 1):
            if value >= Decimal(least):
                return number
        return 6
    listed = limits(key, lake)
    if listed is None:
        return 0
    for number, most in enumerate(listed, 1):
        if value <= most:
            return number
    return 6


def section_class(amounts, lake):
    """Class of a section: ``amounts`` by item, Decimal or None; and the class of each item that has an amount."""
    warmth = amounts.get("water_temp")
    found = {key: class_of(key, value, lake, warmth) for key, value in amounts.items()
             if value is not None and key != "water_temp"}  # fmt: skip
    return max((found[key] for key in found if key in EVALUATED), default=0), found
