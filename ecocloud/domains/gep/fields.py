"""A field for amounts that must come back to the last digit, however many digits they have."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models


class ExactField(models.CharField):
    """A Decimal kept as its text: never rounded, never summed in SQL (values in 万元 are, see ``RunLine.value``)."""

    description = "exact decimal as text"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(value)

    def to_python(self, value: Any) -> Decimal | None:
        return value if value is None or isinstance(value, Decimal) else Decimal(str(value))

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(self.to_python(value))
