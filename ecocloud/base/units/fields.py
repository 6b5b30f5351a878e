"""A model field for exact numbers: a Decimal stored as an integer scaled by a power of ten."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models import Value, lookups
from django.db.models.aggregates import Avg
from django.db.models.expressions import Combinable, _connector_combinators
from django.utils.translation import gettext_lazy as _

from ecocloud.base.units.quantity import _plain

DEFAULT_SCALE = 6
_MAX = 2**63 - 1


class ScaledDecimalField(models.BigIntegerField):
    """Decimal x 10^scale in a 64-bit integer column.

    scale: number of decimals kept, 6 unless told. Range: ±(2^63-1) / 10^scale. Anything that would be rounded or does
    not fit raises ValidationError; floats are refused because they are not exact. See the room's README for SQL use.
    """

    description = _("按 10 的幂放大存储的精确小数")
    default_error_messages = {
        "invalid": _("“%(value)s”不是十进制数。"),
        "float": _("“%(value)s”是浮点数，不精确，请用十进制数。"),
        "decimals": _("“%(value)s”的小数位多于 %(scale)s 位。"),
        "range": _("“%(value)s”超出可存储的范围（绝对值不超过 %(limit)s）。"),
    }

    def __init__(self, *args: Any, scale: int = DEFAULT_SCALE, **kwargs: Any) -> None:
        if not 0 <= scale <= 18:
            raise ValueError("scale must be between 0 and 18")
        self.scale = scale
        super().__init__(*args, **kwargs)

    @property
    def validators(self) -> list[Any]:
        """Only the validators that were passed: the range is checked on the scaled value in ``to_integer``."""
        return [*self.default_validators, *self._validators]

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self.scale != DEFAULT_SCALE:
            kwargs["scale"] = self.scale
        return name, path, args, kwargs

    def _fail(self, key: str, value: Any) -> ValidationError:
        limit = Decimal(_MAX).scaleb(-self.scale)
        return ValidationError(
            self.error_messages[key], code=key, params={"value": value, "scale": self.scale, "limit": limit}
        )

    def to_integer(self, value: Any) -> int | None:
        """The stored integer for a Decimal, int or text; raises ValidationError with one sentence."""
        if value is None:
            return None
        if isinstance(value, bool):
            raise self._fail("invalid", value)
        if isinstance(value, float):
            raise self._fail("float", value)
        try:
            number = value if isinstance(value, Decimal) else Decimal(str(value).strip())
        except InvalidOperation:
            raise self._fail("invalid", value) from None
        if not number.is_finite():
            raise self._fail("invalid", value)
        if number.adjusted() > 20 and number:
            raise self._fail("range", value)
        sign, digits, exponent = number.as_tuple()
        shift = exponent + self.scale
        whole = int("".join(map(str, digits)))
        if shift < 0 and whole:
            stripped, rest = divmod(whole, 10 ** min(-shift, len(digits)))
            if rest or -shift > len(digits):
                raise self._fail("decimals", value)
            whole = stripped
        else:
            whole *= 10 ** max(shift, 0) if whole else 1
        if whole > _MAX:
            raise self._fail("range", value)
        return -whole if sign else whole

    def from_integer(self, stored: int | Decimal | float) -> Decimal:
        """The Decimal of a stored value, without trailing zeros. Aggregates may give Decimal or float."""
        if isinstance(stored, float):
            stored = Decimal(repr(stored)).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        elif isinstance(stored, Decimal):
            stored = stored.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
        number = int(stored)
        digits = tuple(int(digit) for digit in str(abs(number)))
        return _plain(Decimal((1 if number < 0 else 0, digits, -self.scale)))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else self.from_integer(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        stored = self.to_integer(value)
        return None if stored is None else self.from_integer(stored)

    def get_prep_value(self, value: Any) -> Any:
        value = models.Field.get_prep_value(self, value)
        return self.to_integer(value)

    def value_to_string(self, obj: Any) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else f"{value:f}"

    def formfield(self, **kwargs: Any) -> Any:
        options = {"form_class": forms.DecimalField, "decimal_places": self.scale, "max_digits": 19, **kwargs}
        return models.Field.formfield(self, **options)


# BigIntegerField's own lookups round a float up or down before the field sees it; the plain ones do not.
for _name in ("Exact", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"):
    ScaledDecimalField.register_lookup(getattr(lookups, _name))


class ScaledAvg(Avg):
    """Average of a :class:`ScaledDecimalField`, a Decimal rounded half-even to the field's scale."""

    def __init__(self, expression: Any, *args: Any, scale: int = DEFAULT_SCALE, **extra: Any) -> None:
        extra.setdefault("output_field", ScaledDecimalField(scale=scale))
        super().__init__(expression, *args, **extra)

    @property
    def convert_value(self) -> Any:
        """Keep the fraction of the mean; Django would cut it to an integer before the field rounds it."""
        return self._convert_value_noop


def scaled(value: Decimal | int | str, scale: int = DEFAULT_SCALE) -> Value:
    """A constant for expressions with scaled columns: ``F("value") + scaled("1.5")``."""
    return Value(Decimal(value), output_field=ScaledDecimalField(scale=scale))


def _refuse() -> Any:
    raise FieldError(
        "arithmetic with a ScaledDecimalField: + and - need scaled() for constants, * needs a whole number, "
        "everything else is computed in Python"
    )


def _register_arithmetic() -> None:
    """a + b, a - b and a * n keep the scale; what would silently mix scaled and plain numbers is refused.

    Django takes the first pair of types that fits, and our field is an IntegerField too: ours go first.
    """
    own, others = ScaledDecimalField, (models.IntegerField, models.DecimalField, models.FloatField)
    keep = {Combinable.ADD: [(own, own)], Combinable.SUB: [(own, own)],
            Combinable.MUL: [(own, models.IntegerField), (models.IntegerField, own)]}  # fmt: skip
    connectors = (Combinable.ADD, Combinable.SUB, Combinable.MUL, Combinable.DIV, Combinable.MOD, Combinable.POW)
    for connector in connectors:
        pairs = [(left, right, own) for left, right in keep.get(connector, [])]
        refused = [(own, own), *((own, other) for other in others), *((other, own) for other in others)]
        if connector == Combinable.MUL:
            pairs = [(own, own, _refuse), *pairs]
        pairs += [(left, right, _refuse) for left, right in refused]
        _connector_combinators[connector][:0] = pairs


_register_arithmetic()
