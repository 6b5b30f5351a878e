"""What the room's lists hold as files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.kernel.duties import showing
from ecocloud.kernel.duties.models import RoundReport


def _state(report: RoundReport) -> str:
    return showing.said(str(report.get_state_display()))


_ITEM = (
    ExportColumn(_("编号"), "item.code"),
    ExportColumn(_("事项名称"), "item.title"),
    ExportColumn(_("牵头单位"), "item.lead_department.name"),
)
DONE = (
    *_ITEM,
    ExportColumn(_("办理"), "action_zh"),
    ExportColumn(_("意见"), "opinion"),
    ExportColumn(_("时间"), "at"),
)
NOTICES = (
    ExportColumn(_("标题"), "title"),
    ExportColumn(_("内容"), "text"),
    ExportColumn(_("时间"), "at"),
    ExportColumn(_("已阅时间"), "read_at"),
)
INSTRUCTIONS = (
    *_ITEM,
    ExportColumn(_("批示内容"), "text"),
    ExportColumn(_("批示人"), "leader.name"),
    ExportColumn(_("批示时间"), "at"),
    ExportColumn(_("回复期限"), "due"),
    ExportColumn(_("回复"), "reply"),
    ExportColumn(_("回复人"), "replied_by.name"),
    ExportColumn(_("回复时间"), "replied_at"),
)
_REPORT = (
    ExportColumn(_("状态"), _state),
    ExportColumn(_("进度（%）"), "progress"),
    ExportColumn(_("进展情况"), "text"),
    ExportColumn(_("存在问题"), "problem"),
)
OWED = (
    *_ITEM,
    ExportColumn(_("调度"), "round.title"),
    ExportColumn(_("报送期限"), "round.due"),
    *_REPORT,
)
REPORTS = (
    *_ITEM,
    ExportColumn(_("报送单位"), "department.name"),
    *_REPORT,
    ExportColumn(_("报送人"), "submitted_by.name"),
    ExportColumn(_("报送时间"), "submitted_at"),
    ExportColumn(_("审核人"), "checked_by.name"),
    ExportColumn(_("审核意见"), "remark"),
)
BATCHES = (
    ExportColumn(_("名称"), "name"),
    ExportColumn(_("类型"), "kind_label"),
    ExportColumn(_("总数"), "all"),
    ExportColumn(_("办结"), "done"),
    ExportColumn(_("红灯"), "late"),
    ExportColumn(_("默认期限"), "deadline"),
    ExportColumn(_("创建时间"), "created_at"),
)
ROUNDS = (
    ExportColumn(_("名称"), "title"),
    ExportColumn(_("时段"), "period"),
    ExportColumn(_("状态"), lambda row: showing.said(str(row.get_state_display()))),
    ExportColumn(_("报送期限"), "due"),
    ExportColumn(_("应报"), "all"),
    ExportColumn(_("未报"), "owing"),
    ExportColumn(_("已核"), "accepted"),
    ExportColumn(_("创建人"), "created_by.name"),
    ExportColumn(_("创建时间"), "created_at"),
)
