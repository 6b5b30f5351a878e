"""Departments and their history."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from ecocloud.base import typed
from ecocloud.base.errors import Conflict, EcoError
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions import naming
from ecocloud.kernel.regions.models import Department, DepartmentAlias, DepartmentChange, Region
from ecocloud.kernel.regions.services.console import check

_EDIT = "regions.department.edit"
_FIELDS = ("name", "short_name", "kind", "function", "order", "valid_from", "valid_to")


class DepartmentError(EcoError):
    """A department cannot be made or changed that way."""

    code = "regions.department"


def _ref(department: Department) -> Ref:
    return Ref("dept", str(department.pk))


def _plain(department: Department) -> dict[str, Any]:
    fields = {name: getattr(department, name) for name in _FIELDS}
    return fields | {"code": department.code, "region": department.region_id, "parent": department.parent_id}


def _fault(zh: str, en: str, remedy: str, **more: Any) -> DepartmentError:
    return DepartmentError(zh, en, remedy_zh=remedy, **more)


def create_department(
    user: Any,
    *,
    name: str,
    region: Region,
    code: str = "",
    short_name: str = "",
    parent: Department | None = None,
    kind: str = Department.Kind.DEPARTMENT,
    function: str = "",
    valid_from: date | None = None,
    order: int = 1000,
) -> Department:
    """A new department of ``region``; ``function`` is a code of the generic dictionary (``data/functions.yaml``)."""
    check(user, _EDIT)
    name, short_name = naming.tidy(typed.words(name)), typed.words(short_name)
    if not name:
        raise _fault("单位名称没有填写。", "empty department name", "请填写名称。", where={"字段": "名称"})
    if code and Department.objects.filter(code=code).exists():
        raise _fault(
            "单位代码已被使用。", f"code {code} is taken", "请换一个代码。", where={"字段": "代码"}, value=code
        )
    with change(user.actor()) as tx:
        department = Department(
            name=name,
            short_name=short_name,
            region=region,
            parent=parent,
            kind=kind,
            function=function,
            valid_from=valid_from,
            order=order,
            **({"code": code} if code else {}),
        )
        department.save()
        tx.log("regions.department.create", _ref(department), after=_plain(department))
    return department


def _locked(department: Department, version: int | None) -> Department:
    fresh = Department.objects.select_for_update().get(pk=department.pk)
    if version is not None and version != fresh.version:
        raise Conflict("该单位刚被他人修改。", f"department {fresh.pk} is at version {fresh.version}", value=version)
    return fresh


def _save(tx: Change, department: Department, action: str, before: dict[str, Any], note: str = "") -> None:
    department.version += 1
    department.save()
    tx.log(action, _ref(department), before, _plain(department), note)


def update_department(user: Any, department: Department, *, version: int | None = None, **fields: Any) -> Department:
    """Correct short name, kind, function or order. A new name is a rename, a new parent a move: both are dated."""
    check(user, _EDIT)
    wrong = set(fields) - {"short_name", "kind", "function", "order"}
    if wrong:
        raise _fault(
            "这些内容不能这样修改。", f"cannot update {sorted(wrong)}", "更名和调整隶属请走变更。", value=sorted(wrong)
        )
    with change(user.actor()) as tx:
        department = _locked(department, version)
        before = _plain(department)
        for name, value in fields.items():
            setattr(department, name, typed.words(value) if isinstance(value, str) else value)
        _save(tx, department, "regions.department.update", before)
    return department


def rename_department(user: Any, department: Department, new_name: str, *, on: date, basis: str = "") -> Department:
    """From the day ``on`` the department bears ``new_name``; the old name becomes an alias that ends the day before."""
    check(user, _EDIT)
    new_name = naming.tidy(typed.words(new_name))
    with change(user.actor()) as tx:
        department = _locked(department, None)
        if not new_name or new_name == department.name:
            raise _fault("新名称与现名称相同或为空。", "new name equals the old one", "请填写新名称。", value=new_name)
        last = department.changes.filter(kind=DepartmentChange.Kind.RENAME).order_by("-on").first()
        if last and on <= last.on:
            raise _fault(
                "更名日期早于上一次更名。", f"rename on {on} before {last.on}", f"应晚于 {last.on}。", value=on
            )
        before = _plain(department)
        DepartmentChange.objects.create(
            department=department,
            kind=DepartmentChange.Kind.RENAME,
            on=on,
            old_name=department.name,
            new_name=new_name,
            basis=basis,
        )
        DepartmentAlias.objects.get_or_create(
            text=department.name,
            department=department,
            defaults={"source": DepartmentAlias.Source.RENAME, "valid_to": on - timedelta(days=1)},
        )
        department.name = new_name
        department.short_name = ""
        _save(tx, department, "regions.department.rename", before, basis)
    return department


def _end(
    user: Any, department: Department, kind: str, on: date, heirs: list[Department], basis: str, action: str
) -> Department:
    check(user, _EDIT)
    with change(user.actor()) as tx:
        department = _locked(department, None)
        if department.valid_to is not None:
            raise _fault(
                "该单位已经撤并。", f"department {department.pk} ended on {department.valid_to}", "请选择在用单位。"
            )
        if department.valid_from and on <= department.valid_from:
            raise _fault("日期早于单位成立之日。", f"{on} is before {department.valid_from}", "请核对日期。", value=on)
        if any(heir.pk == department.pk for heir in heirs):
            raise _fault("单位不能并入自身。", "a department cannot succeed itself", "请选择另一个单位。")
        before = _plain(department)
        for heir in heirs or [None]:
            DepartmentChange.objects.create(
                department=department,
                kind=kind,
                on=on,
                old_name=department.name,
                new_name=heir.name if heir else "",
                successor=heir,
                basis=basis,
            )
        department.valid_to = on - timedelta(days=1)
        _save(tx, department, action, before, basis)
    return department


def merge_department(user: Any, department: Department, into: Department, *, on: date, basis: str = "") -> Department:
    """From the day ``on`` the department is part of ``into``, which also sees its rows from then on."""
    return _end(user, department, DepartmentChange.Kind.MERGE, on, [into], basis, "regions.department.merge")


def split_department(
    user: Any, department: Department, into: list[Department], *, on: date, basis: str = ""
) -> Department:
    """From the day ``on`` several departments stand in the place of this one."""
    if len(into) < 2:
        raise _fault("分设至少要有两个单位。", "a split needs two successors", "请选择分设后的各单位。")
    return _end(user, department, DepartmentChange.Kind.SPLIT, on, into, basis, "regions.department.split")


def close_department(user: Any, department: Department, *, on: date, basis: str = "") -> Department:
    """From the day ``on`` the department no longer exists and nobody succeeds it."""
    return _end(user, department, DepartmentChange.Kind.CLOSE, on, [], basis, "regions.department.close")


def move_department(
    user: Any, department: Department, parent: Department | None, *, on: date, basis: str = ""
) -> Department:
    """From the day ``on`` the department is subordinate to ``parent`` (data scopes follow at once)."""
    check(user, _EDIT)
    with change(user.actor()) as tx:
        department = _locked(department, None)
        above = parent
        while above is not None:
            if above.pk == department.pk:
                raise _fault(
                    "不能隶属于自己的下级。", "a department cannot move below itself", "请选择另一个上级单位。"
                )
            above = above.parent
        before = _plain(department)
        DepartmentChange.objects.create(
            department=department,
            kind=DepartmentChange.Kind.MOVE,
            on=on,
            old_name=department.parent.name if department.parent else "",
            new_name=parent.name if parent else "",
            basis=basis,
        )
        department.parent = parent
        _save(tx, department, "regions.department.move", before, basis)
    return department


def add_alias(
    user: Any, department: Department, text: str, *, source: str = DepartmentAlias.Source.PERSON
) -> DepartmentAlias:
    """Another wording for the department. The same wording may belong to several; then a person is asked."""
    check(user, "regions.unit.settle")
    text = naming.tidy(text)
    if len(text) < 2:
        raise _fault("简称太短。", f"alias {text!r} is too short", "至少两个字。", value=text)
    with change(user.actor()) as tx:
        alias, fresh = DepartmentAlias.objects.get_or_create(
            text=text, department=department, defaults={"source": source}
        )
        if fresh:
            tx.log("regions.department.alias", _ref(department), after={"text": text, "source": source})
    return alias


def set_members(user: Any, group: Department, members: list[Department]) -> Department:
    """Say which departments a group stands for."""
    check(user, _EDIT)
    if group.kind != Department.Kind.GROUP:
        raise _fault("这不是单位组。", f"department {group.pk} is no group", "只有单位组才有成员。")
    with change(user.actor()) as tx:
        before = sorted(group.members.values_list("pk", flat=True))
        group.members.set(members)
        tx.log("regions.department.members", _ref(group), before, sorted(unit.pk for unit in members))
    return group
