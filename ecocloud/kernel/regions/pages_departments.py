"""Pages of departments and unit questions. Thin."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.listing import FilterSpec, Listing, SortSpec
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.regions import queries, services
from ecocloud.kernel.regions.facts import functions_file
from ecocloud.kernel.regions.models import Department, DepartmentAlias, Region, UnitQuestion, in_language
from ecocloud.kernel.regions.permissions import allowed


def _region_choices() -> list[tuple[str, str]]:
    used = Department.objects.order_by().values("region_id").distinct()
    regions = Region.objects.filter(pk__in=used).order_by("code")
    return [(region.code, region.name) for region in regions if region.level != Region.Level.TOWNSHIP]


def _in_state(queryset, value):
    today = timezone.localdate()
    ended = Q(valid_to__lt=today)
    return queryset.filter(ended) if value == "ended" else queryset.exclude(ended)


def _of_region(queryset, value):
    return (
        queryset.filter(region_id=value)
        if value.endswith("00")
        else queryset.filter(region_id__gte=value, region_id__lt=Region(code=value).span[1])
    )


def _named(queryset, value):
    by_alias = DepartmentAlias.objects.filter(text__icontains=value).values("department_id")
    return queryset.filter(Q(name__icontains=value) | Q(short_name__icontains=value) | Q(pk__in=by_alias))


FILTERS = (
    FilterSpec("q", gettext_lazy("单位"), kind="text", apply=_named),
    FilterSpec("region", gettext_lazy("区划"), choices=_region_choices, apply=_of_region),
    FilterSpec("kind", gettext_lazy("类别"), choices=Department.Kind.choices),
    FilterSpec(
        "state",
        gettext_lazy("状态"),
        choices=(("current", gettext_lazy("在用")), ("ended", gettext_lazy("已撤并"))),
        apply=_in_state,
    ),
)
COLUMNS = (
    ExportColumn(gettext_lazy("编码"), "code"),
    ExportColumn(gettext_lazy("单位"), "name"),
    ExportColumn(gettext_lazy("简称"), "short_name"),
    ExportColumn(gettext_lazy("区划代码"), "region_id"),
    ExportColumn(gettext_lazy("区划"), "region.name"),
    ExportColumn(gettext_lazy("类别"), "get_kind_display"),
    ExportColumn(gettext_lazy("上级单位"), "parent.name"),
    ExportColumn(gettext_lazy("人数"), "people_count"),
    ExportColumn(gettext_lazy("起"), "valid_from"),
    ExportColumn(gettext_lazy("止"), "valid_to"),
)
SORTS = (SortSpec("region", ("region_id", "order", "pk")), SortSpec("name", ("name",)))


def departments(request: HttpRequest) -> HttpResponse:
    """The departments, by division."""
    listing = Listing(
        request,
        Department.objects.all(),
        filters=FILTERS,
        sorts=SORTS,
        key="regions.departments",
        size=50,
        columns=COLUMNS,
        title=_("单位"),
        decorate=lambda rows: rows.select_related("region", "parent").annotate(
            people_count=Count("people", filter=Q(people__is_active=True), distinct=True)
        ),
    )
    return list_page(
        request, listing, "regions/departments.html", {"edits": allowed(request.user, "regions.department.edit")}
    )


def department(request: HttpRequest, pk: int) -> HttpResponse:
    """One department: place in the tree, names, history, people."""
    unit = get_object_or_404(Department.objects.select_related("region", "parent"), pk=pk)
    edits = allowed(request.user, "regions.department.edit")
    context = {
        "unit": unit,
        "edits": edits,
        "may_alias": allowed(request.user, "regions.unit.settle"),
        "children": unit.children.order_by("order", "id"),
        "aliases": unit.aliases.order_by("source", "text"),
        "members": unit.members.all() if unit.kind == Department.Kind.GROUP else (),
        "changes": unit.changes.select_related("successor"),
        "joined": unit.predecessor_changes.select_related("department"),
        "people": queries.people(unit).order_by("-is_active", "post__order", "username"),
        "entries": entries_for(f"dept:{unit.pk}")[:20],
        "others": queries.departments_of(unit.region_id).exclude(pk=unit.pk) if edits else (),
        "today": timezone.localdate(),
        "ended": not unit.in_force() and unit.valid_to is not None,
    }
    return render(request, "regions/department.html", context)


def create(request: HttpRequest) -> HttpResponse:
    """A new department."""
    problem = ""
    if request.method == "POST":
        data = request.POST
        try:
            unit = services.create_department(
                request.user,
                name=data.get("name", ""),
                short_name=data.get("short_name", "").strip()[:60],
                region=queries.region_by_code(data.get("region", "")),
                parent=Department.objects.filter(pk=data.get("parent") or 0).first(),
                kind=data.get("kind") if data.get("kind") in Department.Kind.values else Department.Kind.DEPARTMENT,
                function=data.get("function", "")[:40],
            )
            return redirect("regions:department", pk=unit.pk)
        except EcoError as error:
            problem = error.sentence_zh()
    context = {
        "problem": problem,
        "data": request.POST,
        "kinds": Department.Kind.choices,
        "functions": [(one.code, in_language(one.name, one.en)) for one in functions_file().functions],
        "regions": _region_choices(),
    }
    return render(request, "regions/department_new.html", context, status=400 if problem else 200)


def _day(request: HttpRequest) -> date:
    return typed.day(request.POST.get("on", ""))


def change_department(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, merge, move or close: each dated, each with its basis."""
    unit = get_object_or_404(Department, pk=pk)
    kind, basis = request.POST.get("kind", ""), request.POST.get("basis", "")[:200]
    other = Department.objects.filter(pk=request.POST.get("other") or 0).first()
    try:
        on = _day(request)
        if kind == "rename":
            services.rename_department(request.user, unit, request.POST.get("name", ""), on=on, basis=basis)
        elif kind == "merge" and other:
            services.merge_department(request.user, unit, other, on=on, basis=basis)
        elif kind == "move":
            services.move_department(request.user, unit, other, on=on, basis=basis)
        elif kind == "close":
            services.close_department(request.user, unit, on=on, basis=basis)
        else:
            raise EcoError("没有选择变更方式或接收单位。", f"bad change {kind!r}", remedy_zh="请选择后再提交。")
        messages.success(request, _("单位变更已记录。"))
    except EcoError as error:
        messages.error(request, error.sentence_zh())
    return redirect("regions:department", pk=pk)


