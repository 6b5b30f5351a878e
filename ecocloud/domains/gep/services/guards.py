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


def form_in_reach(user: User, code: str, form: Form | int) -> Form:
    """The form, when the person holds the right ``code`` and its unit (or the office) is in his reach."""
    permissions.require(user, code)
    key = form if isinstance(form, int) else form.pk
    row = queries.forms(user, code).filter(pk=key).first()
    if row is None:
        raise Forbidden("没有这张报表，或不在您的数据范围内。", f"no form {key} in the reach of {code}",
                        code="gep.scope", value=key, remedy_zh=_REMEDY)  # fmt: skip
    return row
