"""What pages show of an outcome: words of the page, charts from the same tables; report and workbook of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages import drawing
from ecocloud.base.pages.charts import Chart, Series
from ecocloud.base.pages.drawing import Drawing
from ecocloud.base.pages.speaking import is_english
from ecocloud.domains.gep.facts import MONEY
from ecocloud.domains.gep.models import Run
from ecocloud.domains.gep.results import cards, published, report, tables, workbook
from ecocloud.domains.gep.results.outcome import Outcome, moved, waterfall
from ecocloud.domains.gep.results.published import Told
from ecocloud.domains.gep.results.report import Cover
from ecocloud.domains.gep.results.tables import Speech, Table

Link = Callable[[tuple[str, ...], int], str]


def speech(regions: Mapping[str, str]) -> Speech:
    """The words of the page."""
    return Speech(_, is_english(), regions)


def paper_speech(regions: Mapping[str, str]) -> Speech:
    """The words of papers and workbooks, which are Chinese."""
    return Speech(regions=regions)


def at_constant(outcome: Outcome) -> Outcome:
    """The outcome with every account at the prices of the base year."""
    earlier = tuple(outcome.at_base(one) for one in outcome.earlier)
    return replace(outcome, accounts=outcome.constant, earlier=earlier, base_year=0, base={})


def bars(table: Table, label: int, value: int, links: Sequence[str] = ()) -> Chart:
    """Lying bars of one column of a table, the longest first; a bar opens what it is the sum of."""
    order = sorted(range(len(table.rows)), key=lambda at: -table.rows[at].cells[value])
    values = [table.rows[at].cells[value] for at in order]
    extra = {"links": [links[at] for at in order]} if links else {}
    return Chart("bar", table.title, [table.rows[at].cells[label] for at in order], [Series(_("价值量"), values)],
                 MONEY, category_label=table.heads[label].label, sideways=True, extra=extra)  # fmt: skip


def of_years(table: Table) -> Chart:
    """GEP by year at current and, where there is a base year, constant prices."""
    last = 3 if len(table.heads) == 5 else 2
    series = [Series(table.heads[at].label, table.column(at)) for at in range(1, last)]
    return Chart("bar", table.title, table.column(0), series, MONEY, category_label=table.heads[0].label)


def of_change(outcome: Outcome, year: int) -> Drawing:
    """The waterfall of the change from ``year``: its effects and their sum."""
    names, steps = tables.effect_words(speech({})), waterfall(moved(outcome, year))
    title = _("%(year)s年到%(now)s年的变化") % {"year": year, "now": outcome.year}
    series = [Series(_("变化"), [value for _key, value in steps])]
    chart = Chart("bar", title, [names[key] for key, _value in steps], series, MONEY, category_label=_("原因"))
    return drawing.steps(chart, 210)


def of_changes(table: Table) -> Chart:
    """The effects by service."""
    series = [Series(table.heads[at].label, table.column(at)) for at in range(4, len(table.heads))]
    return Chart("bar", table.title, table.column(0), series, MONEY, category_label=table.heads[0].label, sideways=True)


def lines_of(table: Table, link: Link | None = None) -> dict[str, Any]:
    """A table as its template reads it: each cell with its head and, by ``link(codes of the row, column)``, the page
    of what it is the sum of.
    """

    every = [*table.rows, *([table.total] if table.total else [])]
    numbers = [any(isinstance(one.cells[at], (int, Decimal)) for one in every) for at in range(len(table.heads))]

    def row(one: tables.Row, link: Link | None) -> list[dict[str, Any]]:
        return [
            {"value": shown(value, head.places), "head": head, "number": numbers[at], "places": head.places,
             "url": link(one.key, at) if link and value else ""}
            for at, (value, head) in enumerate(zip(one.cells, table.heads, strict=True))
        ]  # fmt: skip

    return {"table": table, "heads": list(zip(table.heads, numbers, strict=True)),
            "rows": [row(one, link) for one in table.rows],
            "total": row(table.total, None) if table.total else None}  # fmt: skip


def shown(value: Any, places: int | None) -> Any:
    """A cell as a page writes it: amounts with the digits that count."""
    return tables.shown(value) if isinstance(value, Decimal) and places is None else value


def issuer(viewer: Any) -> str:
    """The unit that signs a paper."""
    return viewer.department.name if viewer.department_id else viewer.name


def basis(run: Run, outcome: Outcome, inputs: int) -> tuple[tuple[str, str], ...]:
    """What the account was made from, in Chinese as papers say it."""
    edition = outcome.facts.editions[run.edition]
    chosen = [f"{outcome.facts.services[service].zh}：{'、'.join(outcome.facts.methods[one].zh for one in methods)}"
              for service, methods, given in run.basis["choices"] if given]  # fmt: skip
    found = [
        ("核算批次", f"{run.accounting.title}，第{run.number}次运行（{run.get_state_display()}）"),
        ("核算版本", f"{edition.number}《{edition.zh}》"),
        ("版本默认以外选用的方法", "；".join(chosen) or "无"),
        ("输入数据", f"{inputs}项，其中未审定{run.unapproved}项" if run.unapproved else f"{inputs}项，均已审定"),
        ("不变价基年", f"{outcome.base_year}年" if outcome.base_year else "无"),
        ("运行时间", f"{timezone.localtime(run.made_at):%Y-%m-%d %H:%M}"),
        ("程序版本", run.code_version),
        ("结果摘要（SHA-256）", run.digest),
    ]
    return tuple(found)


def cover(run: Run, outcome: Outcome, viewer: Any, inputs: int) -> Cover:
    """The cover of a report of a run."""
    confirmed = run.state == Run.State.CONFIRMED
    day = timezone.localdate(run.confirmed_at) if run.confirmed_at else timezone.localdate()

    def source(key: str) -> str:
        region = key if key in outcome.regions else outcome.whole
        service = f"-{key}" if key in outcome.facts.services else ""
        return f"{run.ref}#{region}-{outcome.year}{service}"

    facts = basis(run, outcome, inputs)
    return Cover(run.accounting.region.name, issuer(viewer), day, run.get_state_display(), confirmed, facts, source)


def docx(run: Run, outcome: Outcome, viewer: Any, told: Sequence[Told], names: Mapping[str, str], inputs: int) -> bytes:
    """The report of a run as .docx."""
    words = paper_speech(names)
    return report.write(outcome, cover(run, outcome, viewer, inputs), words, published.compare(outcome, told, words))


def xlsx(run: Run, outcome: Outcome, viewer: Any, told: Sequence[Told], names: Mapping[str, str], inputs: int) -> bytes:
    """The tables of a run as .xlsx."""
    words = paper_speech(names)
    found = tables.of_values(outcome, words)
    if told:
        found.append(published.table(published.compare(outcome, told, words), words))
    found += [tables.open_points(outcome, words), tables.lines(outcome, words)]
    found.append(workbook.of_methods(cards.methods(outcome.facts, outcome.accounts, words), words))
    return workbook.write(found, basis(run, outcome, inputs), words)
