"""What the lists of devices hold as files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ecocloud.base.pages.exports import ExportColumn

DEVICES = (
    ExportColumn(_("设备"), "name"),
    ExportColumn(_("MN 号"), "mn"),
    ExportColumn(_("类别"), "kind_label"),
    ExportColumn(_("系统编码"), "st"),
    ExportColumn(_("区划代码"), "region_id"),
    ExportColumn(_("责任单位"), "department.name"),
    ExportColumn(_("状态"), "standing_label"),
    ExportColumn(_("最近接收"), "state.last_packet"),
    ExportColumn(_("最近数据时间"), "state.last_data_time"),
    ExportColumn(_("报文数"), "state.packets"),
    ExportColumn(_("拒收"), "state.rejected"),
    ExportColumn(_("重复"), "state.duplicates"),
    ExportColumn(_("时钟偏差（秒）"), "state.clock_drift_s"),
    ExportColumn(_("近 7 日传输有效率（%）"), "rates.effective"),
)
RATES = (
    ExportColumn(_("设备"), "name"),
    ExportColumn(_("MN 号"), "mn"),
    ExportColumn(_("类别"), "kind_label"),
    ExportColumn(_("区划代码"), "region_id"),
    ExportColumn(_("责任单位"), "department.name"),
    ExportColumn(_("应传（组）"), "counts.due"),
    ExportColumn(_("实传（组）"), "counts.got"),
    ExportColumn(_("有效（组）"), "counts.valid"),
    ExportColumn(_("传输率（%）"), "rates.transfer"),
    ExportColumn(_("有效率（%）"), "rates.validity"),
    ExportColumn(_("传输有效率（%）"), "rates.effective"),
    ExportColumn(_("捕集率（%）"), "rates.capture"),
)
STRANGERS = (
    ExportColumn(_("MN 号"), "mn"),
    ExportColumn(_("原因"), "reason_label"),
    ExportColumn(_("来源地址"), "peer"),
    ExportColumn(_("首次"), "first"),
    ExportColumn(_("最近"), "last"),
    ExportColumn(_("报文数"), "packets"),
    ExportColumn(_("状态"), "get_state_display"),
    ExportColumn(_("意见"), "opinion"),
)
