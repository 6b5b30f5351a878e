"""Forms of the pages: reading what people typed. Rules live in the services; a form only says what cannot be read."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base import typed
from ecocloud.kernel.duties import showing
from ecocloud.kernel.duties.cycles import all_cycles
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.parts import FormField, Kind
from ecocloud.kernel.regions.facts import functions_file
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.regions.queries import in_force
from ecocloud.kernel.regions.resolution import AMBIGUOUS, GROUP, MATCHED, Directory

_BETWEEN = re.compile(r"[、，,；;\n\r]+")
MAX_UNITS = 60


def unit_names(limit: int = 1500) -> list[str]:
    """Names offered while typing a unit."""
    return list(in_force().order_by("region_id", "order", "id").values_list("name", flat=True)[:limit])


def exact_unit(text: str) -> Department | None:
    """The one department in force that bears exactly this name, short name or alias."""
    found = set()
    for path in ("name", "short_name", "aliases__text"):
        found |= set(in_force().filter(**{path: text}).values_list("pk", flat=True)[:3])
        if found:
            break
    return Department.objects.get(pk=found.pop()) if len(found) == 1 else None


class UnitField(forms.CharField):
    """One department, typed by name; names that are not exact are resolved in the region of the form."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"list": "unit-names", "autocomplete": "off"}))
        super().__init__(max_length=200, **options)
        self.region: Region | None = None

    def clean(self, value: Any) -> Department | None:
        """The department; raises ValidationError with the candidates when the name is not clear."""
        text = super().clean(value)
        if not text:
            return None
        found = exact_unit(text.strip())
        if found is not None:
            return found
        if self.region is not None:
            match = Directory(self.region).resolve(text)
            if match.status == MATCHED:
                return match.department
            if match.status == AMBIGUOUS:
                names = "、".join(candidate.department.name for candidate in match.candidates[:4])
                raise forms.ValidationError(
                    _("“%(text)s”可能是：%(names)s。请写全称。") % {"text": text, "names": names}
                )
        raise forms.ValidationError(_("没有“%(text)s”这个单位，请从提示的名称中选择。") % {"text": text})


