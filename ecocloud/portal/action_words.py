"""The words of the room's actions in the journal: code -> (Chinese, English)."""

ACTIONS = {
    "portal.desk.open": ("开通公众反映", "Open reports to the public"),
    "portal.desk.close": ("停止公众反映", "Close reports to the public"),
    "portal.report.create": ("公众提交反映", "Report a problem"),
    "portal.report.hand": ("交办公众反映", "Hand a report over"),
    "portal.report.refuse": ("不予受理", "Do not take a report"),
    "portal.report.reply": ("公开答复", "Reply in public"),
    "portal.report.rate": ("反映人评价", "Rate a report"),
    "portal.report.reopen": ("反映人要求重办", "Ask for more"),
    "portal.report.follow": ("办理进展", "Progress of a report"),
    "portal.contact.read": ("查看反映人联系方式", "Read a reporter's contact"),
    "portal.photo.forget": ("清理未提交的照片", "Forget photos nobody claimed"),
}
