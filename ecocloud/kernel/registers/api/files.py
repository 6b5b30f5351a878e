"""Files of objects by the API: list, upload, bytes; with the checks, rights and journal of the pages."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

from ecocloud.base.files import services as stored
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.registers import services
from ecocloud.kernel.registers.api import answers, asking, cursors
from ecocloud.kernel.registers.api.views import answer, opening, row_of
from ecocloud.kernel.registers.errors import NoSuchThing, ValueFault, ValuesRefused
from ecocloud.kernel.registers.models import Attachment
from ecocloud.kernel.registers.register import Register
from ecocloud.kernel.registers.services.inspections import FILE_KINDS, MOST_FILES


@opening
def files(request: HttpRequest, register: Register, pk: int) -> HttpResponse:
    """The files of an object, newest first; or new ones (``multipart/form-data``: ``field`` and ``files``)."""
    row_of(request, register, pk)
    if request.method == "POST":
        return _attach(request, register, pk)
    asking.only(request.GET, ("limit", "cursor"))
    limit = asking.whole(request.GET, "limit", asking.DEFAULT_LIMIT, 1, asking.LARGEST_LIMIT)
    rows = Attachment.objects.filter(object=pk, removed_at__isnull=True).select_related("file")
    if request.GET.get("cursor"):
        rows = rows.filter(pk__lt=cursors.number(request.GET["cursor"], "files"))
    found = list(rows.order_by("-pk")[: limit + 1])
    after = cursors.write("files", None, found[limit - 1].pk) if len(found) > limit else None
    return answer({"items": [answers.of_file(row) for row in found[:limit]], "next": after})


def _attach(request: HttpRequest, register: Register, pk: int) -> HttpResponse:
    if request.content_type != "multipart/form-data":
        raise asking.BodyRefused("附件须用 multipart/form-data 上传。", "the body must be multipart/form-data",
                                 value=asking.shown(request.content_type), where={"项目": "Content-Type"},
                                 remedy_zh="请以表单上传：field 为附件字段，files 为文件。", status=415)  # fmt: skip
    strange = sorted({*request.POST, *request.FILES} - {"field", "files"})
    given = request.FILES.getlist("files")
    faults = [ValueFault(one[: asking.SHOWN], "没有这一项。", "unknown part", value=asking.shown(one),
                         remedy_zh="只有 field 和 files。") for one in strange]  # fmt: skip
    if not given or len(given) > MOST_FILES:
        faults.append(ValueFault("files", "没有文件，或文件太多。", f"1 to {MOST_FILES} files", value=len(given),
                                 remedy_zh=f"一次上传 1 至 {MOST_FILES} 个文件。"))  # fmt: skip
    if faults:
        raise ValuesRefused(faults)
    received = [stored.receive(one.name, one.file, FILE_KINDS) for one in given]
    made = services.attach(request.user, register, request.POST.get("field", ""), [(pk, one) for one in received])
    return answer({"items": [answers.of_file(row) for row in made], "next": None}, 201)


@opening
def one(request: HttpRequest, register: Register, pk: int, file: int) -> HttpResponseBase:
    """The bytes of a file; the download is journalled."""
    row_of(request, register, pk)
    row = Attachment.objects.select_related("file").filter(pk=file, object=pk, removed_at__isnull=True).first()
    if row is None:
        raise NoSuchThing("没有这个附件，或它已移除。", f"no file {file} of object {pk}", value=file)
    stream = stored.open_stored(row.file)
    with change(request.user.actor(getattr(request, "request_id", ""))) as tx:
        tx.log("registers.file.download", Ref("obj", str(pk)), None,
               {"file": row.file.name, "sha256": row.file.sha256})  # fmt: skip
    return FileResponse(stream, as_attachment=True, filename=row.file.name)
