"""One object: its page, its steps, inspections, files. Thin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.base.files import services as files
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.pages.inputs import whole_number
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.registers import object_page, queries, services, showing
from ecocloud.kernel.registers.errors import ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import Attachment
from ecocloud.kernel.registers.register import Register, register_of
from ecocloud.kernel.registers.services.inspections import FILE_KINDS, MOST_FILES

_PICTURES = frozenset((FileKind.PNG, FileKind.JPG))


def day(text: str) -> date | None:
    """A day as a date field sends it or a person types it; None for everything else."""
    try:
        return typed.day(text)
    except typed.BadInput:
        return None


def one(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one object; ``?on=2024-05-01`` shows it as it was on that day."""
    context = object_page.context(request.user, pk, day(request.GET.get("on", "")))
    return render(request, "registers/object.html", context)


def _opened(request: HttpRequest, pk: int) -> Register:
    """The register of an object the person sees; what he may do with it is judged by the services."""
    return register_of(queries.visible_object(request.user, pk).type)


def _done(request: HttpRequest, pk: int, act: Callable[[], str]) -> HttpResponse:
    """Do it and go back to the object; a refusal shows the object again with one sentence and what was typed."""
    try:
        messages.success(request, act())
    except EcoError as refused:
        context = object_page.context(request.user, pk)
        context |= {"refused": refused, "typed": request.POST.get("opinion", "") or request.POST.get("note", "")}
        return render(request, "registers/object.html", context, status=refused.http_status)
    return redirect("registers:object", pk=pk)


def step(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the object one step on."""
    register = _opened(request, pk)

    def act() -> str:
        row = services.transition(
            request.user, register, pk, request.POST.get("action", ""), opinion=request.POST.get("opinion", "").strip(),
            version=whole_number(request.POST.get("version")), on=day(request.POST.get("on", "")),
        )  # fmt: skip
        return _("已办理：%(code)s 现为“%(state)s”。") % {
            "code": row.code, "state": showing.pick(register.definition.state_by_code[row.state])}  # fmt: skip

    return _done(request, pk, act)


def inspect(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a filled check list."""
    register = _opened(request, pk)

    def act() -> str:
        kind = request.POST.get("kind", "")
        photos = _received(request, "photos", _PICTURES)
        rule = register.definition.inspection(kind)
        results: dict[str, Any] = {}
        for item in rule.items if rule else ():
            text = request.POST.get(f"item-{item.code}", "").strip()
            results[item.code] = {"1": True, "0": False}.get(text, text) if item.kind == "pass" else text
        services.inspect(
            request.user, register, pk, kind, results=results, on=day(request.POST.get("on", "")), photos=photos,
            note=request.POST.get("note", "").strip(),
        )  # fmt: skip
        return _("检查已登记。")

    return _done(request, pk, act)


def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Put files into a file field of the object."""
    register = _opened(request, pk)

    def act() -> str:
        received = _received(request, "files", FILE_KINDS)
        if not received:
            raise ValuesRefused([ValueFault("files", _("没有选择文件。"), "no file given", remedy_zh="请先选择文件。")])
        services.attach(request.user, register, request.POST.get("field", ""), [(pk, found) for found in received])
        return _("已上传 %(n)s 个附件。") % {"n": len(received)}

    return _done(request, pk, act)


def _received(request: HttpRequest, name: str, kinds: frozenset[FileKind]) -> list[files.Received]:
    given = request.FILES.getlist(name)
    if len(given) > MOST_FILES:
        raise ValuesRefused([ValueFault(name, _("一次最多上传 %(n)s 个文件。") % {"n": MOST_FILES}, "too many files",
                                        value=len(given))])  # fmt: skip
    return [files.receive(upload.name, upload.file, kinds) for upload in given]


def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the object out of the register, with the reason."""
    register = _opened(request, pk)

    def act() -> str:
        row = services.retire(request.user, register, pk, reason=request.POST.get("opinion", ""),
                              version=whole_number(request.POST.get("version")))  # fmt: skip
        return _("已注销：%(code)s。") % {"code": row.code}

    return _done(request, pk, act)


def file(request: HttpRequest, pk: int) -> FileResponse:
    """A file of an object, for those who see the object; the download is journalled."""
    row = get_object_or_404(Attachment.objects.select_related("file"), pk=pk, removed_at__isnull=True)
    queries.visible_object(request.user, row.object_id)
    stream = files.open_stored(row.file)
    with change(request.user.actor(getattr(request, "request_id", ""))) as tx:
        tx.log("registers.file.download", Ref("obj", str(row.object_id)), None,
               {"file": row.file.name, "sha256": row.file.sha256})  # fmt: skip
    return FileResponse(stream, as_attachment=True, filename=row.file.name)


def detach(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file or photograph off its object, with the reason; its record stays."""
    found = get_object_or_404(Attachment.objects.select_related("file"), pk=pk, removed_at__isnull=True)
    register = _opened(request, found.object_id)

    def act() -> str:
        services.detach(request.user, register, found, reason=request.POST.get("reason", ""))
        return _("已移除：%(name)s。") % {"name": found.file.name}

    return _done(request, found.object_id, act)
