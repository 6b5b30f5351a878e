"""The words of the actions this room writes into the journal: code -> (Chinese, English)."""

from __future__ import annotations

ACTIONS: dict[str, tuple[str, str]] = {
    "documents.document.upload": ("上传文件", "Upload a document"),
    "documents.document.read": ("读取文件", "Read a document"),
    "documents.document.ready": ("文件可以确认", "Document ready for review"),
    "documents.document.refuse": ("文件不能读取", "Document refused"),
    "documents.document.change": ("修改文件信息", "Change a document's facts"),
    "documents.document.download": ("下载原件", "Download the original"),
    "documents.document.enter": ("文件入账", "Enter a document"),
    "documents.record.accept": ("采纳记录", "Accept a record"),
    "documents.record.edit": ("修改记录", "Edit a record"),
    "documents.record.reject": ("不采纳记录", "Reject a record"),
    "documents.record.undo": ("撤回处理", "Undo a decision"),
    "documents.record.redo": ("重做处理", "Redo a decision"),
    "documents.record.reopen": ("重新确认记录", "Reopen a record"),
    "documents.record.merge": ("合并记录", "Merge records"),
    "documents.record.respan": ("改定记录原文", "Choose a record's evidence anew"),
    "documents.record.add": ("补充记录", "Add a record"),
    "documents.record.split": ("拆分记录", "Split a record"),
    "documents.record.compare": ("与上一版比对", "Compare with the edition before"),
    "documents.record.follow": ("沿用上一版处理", "Take over a decision"),
    "documents.record.reread": ("重新读取记录", "Read a record anew"),
    "documents.record.dictionary": ("套用词条", "Apply a dictionary entry"),
    "documents.document.follow": ("登记上一版", "Name the edition before"),
    "documents.term.propose": ("建议词条", "Propose a dictionary entry"),
    "documents.term.use": ("采用词条", "Use a dictionary entry"),
    "documents.term.off": ("停用词条", "Switch a dictionary entry off"),
    "documents.term.add": ("新增词条", "Add a dictionary entry"),
    "documents.record.enter": ("记录入账", "Enter a record"),
    "documents.record.refused": ("记录未能入账", "Record could not be entered"),
}
