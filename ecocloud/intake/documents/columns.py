"""What the room's lists hold as files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ecocloud.base.pages.exports import ExportColumn

DOCUMENTS = (
    ExportColumn(_("文件"), "title"),
    ExportColumn(_("文号"), "number"),
    ExportColumn(_("发文机关"), "issuer"),
    ExportColumn(_("文种"), "doc_type"),
    ExportColumn(_("区划代码"), "region_id"),
    ExportColumn(_("公布日期"), "published"),
    ExportColumn(_("计划年度"), "plan_year"),
    ExportColumn(_("报告年度"), "report_year"),
    ExportColumn(_("状态"), "get_status_display"),
    ExportColumn(_("密级"), "get_secrecy_display"),
    ExportColumn(_("原件校验（SHA-256）"), "sha256"),
    ExportColumn(_("导入时间"), "uploaded_at"),
)
RECORDS = (
    ExportColumn(_("文件"), "document.title"),
    ExportColumn(_("类型"), "get_kind_display"),
    ExportColumn(_("名称"), "title"),
    ExportColumn(_("原文"), "quote"),
    ExportColumn(_("位置"), "place"),
    ExportColumn(_("起"), "start"),
    ExportColumn(_("止"), "end"),
    ExportColumn(_("把握"), "confidence"),
    ExportColumn(_("状态"), "get_state_display"),
    ExportColumn(_("意见"), "opinion"),
    ExportColumn(_("去向"), "result_ref"),
)
TERMS = (
    ExportColumn(_("类别"), "get_kind_display"),
    ExportColumn(_("写法"), "text"),
    ExportColumn(_("含义"), "meaning_name"),
    ExportColumn(_("区划代码"), "region"),
    ExportColumn(_("状态"), "get_standing_display"),
    ExportColumn(_("用过"), "applied"),
    ExportColumn(_("经办人"), "by.name"),
    ExportColumn(_("时间"), "at"),
    ExportColumn(_("出处"), "source"),
)
BATCHES = (
    ExportColumn(_("文件名"), "name"),
    ExportColumn(_("状态"), "get_state_display"),
    ExportColumn(_("文件数"), "total"),
    ExportColumn(_("创建时间"), "created_at"),
    ExportColumn(_("完成时间"), "finished_at"),
)
BATCH_FILES = (
    ExportColumn(_("序号"), "number"),
    ExportColumn(_("文件名"), "path"),
    ExportColumn(_("结果"), "get_outcome_display"),
    ExportColumn(_("文件"), "document.title"),
    ExportColumn(_("原因"), "problem"),
    ExportColumn(_("完成时间"), "done_at"),
)