class UnitsField(forms.CharField):
    """Several units, separated by 、 or line breaks. What names no department stays as the words it is."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea(attrs={"rows": 2}))
        super().__init__(max_length=4000, **options)
        self.region: Region | None = None
        self.only_departments = False

    def clean(self, value: Any) -> list[Department | str]:
        """Departments and wordings in the order given."""
        parts = [part.strip() for part in _BETWEEN.split(super().clean(value) or "") if part.strip()]
        if len(parts) > MAX_UNITS:
            raise forms.ValidationError(_("一次最多 %(n)s 个单位。") % {"n": MAX_UNITS})
        found: list[Department | str] = []
        directory: Directory | None = None
        for part in parts:
            unit = exact_unit(part)
            if unit is None and self.region is not None:
                directory = directory or Directory(self.region)
                match = directory.resolve(part)
                if match.status == MATCHED:
                    unit = match.department
                elif match.status == GROUP and self.only_departments and match.exact:
                    found.extend(match.departments)
                    continue
            if unit is None and self.only_departments:
                raise forms.ValidationError(_("没有“%(text)s”这个单位，请从提示的名称中选择。") % {"text": part})
            found.append(unit or part)
        return found


class DayField(forms.DateField):
    """A day; what is none is named with its value and the form it should have."""

    def to_python(self, value: Any) -> date | None:
        """The day, or None for an empty field."""
        if value in self.empty_values:
            return None
        try:
            return typed.day(value)
        except typed.BadInput as error:
            words = _("“%(text)s”不是日期，应为 2026-12-31 的形式。") % {"text": value}
            raise forms.ValidationError(words, code="invalid") from error


def _day(**more: Any) -> DayField:
    return DayField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class EcoForm(forms.Form):
    """A form whose controls carry the styles of the house and whose unit fields know the region."""

    def __init__(self, *args: Any, region: Region | None = None, **more: Any) -> None:
        super().__init__(*args, label_suffix="", **more)
        self.prepare()
        for name, field in self.fields.items():
            if isinstance(field, UnitField | UnitsField):
                field.region = region
            if not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect | forms.HiddenInput):
                field.widget.attrs.setdefault("class", "input")
            if self.is_bound and name in self.errors:
                field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{name}_error"}

    def prepare(self) -> None:
        """Choices that depend on data; set before anything is read."""


class ItemForm(EcoForm):
    """A new item, or the fields of one that is not issued yet."""

    title = forms.CharField(
        label=gettext_lazy("事项名称"), max_length=300, help_text=gettext_lazy("写明做什么、做到什么程度。")
    )
    kind = forms.ChoiceField(label=gettext_lazy("类型"), required=False)
    lead = UnitField(label=gettext_lazy("牵头单位"), help_text=gettext_lazy("只有一个责任单位。"))
    units = UnitsField(
        label=gettext_lazy("配合单位"),
        required=False,
        help_text=gettext_lazy("用顿号或换行分开；“各乡镇”等写法按原文保留。"),
    )
    deadline = _day(label=gettext_lazy("完成期限"))
    deadline_text = forms.CharField(
        label=gettext_lazy("期限原文"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("如“9月底前”，照文件写。"),
    )
    cycle = forms.ChoiceField(label=gettext_lazy("反馈周期"), required=False)
    year = forms.IntegerField(label=gettext_lazy("年度"), required=False, min_value=1990, max_value=2100)
    body = forms.CharField(
        label=gettext_lazy("内容与要求"), required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 4})
    )
    source_title = forms.CharField(
        label=gettext_lazy("来源文件"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("文件全称；没有文件的写明由谁何时交办。"),
    )
    source_place = forms.CharField(
        label=gettext_lazy("来源位置"), required=False, max_length=120, help_text=gettext_lazy("如“第 4 条第 3 句”。")
    )
    source_ref = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def prepare(self) -> None:
        """Kinds and cycles in the language of the page."""
        self.fields["kind"].choices = [(code, showing.kind_label(code)) for code in all_kinds()]
        self.fields["cycle"].choices = [
            (code, showing.pick(row.label_zh, row.label_en)) for code, row in all_cycles().items()
        ]
        self.fields["kind"].initial = "task"
        self.fields["year"].initial = timezone.localdate().year


class CaseForm(ItemForm):
    """A new item of one kind, with what the kind asks: channel, category, number, place, fields of its own."""

    def __init__(self, *args: Any, table: Kind, **more: Any) -> None:
        self.table = table
        super().__init__(*args, **more)

    def prepare(self) -> None:
        """The fields of the kind, in the language of the page."""
        super().prepare()
        table, none = self.table, [("", "—")]
        self.fields["kind"] = forms.CharField(widget=forms.HiddenInput, initial=table.code)
        if not table.takes_case:
            return
        self.fields["deadline"].help_text = _("不填按时限规则确定。")
        if table.channels:
            rows = [(row.code, showing.pick(row.label_zh, row.label_en)) for row in table.channels]
            self.fields["channel"] = forms.ChoiceField(label=_("来源"), required=False, choices=none + rows)
        if table.categories:
            rows = [(row.code, showing.pick(row.label_zh, row.label_en)) for row in table.categories]
            self.fields["category"] = forms.ChoiceField(label=_("事项类别"), required=False, choices=none + rows)
            self.fields["place"] = forms.CharField(label=_("位置"), required=False, max_length=200)
            self.fields["lon"] = forms.FloatField(label=_("经度"), required=False, min_value=-180, max_value=180)
            self.fields["lat"] = forms.FloatField(label=_("纬度"), required=False, min_value=-90, max_value=90)
        self.fields["number"] = forms.CharField(label=_("问题编号"), required=False, max_length=80)
        for row in table.fields:
            self.fields[f"v_{row.code}"] = _field_of(row)

    def case(self) -> dict[str, Any]:
        """What the kind asks, as the services take it."""
        given = self.cleaned_data
        found = {name: given[name] for name in ("channel", "category", "place", "number") if given.get(name)}
        found |= {name: given[name] for name in ("lon", "lat") if given.get(name) is not None}
        values = {row.code: given.get(f"v_{row.code}") for row in self.table.fields}
        return found | {"values": {code: value for code, value in values.items() if value}}


def _field_of(row: FormField) -> forms.Field:
    label = showing.pick(row.label_zh, row.label_en)
    if row.kind == "choice":
        chosen = [(code, showing.pick(zh, en)) for code, (zh, en) in row.entries.items()]
        return forms.ChoiceField(label=label, required=row.required, choices=[("", "—"), *chosen])
    if row.kind == "date":
        return _day(label=label)
    if row.kind == "long":
        area = forms.Textarea(attrs={"rows": 3})
        return forms.CharField(label=label, required=row.required, max_length=8000, widget=area)
    return forms.CharField(label=label, required=row.required, max_length=300)


class BatchForm(EcoForm):
    """A new batch."""

    name = forms.CharField(label=gettext_lazy("批次名称"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("类型"))
    channel = forms.ChoiceField(label=gettext_lazy("来源"), required=False)
    deadline = _day(
        label=gettext_lazy("默认期限"), help_text=gettext_lazy("清单中没有写期限的用此期限；不填按时限规则。")
    )
    note = forms.CharField(
        label=gettext_lazy("说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def prepare(self) -> None:
        """Kinds that come in batches, and their channels."""
        kinds = [kind for kind in all_kinds().values() if kind.fields and kind.categories]
        self.fields["kind"].choices = [(kind.code, showing.kind_label(kind.code)) for kind in kinds]
        self.fields["kind"].initial = "problem"
        self.fields["channel"].choices = [("", "—"), *showing.channel_choices()]


class CheckForm(EcoForm):
    """举一反三: which units are asked for the same check."""

    function = forms.ChoiceField(label=gettext_lazy("职能部门"), required=False)
    level = forms.ChoiceField(label=gettext_lazy("层级"), required=False)
    deadline = _day(label=gettext_lazy("完成期限"), help_text=gettext_lazy("不填为 20 个工作日。"))
    text = forms.CharField(
        label=gettext_lazy("自查要求"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def prepare(self) -> None:
        """Functions that a unit in force has; levels below the province."""
        held = set(in_force().exclude(function="").order_by().values_list("function", flat=True).distinct())
        rows = [row for row in functions_file().functions if row.code in held]
        self.fields["function"].choices = [("", "—"), *((r.code, showing.pick(r.name, r.en)) for r in rows)]
        levels = [(code, label) for code, label in Region.Level.choices if code in ("township", "county", "city")]
        self.fields["level"].choices = [("", "—"), *levels]


class ChangeForm(ItemForm):
    """变更 of an item: the editable fields and the reason, which is mandatory."""

    opinion = forms.CharField(
        label=gettext_lazy("变更原因"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("记入流程记录。"),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        """What can only be set once is left out."""
        super().prepare()
        for name in ("kind", "lead", "year"):
            del self.fields[name]


class NodeForm(EcoForm):
    """One dated step."""

    title = forms.CharField(label=gettext_lazy("节点"), required=False, max_length=200)
    unit = UnitField(label=gettext_lazy("承办单位"), required=False)
    due = _day(label=gettext_lazy("期限"))
    weight = forms.DecimalField(label=gettext_lazy("权重"), required=False, min_value=0, max_value=1000, initial=1)

    def clean(self) -> dict[str, Any]:
        """A row with anything in it needs a title."""
        given = super().clean()
        if not given.get("title") and (given.get("unit") or given.get("due")):
            self.add_error("title", _("没有填写名称。"))
        return given


class ChildForm(EcoForm):
    """One sub-task."""

    title = forms.CharField(label=gettext_lazy("子任务"), required=False, max_length=300)
    lead = UnitField(label=gettext_lazy("牵头单位"), required=False)
    deadline = _day(label=gettext_lazy("期限"))

    def clean(self) -> dict[str, Any]:
        """A sub-task needs a title and a lead unit."""
        given = super().clean()
        if given.get("title") and not given.get("lead") and "lead" not in self.errors:
            self.add_error("lead", _("没有填写牵头单位。"))
        if not given.get("title") and (given.get("lead") or given.get("deadline")):
            self.add_error("title", _("没有填写名称。"))
        return given


class RoundForm(EcoForm):
    """A new dispatch round."""

    period = forms.CharField(
        label=gettext_lazy("时段"), max_length=40, help_text=gettext_lazy("如 2026-08、2026Q3、2026-01-01/2026-08-31。")
    )
    due = DayField(label=gettext_lazy("报送期限"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    title = forms.CharField(
        label=gettext_lazy("名称"), required=False, max_length=200, help_text=gettext_lazy("不填则按时段取名。")
    )
    cycle = forms.ChoiceField(label=gettext_lazy("范围"), required=False)

    def prepare(self) -> None:
        """All items under way, or those of one feedback cycle."""
        cycles = [
            (code, _("反馈周期为%(cycle)s的事项") % {"cycle": showing.pick(row.label_zh, row.label_en)})
            for code, row in all_cycles().items()
            if code != "none"
        ]
        self.fields["cycle"].choices = [("", _("全部在办事项")), *cycles]


class RuleForm(EcoForm):
    """A new version of the light rule."""

    near_workdays = forms.IntegerField(label=gettext_lazy("临期工作日"), min_value=0, max_value=250)
    yellow_gap = forms.DecimalField(label=gettext_lazy("黄灯差距"), min_value=0, max_value=100, decimal_places=6)
    red_gap = forms.DecimalField(label=gettext_lazy("红灯差距"), min_value=0, max_value=100, decimal_places=6)
    grace_share = forms.DecimalField(label=gettext_lazy("宽限"), min_value=0, max_value=100, decimal_places=6)
    note = forms.CharField(label=gettext_lazy("修改原因"), max_length=300, required=False)


def read_day(text: str) -> date | None:
    """A day as a date field sends it or a person types it, or None."""
    try:
        return typed.day(text)
    except typed.BadInput:
        return None
