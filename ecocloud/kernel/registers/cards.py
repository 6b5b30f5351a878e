"""QR cards of objects: a sign to print and put up, with the address of the object as a QR code drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import qrcode
from django.http import HttpRequest
from django.urls import reverse

from ecocloud.base.pages.speaking import unit_word
from ecocloud.kernel.registers import showing
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import Register

_QUIET = 4  # ISO/IEC 18004: four modules of white around the code
_MOST_FACTS = 4


@dataclass(frozen=True)
class QrPicture:
    """A QR code: modules across with the white edge, and the dark modules as path data of an SVG."""

    size: int
    path: str

    @property
    def view_box(self) -> str:
        """For the ``viewBox`` attribute."""
        return f"0 0 {self.size} {self.size}"


def picture(text: str) -> QrPicture:
    """The QR code of a text, error correction M: a scratched sign still reads."""
    code = qrcode.QRCode(border=_QUIET, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    return QrPicture(len(rows), "".join(_runs(y, row) for y, row in enumerate(rows)))


def _runs(y: int, row: Sequence[bool]) -> str:
    """The dark modules of a row as rectangles, neighbours together."""
    found, start = [], None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            found.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            start = None
    return "".join(found)


@dataclass(frozen=True)
class Card:
    """One card: the object, its code, where it belongs, some of its facts."""

    row: RegisterObject
    qr: QrPicture
    facts: list[tuple[str, str]]


def address(request: HttpRequest, row: RegisterObject) -> str:
    """The whole address of the object's page, as the person reached the site."""
    return request.build_absolute_uri(reverse("registers:object", args=[row.pk]))


def cards(request: HttpRequest, register: Register, rows: Sequence[RegisterObject]) -> list[Card]:
    """Cards of objects with their division and department; the facts are the first list columns that have a value."""
    if rows and not hasattr(rows[0], "cells"):  # the rows of a list have theirs already
        showing.decorate(register, rows, showing.columns(register), request.user)
    return [Card(row, picture(address(request, row)), _facts(row)) for row in rows]


def _facts(row: Any) -> list[tuple[str, str]]:
    found = [
        (column.label, f"{text} {unit_word(column.unit)}".strip())
        for column, text in row.cells
        if text and column.code not in ("region", "department", "year")
    ]
    return found[:_MOST_FACTS]
