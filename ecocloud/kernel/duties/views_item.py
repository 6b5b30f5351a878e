"""One item: its page, its actions, creating, changing, decomposing, its files. Thin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import formset_factory
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.errors import EcoError
from ecocloud.base.files import services as files
from ecocloud.base.files.checks import check_upload
from ecocloud.base.files.kinds import FileKind
from ecocloud.kernel.duties import forms, item_page, queries, services, showing
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.duties.models import ItemFile, WorkItem
from ecocloud.kernel.duties.views import back_to
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Region, User

MAX_FILES = 10
_TAKEN = frozenset(
    FileKind[name] for name in ["TXT", "CSV", "PDF", "DOCX", "XLSX", "PPTX", "DOC", "XLS", "OFD", "ZIP", "PNG", "JPG"]
)  # fmt: skip
NodeSet = formset_factory(forms.NodeForm, extra=3, max_num=40)
ChildSet = formset_factory(forms.ChildForm, extra=2, max_num=40)


def _region(user: User) -> Region | None:
    return user.department.region if user.department_id else None


def item(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one item."""
    return render(request, "duties/item.html", _page(request, pk))


def _page(request: HttpRequest, pk: int) -> dict[str, Any]:
    page = item_page.context(request.user, pk)
    return {"page": page, "item": page["item"], "shown": page["shown"]}


def _item(text: str, user: User) -> int | None:
    """The item of a code a person sees."""
    code = text.split()[0] if text.split() else ""
    return queries.visible(user).filter(code=code).values_list("pk", flat=True).first() if code else None


def _uploads(request: HttpRequest, name: str = "files") -> list[Any]:
    """The uploads of a dialog, checked one by one; nothing is kept yet."""
    given = request.FILES.getlist(name)
    if len(given) > MAX_FILES:
        raise Invalid(_("一次最多上传 %(n)s 个附件。") % {"n": MAX_FILES}, "too many files", value=len(given))
    for upload in given:
        check_upload(upload.name, upload.file, _TAKEN)
        upload.file.seek(0)
    return given


def _unit(text: str, user: User) -> Any:
    field = forms.UnitField(required=False)
    field.region = _region(user)
    return _cleaned(field, text)


def _units(text: str, user: User) -> list[Any]:
    field = forms.UnitsField(required=False)
    field.region, field.only_departments = _region(user), True
    return _cleaned(field, text)


def _cleaned(field: Any, text: str) -> Any:
    try:
        return field.clean(text)
    except ValidationError as fault:
        raise Invalid(fault.messages[0], "unit not found", where={"字段": "单位"}, value=text) from fault


def _data(request: HttpRequest, found: WorkItem, action: str) -> dict[str, Any]:
    """What the dialog of ``action`` sent, as the services take it."""
    row = found.table.row(found.state, action)
    data: dict[str, Any] = {}
    for field in item_page.fields_of(row, found) if row else ():
        text = request.POST.get(field.name, "").strip()
        if field.kind == "date" and text:
            data[field.name] = forms.read_day(text) or text
        elif field.kind == "number" and text:
            data[field.name] = text
        elif field.kind == "unit":
            data[field.name] = _unit(text, request.user)
        elif field.kind == "units":
            data[field.name] = _units(text, request.user)
        elif field.kind in ("choice", "text"):
            data[field.name] = text
        elif field.kind == "item":
            data[field.name] = _item(text, request.user)
        elif field.kind == "files":
            data[field.name] = _uploads(request, field.name)
    for name in ("opinion_id", "instruction_id", "node_id", "objection_id"):
        if request.POST.get(name, "").isdigit():
            data[name] = int(request.POST[name])
    if action == "answer_opinion":
        data["answer"] = request.POST.get("answer", "")
    if action == "finish_node":
        data["done_at"] = forms.read_day(request.POST.get("done_at", ""))
    return data


def _version(request: HttpRequest, found: WorkItem) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() else found.version


