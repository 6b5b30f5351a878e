"""The words of the actions this room writes into the journal: code -> (Chinese, English)."""

from __future__ import annotations

ACTIONS: dict[str, tuple[str, str]] = {
    "gep.accounting.open": ("开展生态产品总值核算", "Open a GEP accounting"),
    "gep.accounting.close": ("关闭生态产品总值核算", "Close a GEP accounting"),
    "gep.parameter.set": ("设定核算参数", "Set a coefficient of an accounting"),
    "gep.price.set": ("设定核算价格", "Set a price of an accounting"),
    "gep.reminders": ("提醒核算报表", "Remind of GEP forms"),
    "gep.form.values": ("填写核算数据", "Enter values of a GEP form"),
    "gep.form.save": ("填报核算报表", "Fill in a GEP form"),
    "gep.form.submit": ("报送核算报表", "Send a GEP form"),
    "gep.form.recall": ("撤回核算报表", "Recall a GEP form"),
    "gep.form.check": ("复核核算报表", "Check a GEP form"),
    "gep.form.return": ("退回核算报表", "Return a GEP form"),
    "gep.form.approve": ("审定核算报表", "Approve a GEP form"),
    "gep.form.lock": ("锁定核算报表", "Lock a GEP form"),
    "gep.correction.propose": ("提出核算数据更正", "Propose a correction of a GEP value"),
    "gep.correction.decide": ("审定核算数据更正", "Decide on a correction of a GEP value"),
    "gep.run.make": ("运行核算", "Run a GEP accounting"),
    "gep.run.confirm": ("确认核算结果", "Confirm a GEP account"),
    "gep.run.supersede": ("取代核算结果", "Supersede a GEP account"),
    "gep.result.disclose": ("公开生态产品总值", "Disclose GEP"),
    "gep.result.withdraw": ("撤下公开的生态产品总值", "Withdraw a disclosed GEP"),
    "gep.published.set": ("录入公布的生态产品总值", "Enter published GEP figures"),
    "gep.comment.write": ("对核算结果提出意见", "Comment on a GEP account"),
    "gep.comment.reply": ("答复核算意见", "Reply to a comment on a GEP account"),
    "gep.comment.resolve": ("解决核算意见", "Resolve a comment on a GEP account"),
}
