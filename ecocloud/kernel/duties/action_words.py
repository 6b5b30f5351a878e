"""The words of the actions this room writes into the journal: code -> (Chinese, English)."""

from __future__ import annotations

ACTIONS: dict[str, tuple[str, str]] = {
    "duties.hand.item": ("随岗位交接", "Hand over with a post"),
    "duties.hand.round": ("随岗位交接调度", "Hand over a round with a post"),
    "duties.hand.template": ("随岗位交接循环任务", "Hand over recurring duties with a post"),
    "duties.item.create": ("新建事项", "Create an item"),
    "duties.item.progress": ("填报进展", "Report progress"),
    "duties.item.carry": ("年度结转", "Carry into the new year"),
    "duties.item.absorb": ("并入", "Take in a merged item"),
    "duties.batch.create": ("新建批次", "Create a batch"),
    "duties.item.export": ("导出事项", "Export items"),
    "duties.file.download": ("下载附件", "Download an attachment"),
    "duties.report.draft": ("保存调度草稿", "Save a dispatch draft"),
    "duties.report.fill": ("填报调度", "Fill a dispatch report"),
    "duties.report.check": ("审核调度", "Check a dispatch report"),
    "duties.report.return": ("退回调度", "Return a dispatch report"),
    "duties.round.open": ("开启调度", "Open a dispatch round"),
    "duties.round.opened": ("调度已下发", "Dispatch round sent out"),
    "duties.round.remind": ("催报", "Remind of a dispatch round"),
    "duties.round.lock": ("锁定调度", "Lock a dispatch round"),
    "duties.round.export": ("导出调度", "Export a dispatch round"),
    "duties.rule.edit": ("修改亮灯规则", "Edit the light rule"),
    "duties.lights.refresh": ("刷新亮灯", "Refresh the lights"),
    "duties.counts.rebuild": ("重建计数", "Rebuild counts"),
    "duties.notice.read": ("标为已阅", "Mark as read"),
    "duties.reminders": ("发送到期提醒", "Send reminders"),
    "duties.reminders.escalate": ("未报情况报上一级", "Tell the level above of missing feedback"),
    "duties.round.escalate": ("调度未报情况报上一级", "Tell the level above of missing dispatch reports"),
    "duties.template.run": ("生成循环任务", "Make recurring duties"),
    "duties.template.start": ("启用循环任务", "Start recurring duties"),
    "duties.template.stop": ("停用循环任务", "Stop recurring duties"),
    "duties.template.trouble": ("循环任务未能生成", "Recurring duties could not be made"),
    "duties.year.rollover": ("办理年度结转", "Roll the year over"),
}


def of_kinds() -> dict[str, tuple[str, str]]:
    """The steps of the transition tables, which are data."""
    from ecocloud.kernel.duties.kinds import all_kinds

    rows = [row for kind in all_kinds().values() for row in kind.transitions]
    return {f"duties.item.{row.action}": (row.label_zh, row.label_en) for row in rows}