def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Do one action; a refusal shows the item again with one clear sentence and keeps what was typed."""
    found = queries.item_for(request.user, pk)
    action, version = request.POST.get("action", ""), _version(request, found)
    opinion = request.POST.get("opinion", "").strip()
    key = request.POST.get("key", "")[:32]
    try:
        if version != found.version:
            raise services.Stale(
                _("事项已被他人更新，您的操作没有生效。"), f"item {pk} is at {found.version}, not {version}"
            )
        data = _data(request, found, action)
        uploads = [name for name in ("files", *ItemFile.Use.values) if data.get(name)]
        if uploads:
            services.check(request.user, found, action, opinion=opinion, **data)
        for name in uploads:
            data[name] = [files.receive(upload.name, upload.file, _TAKEN) for upload in data[name]]
        done = services.act(
            request.user, found, action, version=version, opinion=opinion,
            key=f"{request.user.pk}:{key}" if key else None, **data,
        )  # fmt: skip
    except EcoError as refused:
        return _refused(request, pk, refused, action, opinion, version)
    label = next((row.label_zh for row in found.table.rows(found.state) if row.action == action), action)
    messages.success(request, _("已办理“%(act)s”：%(code)s。") % {"act": label, "code": done.code})
    return redirect(back_to(request, reverse("duties:item", args=[done.pk])))


def _refused(request: HttpRequest, pk: int, refused: EcoError, action: str, opinion: str, version: int) -> HttpResponse:
    if refused.http_status == 404:
        raise refused
    context = _page(request, pk)
    context |= {"refused": refused, "typed_action": action, "typed_opinion": opinion}
    if isinstance(refused, services.Stale):
        context["changed"] = item_page.what_changed(context["item"], version)
    return render(request, "duties/item.html", context, status=refused.http_status)


def _fill(form: Any) -> dict[str, Any]:
    names = ("title", "body", "deadline", "deadline_text", "units", "source_title", "source_place", "source_ref")
    given = {name: form.cleaned_data[name] for name in names}
    return given | {"cycle": form.cleaned_data["cycle"] or "none"}


def create(request: HttpRequest) -> HttpResponse:
    """A new item by hand."""
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    table = all_kinds().get(asked) or all_kinds()["task"]
    form = forms.CaseForm(request.POST or None, region=_region(request.user), table=table)
    refused = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = services.create_item(
                request.user, lead=given["lead"], kind=table.code, year=given["year"], **_fill(form), **form.case()
            )
        except EcoError as error:
            refused = error
        else:
            messages.success(request, _("已立项：%(code)s。请分解或交办。") % {"code": made.code})
            return redirect("duties:item", pk=made.pk)
    address = reverse("duties:create")
    tabs = [
        {"label": showing.kind_label(code), "url": f"{address}?kind={code}", "current": code == table.code}
        for code in all_kinds()
    ]
    context = {"form": form, "refused": refused, "unit_names": forms.unit_names(), "tabs": tabs}
    return render(request, "duties/form.html", context, status=422 if request.method == "POST" else 200)


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """变更: the editable fields with a mandatory reason."""
    found = queries.item_for(request.user, pk)
    names = (
        "title",
        "body",
        "deadline",
        "deadline_text",
        "cycle",
        "source_title",
        "source_place",
        "source_ref",
        "version",
    )
    units = [row.department.name if row.department_id else row.text for row in found.units.select_related("department")]
    first = {name: getattr(found, name) for name in names} | {"units": "、".join(units)}
    form = forms.ChangeForm(request.POST or None, initial=first, region=found.region)
    context: dict[str, Any] = {"form": form, "item": found, "unit_names": forms.unit_names()}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        fields = _fill(form)
        if request.POST.get("units", "").strip() == first["units"]:
            del fields["units"]
        try:
            services.change_item(request.user, found, given["opinion"], version=given["version"], **fields)
        except EcoError as error:
            context["refused"] = error
            if isinstance(error, services.Stale):
                context["changed"] = item_page.what_changed(queries.item_for(request.user, pk), given["version"])
        else:
            messages.success(request, _("已变更：%(code)s。") % {"code": found.code})
            return redirect("duties:item", pk=pk)
    return render(request, "duties/form.html", context, status=422 if request.method == "POST" else 200)


def decompose(request: HttpRequest, pk: int) -> HttpResponse:
    """Nodes and sub-tasks: 分解 before issue, 增加节点 while the work runs."""
    found = queries.item_for(request.user, pk)
    rows = {row.action: row for row in found.table.rows(found.state)}
    action = "decompose" if "decompose" in rows else "add_nodes"
    options = {"form_kwargs": {"region": found.region}}
    nodes = NodeSet(request.POST or None, prefix="nodes", **options)
    children = ChildSet(request.POST or None, prefix="children", **options) if action == "decompose" else None
    refused: EcoError | None = None
    if request.method == "POST" and nodes.is_valid() and (children is None or children.is_valid()):
        try:
            _split(request, found, action, nodes, children)
        except EcoError as error:
            refused = error
        else:
            messages.success(request, _("已分解：%(code)s。") % {"code": found.code})
            return redirect("duties:item", pk=pk)
    context = {
        "item": found,
        "nodes": nodes,
        "children": children,
        "refused": refused,
        "unit_names": forms.unit_names(),
    }
    context["have"] = found.nodes.select_related("department")
    return render(request, "duties/decompose.html", context, status=422 if request.method == "POST" else 200)


def _split(request: HttpRequest, found: WorkItem, action: str, nodes: Any, children: Any) -> None:
    steps = [
        {"title": row["title"], "department": row["unit"], "due": row["due"], "weight": row["weight"] or 1}
        for row in nodes.cleaned_data
        if row.get("title")
    ]
    parts = [
        {"title": row["title"], "lead": row["lead"], "deadline": row["deadline"]}
        for row in (children.cleaned_data if children is not None else [])
        if row.get("title")
    ]
    if not steps and not parts:
        raise Invalid(_("没有填写节点或子任务。"), "nothing to add")
    data: dict[str, Any] = {"nodes": steps}
    if action == "decompose":
        data["children"] = parts
    services.act(request.user, found, action, version=_version(request, found), **data)


def file(request: HttpRequest, pk: int) -> FileResponse:
    """An attachment, for those who see its item; the download is journalled."""
    row = get_object_or_404(ItemFile.objects.select_related("file", "item"), pk=pk)
    queries.item_for(request.user, row.item_id)
    stream = files.open_stored(row.file)
    with change(request.user.actor(getattr(request, "request_id", ""))) as tx:
        tx.log("duties.file.download", row.item.ref, after={"file": row.file.name, "sha256": row.file.sha256})
    return FileResponse(stream, as_attachment=True, filename=row.file.name)