def add_alias(request: HttpRequest, pk: int) -> HttpResponse:
    """Another wording for the department."""
    unit = get_object_or_404(Department, pk=pk)
    try:
        services.add_alias(request.user, unit, request.POST.get("text", "")[:120])
        messages.success(request, _("简称已记住。"))
    except EcoError as error:
        messages.error(request, error.sentence_zh())
    return redirect("regions:department", pk=pk)


QUESTION_FILTERS = (
    FilterSpec("q", gettext_lazy("原文写法"), kind="text", fields=("text",)),
    FilterSpec("state", gettext_lazy("状态"), choices=UnitQuestion.State.choices),
)


QUESTION_COLUMNS = (
    ExportColumn(gettext_lazy("原文写法"), "text"),
    ExportColumn(gettext_lazy("文件所属"), "region.name"),
    ExportColumn(gettext_lazy("原因"), "reason"),
    ExportColumn(gettext_lazy("次数"), "count"),
    ExportColumn(gettext_lazy("来源"), "source"),
    ExportColumn(gettext_lazy("状态"), "get_state_display"),
    ExportColumn(gettext_lazy("单位"), lambda row: "、".join(unit.name for unit in row.departments.all())),
)


def unit_questions(request: HttpRequest) -> HttpResponse:
    """Wordings that wait for a person, with candidates."""
    listing = Listing(
        request,
        UnitQuestion.objects.all(),
        filters=QUESTION_FILTERS,
        sorts=(SortSpec("asked", ("asked_at", "pk"), descending_first=True), SortSpec("count", ("count",))),
        key="regions.questions",
        columns=QUESTION_COLUMNS,
        title=_("待确认单位"),
        decorate=lambda rows: rows.select_related("region", "settled_by").prefetch_related("departments"),
    )
    units = queries.in_force().select_related("region").order_by("region_id", "order", "pk")
    context = {"units": units, "may_settle": allowed(request.user, "regions.unit.settle")}
    return list_page(request, listing, "regions/unit_questions.html", context)


def answer_unit(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle or dismiss one question."""
    question = get_object_or_404(UnitQuestion, pk=pk)
    chosen = [int(text) for text in request.POST.getlist("department") if text.isdecimal()]
    named = request.POST.get("other", "").strip()
    try:
        if request.POST.get("dismiss"):
            services.dismiss_unit(request.user, question, note=request.POST.get("opinion", "")[:2000])
            messages.success(request, _("已记为“不是单位”。"))
        else:
            units = list(Department.objects.filter(pk__in=chosen))
            if named:
                units += list(queries.in_force().filter(name=named)[:1])
            services.settle_unit(request.user, question, units)
            messages.success(request, _("已确认，今后同样写法自动识别。"))
    except EcoError as error:
        messages.error(request, error.sentence_zh())
    return redirect("regions:unit-questions")
