"""What every service of the room checks before it writes."""

from __future__ import annotations

from ecocloud.base.errors import Forbidden
from ecocloud.domains.gep import queries
from ecocloud.domains.gep.errors import NotThere
from ecocloud.domains.gep.models import Accounting, Form
from ecocloud.kernel.regions import permissions, scope
from ecocloud.kernel.regions.models import User

_REMEDY = "请由该单位办理，或联系安全管理员调整数据范围。"


def accounting_in_reach(user: User, code: str, accounting: Accounting | int) -> Accounting:
    """The accounting, when the person holds the right ``code`` and its office is in his reach; else Forbidden."""
    permissions.require(user, code)
    key = accounting if isinstance(accounting, int) else accounting.pk
    row = queries.accountings(user).filter(pk=key).first()
    if row is None:
        raise NotThere("没有这项核算，或不在您的数据范围内。", f"no accounting {key} in reach", value=key)
    if not scope.sees_department(user, row.office_id, code):
        raise Forbidden("该核算不由您的单位组织。", f"user {user.pk} is not of the office", code="gep.scope",
                        where={"核算": row.title}, value=code, remedy_zh=_REMEDY)  # fmt: skip
    return row


def within_form(user: User, code: str, form: Form | None) -> None:
    """Raise Forbidden unless the person holds the right ``code`` and the form's unit (or office) is in his reach."""
    permissions.require(user, code)
    seen = scope.reach(user, code)
    mine = form is not None and (seen.everything or {form.department_id, form.accounting.office_id} & seen.departments)
    if not mine:
        raise Forbidden("没有这张报表，或不在您的数据范围内。", f"no form in the reach of {code}",
                        code="gep.scope", value=form.pk if form else None, remedy_zh=_REMEDY)  # fmt: skip


def form_in_reach(user: User, code: str, key: int) -> Form:
    """The form of this key, when the person may act on it by the right ``code``; else Forbidden."""
    row = Form.objects.select_related("accounting__region", "region").filter(pk=key).first()
    within_form(user, code, row)
    assert row is not None
    return row
