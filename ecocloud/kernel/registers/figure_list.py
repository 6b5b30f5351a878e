"""The evidence of a figure: its formula, and the objects that were counted on the day, with what the formula reads."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.base.pages.speaking import formula_words
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers import pack_definition as packs
from ecocloud.kernel.registers import queries, showing
from ecocloud.kernel.registers.models import ObjectVersion
from ecocloud.kernel.registers.pack_definition import Figure
from ecocloud.kernel.registers.register import open_register

# So many counted objects are listed; a figure over all objects of a register lists all of them.
MOST = 20_000


class FigureListing(Listing):
    """The objects counted in a figure, as they were on the day, within the viewer's reach.

    The value is computed from the same walk over the objects that finds them.
    """

    def __init__(
        self, request: HttpRequest | QueryDict, viewer: Any, figure: Figure, region: Region, day: date
    ) -> None:
        self.figure, self.day = figure, day
        self.register = open_register(figure.type)
        self.aggregate = packs.compiled_figure(figure, self.register.definition)
        self.viewer = viewer
        rows = queries.as_of(viewer, self.register, day, region)
        self.cut = False
        counted: list[int] = []
        everything = 0
        held = {call: [] for call in self.aggregate.calls}
        for row in rows.iterator(chunk_size=2000):
            everything += 1
            found = self._parts(row)
            for call, part in zip(self.aggregate.calls, found, strict=True):
                if part is not None:
                    held[call].append(part)
            if any(part is not None for part in found):
                counted.append(row.pk)
        self.value = self.aggregate.result(held, day)
        self.everything, self.counted = everything, len(counted)
        if len(counted) != everything:
            self.cut = len(counted) > MOST
            rows = rows.filter(pk__in=counted[:MOST])
        own = self.register.definition.by_code
        self.shown_columns = [showing.Column("region", _("区划"))] + [
            showing.Column(code, showing.pick(own[code]), own[code]) for code in sorted(self.aggregate.names & set(own))
        ]
        super().__init__(
            request, rows,
            filters=(FilterSpec("q", _("名称"), kind="text", fields=("name", "object__code")),),
            sorts=(SortSpec("code", ("object__code",)), SortSpec("name", ("name",)),
                   SortSpec("region", ("region_id",))),
            decorate=lambda found: found.select_related("object", "region", "department"),
            key=f"registers.figure.{figure.code}", columns=self._exported(), title=showing.pick(figure),
        )  # fmt: skip

    def _parts(self, row: ObjectVersion) -> list[Any]:
        values = self.register.readable(row)
        return [self.aggregate.part(call, values, self.day) for call in self.aggregate.calls]

    @property
    def heads(self) -> list[str]:
        """The calls of the formula as they are written; each row says in which it is counted."""
        return [formula_words(self.aggregate.text_of(call)) for call in self.aggregate.calls]

    @cached_property
    def rows(self) -> list[Any]:
        """The objects of the page with their cells and ``parts``: whether each call counts them."""
        found = super().rows
        showing.decorate(self.register, found, self.shown_columns, self.viewer)
        for row in found:
            row.parts = [part is not None for part in self._parts(row)]
        return found

    def _exported(self) -> tuple[ExportColumn, ...]:
        names = showing.Names()

        def reader(column: showing.Column) -> Any:
            return lambda row: showing.exported(self.register, row, column, names)

        def counted(position: int) -> Any:
            return lambda row: _("是") if self._parts(row)[position] is not None else _("否")

        fixed = (ExportColumn(_("编码"), lambda row: row.object.code), ExportColumn(_("名称"), lambda row: row.name),
                 ExportColumn(_("状态"), lambda row: self._state(row)))  # fmt: skip
        return (*fixed, *(ExportColumn(one.head, reader(one)) for one in self.shown_columns),
                *(ExportColumn(_("计入 %(call)s") % {"call": head}, counted(n)) for n, head in enumerate(self.heads)),
                )  # fmt: skip

    def _state(self, row: ObjectVersion) -> str:
        return showing.pick(self.register.definition.state_by_code[row.state])
