"""Tags of the documents room's pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.templatetags.pages import icon
from ecocloud.intake.documents.models import Decision, Record, Term
from ecocloud.intake.documents.paragraphs import Run
from ecocloud.intake.documents.showing import step_words
from ecocloud.kernel.journal.refs import Ref

register = template.Library()
_ACTS = {
    "documents.document.upload": gettext_lazy("导入"),
    "documents.document.read": gettext_lazy("读取"),
    "documents.document.ready": gettext_lazy("读取完成"),
    "documents.document.refuse": gettext_lazy("未能读取"),
    "documents.document.change": gettext_lazy("修改文件信息"),
    "documents.document.download": gettext_lazy("下载原件"),
    "documents.document.export": gettext_lazy("导出表格"),
    "documents.question.check": gettext_lazy("核对"),
    "documents.question.answer": gettext_lazy("答复核对问题"),
    "documents.document.enter": gettext_lazy("全部入台账"),
    "documents.record.accept": gettext_lazy("接受记录"),
    "documents.record.edit": gettext_lazy("修改记录"),
    "documents.record.reject": gettext_lazy("不采纳记录"),
    "documents.record.undo": gettext_lazy("撤销处理"),
    "documents.record.redo": gettext_lazy("重做处理"),
    "documents.record.reopen": gettext_lazy("重新确认"),
    "documents.record.add": gettext_lazy("添加记录"),
    "documents.record.split": gettext_lazy("拆分记录"),
    "documents.record.merge": gettext_lazy("合并记录"),
    "documents.document.follow": gettext_lazy("登记上一版"),
    "documents.record.compare": gettext_lazy("与上一版比对"),
    "documents.record.dictionary": gettext_lazy("套用词条"),
    "documents.record.respan": gettext_lazy("改定原文"),
    "documents.record.enter": gettext_lazy("记录入台账"),
    "documents.record.refused": gettext_lazy("记录未能入台账"),
}


@register.simple_tag
def runs(
    stretches: Sequence[Run], records: Mapping[int, Record] | None = None, current: int | None = None
) -> SafeString:
    """Text with its marks; pins before the records that begin there."""
    parts = []
    for run in stretches:
        for key in run.pins:
            record = (records or {}).get(key)
            if record is not None:
                parts.append(_pin(record, key == current))
        if run.css:
            parts.append(format_html('<mark class="{}" data-r="{}">{}</mark>', run.css, str(run.record), run.text))
        else:
            parts.append(escape(run.text))
    return mark_safe("".join(parts))


def _pin(record: Record, now: bool) -> SafeString:
    css = "pin now" if now else "pin" if record.state == "pending" else "pin ok"
    if now and record.kind == "figure":
        css += " n"
    return format_html(
        '<a class="{}" id="m-{}" href="?record={}" data-skip data-record="{}">{}</a>',
        css, str(record.pk), str(record.pk), str(record.pk), record.label,
    )  # fmt: skip


_RESULTS = {
    "item": ("duties:item", gettext_lazy("督办事项")),
    "target": ("evidence:target", gettext_lazy("目标")),
    "obs": ("evidence:observation", gettext_lazy("数值")),
}


def _chip(url: str, words: str, title: str) -> SafeString:
    return format_html(
        '<a class="ev" href="{}" title="{}" data-ref="{}">{}<span>{}</span></a>',
        url, title, f"{title} {words}", icon("link-2"), words,
    )  # fmt: skip


@register.simple_tag
def result(record: Record) -> SafeString:
    """The chip that opens what a record became; asks the database nothing (its page checks the right)."""
    ref = Ref.parse(record.result_ref) if record.result_ref else None
    if ref is None or ref.kind not in _RESULTS:
        return mark_safe("")
    route, words = _RESULTS[ref.kind]
    return _chip(reverse(route, args=[ref.key]), f"{words} {ref.key}", record.title)


@register.simple_tag
def place(record: Record) -> SafeString:
    """The chip that opens the sentence of a record of a document the person may see."""
    url = f"{reverse('documents:document', args=[record.document_id])}?at={record.start}-{record.end}#at"
    return _chip(url, record.place, record.quote[:120])


def _at(document: int, at: str, words: str, title: str) -> SafeString:
    return _chip(f"{reverse('documents:document', args=[document])}?at={at}#at", words, title)


@register.simple_tag
def span_chip(span: Mapping[str, Any]) -> SafeString:
    """The chip that opens one place of a question; another document is named by its title."""
    words = span["title"] or span["place"] or _("原文")
    return _at(span["document"], span["at"], words, span["quote"][:120])


@register.simple_tag
def side_chip(side: Mapping[str, Any]) -> SafeString:
    """The chip that opens one side of a comparison."""
    return _at(side["pk"], side["at"], side["place"], (side["quote"] or side["words"])[:120])


@register.simple_tag
def row_chip(row: Any, document: Any) -> SafeString:
    """The chip that opens the sentence of a row of a table."""
    return _at(document.pk, f"{row.start}-{row.end}", row.place, row.sentence[:120])


_ROLES = {
    "合计": gettext_lazy("合计"), "总数": gettext_lazy("总数"), "其中": gettext_lazy("其中"),
    "分项": gettext_lazy("分项"), "算式": gettext_lazy("算式"), "比率": gettext_lazy("比率"),
    "分子": gettext_lazy("分子"), "分母": gettext_lazy("分母"), "变化": gettext_lazy("变化"),
    "前值": gettext_lazy("前值"), "后值": gettext_lazy("后值"), "前文": gettext_lazy("前文"),
    "后文": gettext_lazy("后文"), "目标": gettext_lazy("目标"), "上年": gettext_lazy("上年"),
    "期限": gettext_lazy("期限"), "占比": gettext_lazy("占比"), "数值": gettext_lazy("数值"),
    "单位": gettext_lazy("单位"), "位次": gettext_lazy("位次"), "任务": gettext_lazy("任务"),
    "本文件": gettext_lazy("本文件"), "其他文件": gettext_lazy("其他文件"),
}  # fmt: skip


@register.filter
def span_role(role: str) -> str:
    """What a place of a question is, in the language of the page."""
    return str(_ROLES.get(role, role))


@register.filter
def short_hash(text: str) -> str:
    """The two ends of a checksum."""
    return f"{text[:8]}…{text[-4:]}" if text else ""


@register.filter
def step_act(decision: Decision) -> str:
    """What a step of a person did, in a word."""
    return step_words(decision)


@register.filter
def act_words(entry: Any) -> str:
    """What an entry of the journal says happened."""
    return str(_ACTS.get(entry.action, entry.action))


@register.inclusion_tag("pages/confirm.html", takes_context=True)
def reject_dialog(
    context: template.Context, title: str, url: str, consequence: str, action: str, version: int, back: str
) -> dict[str, Any]:
    """The dialog in which the reason for not taking a record is written."""
    return {
        "id": "reject-it", "title": title, "url": url, "consequence": consequence, "action": action,
        "opinion": "required", "opinion_label": _("理由"), "danger": True, "method": "post",
        "fields": {"act": "reject", "version": version, "back": back}.items(), "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.simple_tag
def term_source(term: Term) -> SafeString:
    """The chip that opens the sentence whose correction proposed an entry; the page behind it checks the right."""
    ref = Ref.parse(term.source)
    if ref.span is None:
        return mark_safe("")
    start, end = ref.span
    url = f"{reverse('documents:document', args=[ref.key])}?at={start}-{end}#at"
    return _chip(url, _("原文"), getattr(term, "shown", "") or _("原文"))
