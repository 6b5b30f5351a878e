"""The words of the actions this room writes into the journal: code -> (Chinese, English)."""

from __future__ import annotations

ACTIONS: dict[str, tuple[str, str]] = {
    "registers.feed.hand": ("随岗位交接报送", "Hand over a feed with a post"),
    "registers.pack.show": ("选定驾驶舱专题", "Choose packs of the cockpit"),
    "registers.pack.report": ("导出专题报告", "Export the report of a pack"),
    "registers.pack.feed-start": ("启用专题指标报送", "Start feeding the indicators of a pack"),
    "registers.pack.feed-stop": ("停用专题指标报送", "Stop feeding the indicators of a pack"),
    "registers.pack.feed-trouble": ("专题指标未能报送", "Indicators of a pack could not be fed"),
    "registers.type.define": ("装入名录类型", "Define a register type"),
    "registers.slots.rebuild": ("重建索引", "Rebuild slots"),
    "registers.counts.rebuild": ("重算汇总", "Rebuild counts"),
    "registers.object.create": ("登记对象", "Create an object"),
    "registers.object.import": ("导入对象", "Import an object"),
    "registers.object.edit": ("修改对象", "Edit an object"),
    "registers.object.step": ("对象流转", "Move an object on"),
    "registers.object.retire": ("注销对象", "Retire an object"),
    "registers.object.move": ("区划调整", "Move to another division"),
    "registers.object.inspect": ("登记检查", "Record an inspection"),
    "registers.object.attach": ("上传附件", "Attach a file"),
    "registers.object.detach": ("移除附件", "Remove a file"),
    "registers.file.download": ("下载附件", "Download a file"),
    "registers.api.read": ("接口读取名录", "Read a register by the API"),
    "registers.export": ("导出名录", "Export a register"),
    "registers.pack.load": ("装入包", "Load a pack"),
    "registers.year.lock": ("年度封账", "Close a year"),
    "registers.year.unlock": ("解除封账", "Open a closed year"),
}
