"""The same change of many objects: tried first, then the good ones written in one transaction and the others named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from ecocloud.base.errors import EcoError
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Department
from ecocloud.kernel.registers import queries, values
from ecocloud.kernel.registers.errors import Stale, ValuesRefused
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.services import guards, objects, writing
from ecocloud.kernel.registers.services.writing import Draft

KEEP: Any = objects.KEEP
MOST = 2000


@dataclass
class BulkResult:
    """What a change of many objects did: keys of those changed, and why others were refused."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, EcoError] = field(default_factory=dict)


@dataclass
class Trial:
    """One object of a change that was tried: what would differ, or why it is refused."""

    row: RegisterObject
    draft: Draft | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    refused: EcoError | None = None

    @property
    def changes(self) -> bool:
        """Whether anything would differ."""
        return self.refused is None and bool(self.after)


def preview_bulk(
    user: Any, register: Register, keys: Sequence[int], given: Mapping[str, Any], *, department: Any = KEEP,
    on: date | None = None,
) -> list[Trial]:  # fmt: skip
    """What :func:`bulk_edit` would do with the objects that ``user`` sees, in the order of codes; writes nothing."""
    permissions.require(user, guards.EDIT)
    rows = queries.objects(user, register).filter(pk__in=list(keys)[:MOST])
    rows = list(rows.select_related("type", "region", "department__region").order_by("code"))
    return _tried(user, register, rows, given, department, guards.day_of(on), {}, "")


def bulk_edit(
    user: Any, register: Register, keys: Sequence[int], given: Mapping[str, Any], *, department: Any = KEEP,
    versions: Mapping[int, int] | None = None, all_or_nothing: bool = False, on: date | None = None, note: str = "",
) -> BulkResult:  # fmt: skip
    """Set the same values on many objects in one transaction; refused ones do not hold the others back.

    versions: as they were read, by key: an object changed since is refused as Stale. all_or_nothing: the first refusal
    stops everything and is raised. What a handler raises stops everything as well.
    """
    permissions.require(user, guards.EDIT)
    day, result = guards.day_of(on), BulkResult()
    with change(user.actor()) as tx:
        rows = RegisterObject.objects.select_for_update(of=("self",)).filter(pk__in=list(keys), type=register.pk)
        rows = list(rows.select_related("type", "region", "department__region").order_by("pk"))
        trials = _tried(user, register, rows, given, department, day, versions or {}, note)
        for one in trials:
            if one.refused is not None:
                if all_or_nothing:
                    raise one.refused
                result.refused[one.row.pk] = one.refused
        good = [one for one in trials if one.changes]
        writing.write(tx, user, register, [one.draft for one in good if one.draft], day, claims_checked=True)
        for one in good:
            tx.log("registers.object.edit", objects.ref_of(one.row), one.before, one.after, note)
        result.done = [one.row.pk for one in good]
    return result


def _tried(
    user: Any, register: Register, rows: Sequence[RegisterObject], given: Mapping[str, Any], department: Any, day: date,
    versions: Mapping[int, int], note: str,
) -> list[Trial]:  # fmt: skip
    trials = [Trial(row) for row in rows]
    more = writing.environment(register, rows)
    reach = _Reach(user)
    for one in trials:
        try:
            _try(register, one, given, department, day, versions, reach, more[one.row.pk], note)
        except EcoError as error:
            one.refused = error
    for refuse in (_references, _years, _doubles):
        refuse(user, register, [one for one in trials if one.refused is None], day)
    return trials


@dataclass
class _Reach:
    """Asks once for each pair of division and department whether the person may edit there."""

    user: Any
    known: dict[tuple[str, int | None], EcoError | None] = field(default_factory=dict)

    def check(self, row: RegisterObject) -> None:
        """Raise Forbidden outside the reach."""
        key = (row.region_id, row.department_id)
        if key not in self.known:
            try:
                guards.within_reach(self.user, guards.EDIT, row.region, row.department)
                self.known[key] = None
            except EcoError as error:
                self.known[key] = error
        refused = self.known[key]
        if refused is not None:
            raise refused


def _try(
    register: Register, one: Trial, given: Mapping[str, Any], department: Department | None, day: date,
    versions: Mapping[int, int], reach: _Reach, more: Mapping[str, Any], note: str,
) -> None:  # fmt: skip
    row = one.row
    reach.check(row)
    if versions.get(row.pk, row.version) != row.version:
        raise Stale("对象在预览之后已被他人修改。", f"now version {row.version}", where={"对象": row.code},
                    remedy_zh="请重新预览。")  # fmt: skip
    guards.day_of(day, row.valid_from)
    objects.not_retired(register, row)
    draft = writing.draft_of(register, row, "bulk", note)
    before = writing.facts(register, row, draft.before)
    if department is not KEEP:
        row.department = department
        reach.check(row)
    draft.values, faults = values.clean(register.definition, given, draft.before)
    faults = faults or writing.judge(register, draft, more, timezone.localdate())
    if faults:
        raise ValuesRefused(faults, where={"对象": row.code})
    one.draft = draft
    one.before, one.after = objects.changed(before, writing.facts(register, row, draft.values))


def _references(user: Any, register: Register, trials: Sequence[Trial], day: date) -> None:
    found = writing.check_references(register, [one.draft for one in trials if one.draft], user)
    for position, faults in found.items():
        trials[position].refused = ValuesRefused(faults, where={"对象": trials[position].row.code})


def _years(_user: Any, register: Register, trials: Sequence[Trial], day: date) -> None:
    """Refuse what falls into a closed year: asked once for all, and one by one only when some year is closed."""

    def wanted(one: Trial) -> list[tuple[str, date, int | None]]:
        assert one.draft is not None
        return [(one.row.region_id, day, year) for year in (one.row.year, objects.year_of(register, one.draft))]

    try:
        guards.open_years(register, [each for one in trials for each in wanted(one)])
    except EcoError:
        for one in trials:
            try:
                guards.open_years(register, wanted(one))
            except EcoError as error:
                one.refused = error


def _doubles(user: Any, register: Register, trials: Sequence[Trial], day: date) -> None:
    """Refuse what would repeat a uniqueness key, of another object or of one before it in the same change."""
    for position, faults in writing.claimed(user, register, [one.draft for one in trials if one.draft]).items():
        trials[position].refused = faults[0]
