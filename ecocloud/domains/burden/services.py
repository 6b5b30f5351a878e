"""The list of burdens by role, and the office's own estimates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.domains.burden.facts import FormFact, forms
from ecocloud.domains.burden.models import FormEstimate
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Role, RolePermission, in_language

VIEW, EDIT = "burden.list.view", "burden.list.edit"


class EstimateRefused(EcoError):
    """The estimate cannot be kept."""

    code = "burden.estimate"


@dataclass(frozen=True)
class Line:
    """One form of one role: times a year, minutes each time; ``own``: the office's numbers, with its note."""

    role: str
    form: FormFact
    a_year: int
    minutes: int
    own: bool
    note: str

    @property
    def label(self) -> str:
        """The form in the language of the page."""
        return in_language(self.form.zh, self.form.en)

    @property
    def often(self) -> str:
        """How often, in words."""
        return in_language(self.form.often, self.form.often_en)

    @property
    def total(self) -> int:
        """Minutes a year."""
        return self.a_year * self.minutes


@dataclass(frozen=True)
class RoleBurden:
    """What one role fills in."""

    label: str
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """Minutes a year for one person of the role."""
        return sum(line.total for line in self.lines)


def burdens() -> list[RoleBurden]:
    """The forms of every business role, in the order of roles (three queries)."""
    own = {row.code: row for row in FormEstimate.objects.all()}
    held: dict[int, set[str]] = defaultdict(set)
    for role, code in RolePermission.objects.values_list("role_id", "code"):
        held[role].add(code)
    found = []
    for role in Role.objects.filter(camp=Role.Camp.BUSINESS).order_by("order", "pk"):
        lines = tuple(
            _line(role.label, form, own.get(form.code)) for form in forms().forms if form.permission in held[role.pk]
        )
        found.append(RoleBurden(role.label, lines))
    return found


def _line(role: str, form: FormFact, row: FormEstimate | None) -> Line:
    if row is None:
        return Line(role, form, form.a_year, form.minutes, False, "")
    return Line(role, form, row.a_year, row.minutes, True, row.note)


def _number(text: Any, most: int, field: str) -> int:
    plain = str(text or "").strip()
    if not plain.isascii() or not plain.isdigit() or int(plain) > most:
        raise EstimateRefused(f"{field}应为 0 至 {most} 的整数。", f"bad {field}", where={"字段": field},
                              value=plain[:20], remedy_zh="请改正后再保存。")  # fmt: skip
    return int(plain)


def estimate(user: Any, code: str, *, a_year: Any, minutes: Any, note: str = "") -> FormEstimate:
    """Keep the office's numbers for a form. Raises Forbidden, :class:`EstimateRefused`."""
    permissions.require(user, EDIT)
    if code not in {form.code for form in forms().forms}:
        raise EstimateRefused("没有这种表单。", f"unknown form {code!r}", value=code[:40])
    given = {"a_year": _number(a_year, 9999, "每年次数"), "minutes": _number(minutes, 1440, "每次分钟"),
             "note": typed.words(note)[:200]}  # fmt: skip
    with change(user.actor()) as tx:
        before = FormEstimate.objects.filter(code=code).values("a_year", "minutes", "note").first()
        row, _made = FormEstimate.objects.update_or_create(
            code=code, defaults=given | {"by": user, "at": timezone.now()}
        )
        tx.log("burden.estimate.set", row.ref, before, given)
    return row
