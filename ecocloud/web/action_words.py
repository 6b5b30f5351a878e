"""The words of the actions this room writes into the journal: code -> (Chinese, English)."""

from __future__ import annotations

ACTIONS: dict[str, tuple[str, str]] = {
    "web.site.set-up": ("确定本安装的名称和区划", "Set up the installation"),
    "web.list.export": ("导出列表", "Export a list"),
    "sheets.upload": ("上传导入表", "Upload a workbook"),
    "sheets.stage": ("预览导入", "Preview an import"),
    "sheets.commit": ("确认导入", "Commit an import"),
    "sheets.cancel": ("取消导入", "Cancel an import"),
}
