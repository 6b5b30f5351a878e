"""The words of the actions this room writes into the journal: code -> (Chinese, English)."""

from __future__ import annotations

ACTIONS: dict[str, tuple[str, str]] = {
    "evidence.observation.hand": ("随岗位交接数据", "Hand over a value with a post"),
    "evidence.observation.record": ("填报数据", "Record a value"),
    "evidence.observation.submitted": ("报送数据", "Hand in a value"),
    "evidence.observation.confirmed": ("确认数据", "Confirm a value"),
    "evidence.observation.rule": ("规则确认数据", "Confirm a value by a rule"),
    "evidence.observation.returned": ("退回数据", "Return a value"),
    "evidence.observation.correct": ("更正数据", "Correct a value"),
    "evidence.observation.superseded": ("被更正版本取代", "Superseded by a correction"),
    "evidence.observation.draft": ("撤回为草稿", "Back to draft"),
    "evidence.observation.locked": ("锁定数据", "Lock a value"),
    "evidence.target.set": ("登记目标", "Set a target"),
    "evidence.target.revise": ("调整目标", "Revise a target"),
    "evidence.target.withdraw": ("撤销目标", "Withdraw a target"),
    "evidence.indicator.propose": ("提出指标", "Propose an indicator"),
    "evidence.indicator.accept": ("审定指标", "Accept an indicator"),
    "evidence.indicator.update": ("目录更新", "Update from the catalogue"),
    "evidence.catalogue.load": ("装入指标目录", "Load the catalogue"),
    "evidence.period.lock": ("锁定年度", "Lock a year"),
    "evidence.period.unlock": ("解锁年度", "Unlock a year"),
    "evidence.export": ("导出指标", "Export indicators"),
    "evidence.sample.load": ("装入样例数据", "Load sample values"),
}
