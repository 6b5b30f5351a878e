"""Data scopes: the one place that decides which rows a person sees.

``limit`` is the union over the person's roles: a row is visible when at least one role in force shows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.models import Department, DepartmentChange, Role, User
from ecocloud.kernel.regions.permissions import HeldRole, rights

_MEMO = "_scope_memo"
# Seconds until a change of the organisation shows in what people see.
_KEEP_SECONDS = 5


@dataclass(frozen=True)
class Reach:
    """How far one person's eyes reach.

    ``everything``: no limit. ``departments``: ids of departments. ``regions``: codes of regions seen for rows without a
    department; ``region_spans``: ranges of codes ``[first, after)`` likewise. ``own``: rows the person owns.
    """

    everything: bool = False
    departments: frozenset[int] = frozenset()
    regions: frozenset[str] = frozenset()
    region_spans: frozenset[tuple[str, str]] = frozenset()
    own: bool = False


def descendants(roots: Iterable[int], *parent_maps: dict[int, int | None]) -> set[int]:
    """``roots`` and everything below them; each map gives ids their parents. Cycles are walked once."""
    children: dict[int, list[int]] = defaultdict(list)
    for parents in parent_maps:
        for child, parent in parents.items():
            if parent is not None:
                children[parent].append(child)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting.extend(children[node])
    return found


def _kept(name: str, read: Callable[[], dict[int, int | None]]) -> dict[int, int | None]:
    """What every request of every person asks, kept for a few seconds: the organisation seldom changes."""
    found = cache.get(name)
    if found is None:
        found = read()
        cache.set(name, found, _KEEP_SECONDS if not settings.TESTING else 0)
    return found


def _merged_into() -> dict[int, int | None]:
    return _kept("scope.merged", _read_merged)


def _read_merged() -> dict[int, int | None]:
    merges = DepartmentChange.objects.filter(kind=DepartmentChange.Kind.MERGE, on__lte=timezone.localdate())
    return dict(merges.values_list("department_id", "successor_id"))


def _parents() -> dict[int, int | None]:
    return _kept("scope.parents", _read_parents)


def _read_parents() -> dict[int, int | None]:
    return dict(Department.objects.order_by().values_list("id", "parent_id"))


def trees() -> dict[int, set[int]]:
    """For each department with others below it (or merged into it) today: itself and all of them."""
    merged, parents = _read_merged(), _read_parents()
    tops = {top for above in (merged, parents) for top in above.values() if top is not None}
    return {top: descendants([top], merged, parents) for top in sorted(tops)}


def remembered(user: Any, key: str, make: Callable[[], Any]) -> Any:
    """``make()`` once for each request of a signed-in person; afresh outside requests."""
    return _memo(user, key, make)


def _memo(user: User, key: str, make: Any) -> Any:
    """Keep for one request (the middleware puts an empty memo on the signed-in user), else compute afresh."""
    memo = getattr(user, _MEMO, None)
    if memo is None:
        return make()
    if key not in memo:
        memo[key] = make()
    return memo[key]


def _reach_of(role: HeldRole, user: User) -> Reach:
    if role.scope == Role.Scope.ALL:
        return Reach(everything=True)
    if role.scope == Role.Scope.SELF:
        return Reach(own=True)
    if role.scope == Role.Scope.CUSTOM:
        listed = Department.objects.filter(pk__in=role.departments).values_list("region_id", flat=True)
        return Reach(departments=role.departments, regions=frozenset(listed))
    if user.department_id is None:
        return Reach()
    merged = _memo(user, "merged", _merged_into)
    region = user.department.region_id
    if role.scope == Role.Scope.DEPARTMENT:
        return Reach(departments=frozenset(descendants([user.department_id], merged)), regions=frozenset([region]))
    tree = descendants([user.department_id], merged, _memo(user, "parents", _parents))
    return Reach(departments=frozenset(tree), region_spans=frozenset([codes.span(region)]))


def reach(user: Any, permission: str = "") -> Reach:
    """The union of the scopes of the person's roles; with ``permission`` only of the roles that hold it."""
    roles = [role for role in rights(user).roles if not permission or permission in role.permissions]
    parts = [_memo(user, f"reach:{role.code}", lambda role=role: _reach_of(role, user)) for role in roles]
    return Reach(
        everything=any(part.everything for part in parts),
        departments=frozenset().union(*(part.departments for part in parts)),
        regions=frozenset().union(*(part.regions for part in parts)),
        region_spans=frozenset().union(*(part.region_spans for part in parts)),
        own=any(part.own for part in parts),
    )


def _multi_valued(model: type[Model], path: str) -> bool:
    for name in path.split("__"):
        if name in ("pk", "id"):
            return False
        relation = model._meta.get_field(name)
        if relation.one_to_many or relation.many_to_many:
            return True
        if relation.related_model is None:
            return False
        model = relation.related_model
    return False


def _where(model: type[Model], path: str, condition: Q) -> Q:
    """``condition`` on rows of ``model``, as a subquery where the path crosses many rows (no duplicates)."""
    if _multi_valued(model, path):
        return Q(pk__in=model._base_manager.filter(condition).values("pk"))
    return condition


def _region_condition(field: str, seen: Reach) -> Q:
    condition = Q(pk__in=[])
    if seen.regions:
        condition |= Q(**{f"{field}__in": sorted(seen.regions)})
    for first, after in seen.region_spans:
        condition |= Q(**{f"{field}__gte": first, f"{field}__lt": after})
    return condition


def limit(
    queryset: QuerySet,
    user: Any,
    department_fields: Sequence[str] = (),
    region_field: str | None = None,
    owner_field: str | None = None,
    permission: str = "",
) -> QuerySet:
    """The rows of ``queryset`` that ``user`` may see.

    Parameters
    ----------
    department_fields: paths to departments; one of them in the person's reach is enough. Paths may cross many rows
        (``"cooperations__department"``).
    region_field: path to a region (or to its code) that judges rows naming no department at all.
    owner_field: path to the person who owns the row, for the scope ``self``.
    permission: count only the roles that hold this permission.
    """
    seen = reach(user, permission)
    if seen.everything:
        return queryset
    model = queryset.model
    condition = Q(pk__in=[])
    if seen.departments:
        ids = sorted(seen.departments)
        for path in department_fields:
            condition |= _where(model, path, Q(**{f"{path}__in": ids}))
    if region_field and (seen.regions or seen.region_spans):
        by_region = _where(model, region_field, _region_condition(region_field, seen))
        for path in department_fields:
            named = Q(**{f"{path}__isnull": False})
            by_region &= ~_where(model, path, named)
        condition |= by_region
    if owner_field and seen.own:
        condition |= _where(model, owner_field, Q(**{owner_field: user.pk}))
    return queryset.filter(condition)


def departments_in_scope(user: Any, permission: str = "") -> QuerySet[Department]:
    """The departments whose rows ``user`` may see."""
    seen = reach(user, permission)
    if seen.everything:
        return Department.objects.all()
    return Department.objects.filter(pk__in=sorted(seen.departments))


def sees_department(user: Any, department_id: int | None, permission: str = "") -> bool:
    """Whether rows of this department are in the person's reach."""
    seen = reach(user, permission)
    return seen.everything or (department_id is not None and department_id in seen.departments)
