"""Pages of the journal: list, export, verification. Thin."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.base.pages.exports import export as export_listing
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.journal import queries
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.journal.verification import verify as verify_journal
from ecocloud.kernel.journal.words import action_word

FILTERS = (
    FilterSpec("actor", _("操作人"), kind="text", fields=("actor_name",), lookup="startswith"),
    FilterSpec("unit", _("单位"), kind="text", fields=("actor_unit",), lookup="startswith"),
    FilterSpec("action", _("动作代码"), kind="text", fields=("action",), lookup="startswith"),
    FilterSpec("key", _("记录编号"), kind="text", fields=("ref_key",), lookup="exact"),
    FilterSpec("at", _("日期"), kind="date_range", field="at__date"),
)
SORTS = (SortSpec("id", ("-id",)),)
COLUMNS = (
    ExportColumn(_("时间"), "at"),
    ExportColumn(_("操作人"), "actor_name"),
    ExportColumn(_("单位"), "actor_unit"),
    ExportColumn(_("动作"), lambda row: action_word(row.action)),
    ExportColumn(_("动作代码"), "action"),
    ExportColumn(_("记录"), lambda row: f"{row.ref_kind}:{row.ref_key}"),
    ExportColumn(_("改动前"), "before"),
    ExportColumn(_("改动后"), "after"),
    ExportColumn(_("意见"), "note"),
    ExportColumn(_("地址"), "address"),
    ExportColumn(_("摘要"), "digest"),
)


def _listing(request: HttpRequest) -> Listing:
    return Listing(request, queries.entries(), filters=FILTERS, sorts=SORTS, key="journal.entries")


def entry_list(request: HttpRequest) -> HttpResponse:
    """Entries, newest first, with filters."""
    return render(request, "journal/list.html", {"listing": _listing(request)})


def export(request: HttpRequest) -> HttpResponse:
    """The same list as a file; the export itself is journalled."""

    def record(rows: int, query: str) -> None:
        with change(request.user.actor(request.request_id)) as tx:
            tx.log("journal.entry.export", Ref("journal", "entries"), after={"rows": rows, "filter": query})

    form = "csv" if request.GET.get("as") == "csv" else "xlsx"
    return export_listing(_listing(request), COLUMNS, "journal", form=form, record=record)


def verify(request: HttpRequest) -> HttpResponse:
    """Read the whole journal and name every fault."""
    report = verify_journal() if request.method == "POST" else None
    return render(request, "journal/verify.html", {"report": report})
