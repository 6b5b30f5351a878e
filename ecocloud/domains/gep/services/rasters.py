"""Raster accounts: files taken, accounts opened, given their layers, checked, run, cancelled, opened again as another.

Only these functions and the job of a run write them. Whoever may run an accounting may do so for its raster accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from django.conf import settings
from django.utils import timezone

from ecocloud.base import jobs, typed
from ecocloud.base.errors import EcoError
from ecocloud.base.files import services as stored
from ecocloud.base.files.kinds import FileKind
from ecocloud.base.jobs.models import FINISHED, Job
from ecocloud.domains.gep import queries
from ecocloud.domains.gep.access import RUN
from ecocloud.domains.gep.errors import GepError, NotThere, Stale, WrongState
from ecocloud.domains.gep.models import Accounting, RasterAccount, RasterFile
from ecocloud.domains.gep.raster_accounts import engine, shapes
from ecocloud.domains.gep.services.guards import accounting_in_reach
from ecocloud.kernel.journal.services import Change, change
from ecocloud.kernel.regions.models import User

KINDS = (FileKind.TIF, FileKind.GPKG, FileKind.CSV, FileKind.TXT)
CHECK, RUNS = "gep.raster.check", "gep.raster.run"
State = RasterAccount.State
# A layer as it is given: a file that was taken, or one number for the whole grid.
Given = RasterFile | int | float | Decimal
_CHOICES = ("services", "also", "parameters", "zone_field", "align")


def add_file(by: User, accounting: Accounting | int, name: str, stream: BinaryIO) -> RasterFile:
    """Take a GeoTIFF, GeoPackage, GeoJSON or CSV for the raster accounts of an accounting; it is written to disk as it
    comes. Must not run inside a transaction.

    Raises Forbidden and the types of :mod:`ecocloud.base.files.errors` (kind, size).
    """
    row = accounting_in_reach(by, RUN, accounting)
    received = stored.receive(name, stream, KINDS, settings.RASTER_MEGABYTES * 1_000_000)
    with change(by.actor()) as tx:
        file = stored.record(received, by.actor().id)
        made = RasterFile.objects.create(accounting=row, file=file, by=by)
        tx.log("gep.raster.file", row.ref, None, {"name": file.name, "size": file.size, "sha256": file.sha256})
    return made


def open_raster(
    by: User, accounting: Accounting | int, year: int, name: str, layers: Mapping[str, Given] | None = None,
    **choices: Any,
) -> RasterAccount:  # fmt: skip
    """Open a raster account of one year of an accounting.

    Parameters
    ----------
    layers: by role (``raster_accounts.roles``): files of the accounting, or numbers in the unit of the role.
    choices: ``services`` (codes; without them all that are possible), ``also`` (codes of services that need no layer of
        their own, besides), ``parameters`` (of the engine's configuration), ``zone_field`` (of the file of zones),
        ``align`` (bring rasters of other grids onto that of the elevation).

    Raises Forbidden, WrongState (accounting closed), :class:`GepError`.
    """
    row = accounting_in_reach(by, RUN, accounting)
    _open(row)
    name = typed.words(name)
    if not name or len(name) > 80:
        raise GepError("名称应为 1 至 80 字。", "bad name", where={"字段": "名称"}, value=name[:40],
                       remedy_zh="请写明地区和年度。")  # fmt: skip
    if year not in row.years:
        raise GepError("年度不在核算之内。", f"{year} is not accounted", where={"字段": "年度"}, value=year,
                       remedy_zh=f"可选 {row.first_year} 至 {row.last_year} 年。")  # fmt: skip
    config = _config(row, {}, layers or {}, choices)
    with change(by.actor()) as tx:
        made = RasterAccount.objects.create(accounting=row, year=year, name=name, config=config, by=by)
        tx.log("gep.raster.open", made.ref, None, {"accounting": row.pk, "year": year, "name": name, **config})
    return made


def set_layers(
    by: User, raster: RasterAccount | int, layers: Mapping[str, Given | None], *, revision: int | None = None,
    **choices: Any,
) -> RasterAccount:  # fmt: skip
    """Give layers of an account (None takes one out; those not named stay) and choices (see :func:`open_raster`).

    Raises Forbidden, WrongState (runs, done), Stale, :class:`GepError`.
    """
    with change(by.actor()) as tx:
        row = _locked(by, raster, revision)
        _idle(row)
        before = row.config
        row.config = _config(row.accounting, before, layers, choices)
        if row.config == before:
            return row
        row.told = {}
        _moved(tx, by, row, State.DRAFT, "gep.raster.layers", before, row.config)
    return row


def check(by: User, raster: RasterAccount | int, *, revision: int | None = None) -> RasterAccount:
    """Have everything looked through by a job, without computing. Raises Forbidden, WrongState, Stale, NoEngine."""
    return _queued(by, raster, CHECK, State.DRAFT, "gep.raster.check", revision)


def start(by: User, raster: RasterAccount | int, *, revision: int | None = None) -> RasterAccount:
    """Queue the job that computes it; one that was stopped, killed or failed goes on with what was finished. What is
    done is computed again only where its result is no longer there whole (after a restore), also in an accounting that
    was closed, and must come to the same.

    Raises Forbidden, WrongState, Stale, NoEngine.
    """
    return _queued(by, raster, RUNS, State.QUEUED, "gep.raster.start", revision)


def cancel(by: User, raster: RasterAccount | int) -> RasterAccount:
    """Stop the job of an account; what was finished is kept for the next start. Raises Forbidden, WrongState."""
    with change(by.actor()) as tx:
        row = _locked(by, raster)
        if queries.raster_job(row) is None or not jobs.cancel(row.job):
            raise WrongState("没有正在进行的检查或核算。", f"no job of raster {row.pk} runs", where=_where(row),
                             remedy_zh="请刷新后查看最新状态。")  # fmt: skip
        waits = row.state in (State.QUEUED, State.RUNNING)  # the latter: for another try
        waiting = waits and Job.objects.filter(pk=row.job, state__in=FINISHED).exists()
        _moved(tx, by, row, State.CANCELLED if waiting else row.state, "gep.raster.cancel")
    return row


def copy(by: User, raster: RasterAccount | int, name: str) -> RasterAccount:
    """Open another account of the same layers and choices. Raises Forbidden, WrongState, :class:`GepError`."""
    row = in_reach(by, raster)
    layers = row.config.get("layers", {})
    there = RasterFile.objects.in_bulk([one["file"] for one in layers.values() if "file" in one])
    given = {
        role: there[one["file"]] if "file" in one else Decimal(one["number"]) for role, one in layers.items()
    }  # fmt: skip
    chosen = {key: value for key, value in row.config.items() if key in _CHOICES}
    return open_raster(by, row.accounting, row.year, name, given, **chosen)


def in_reach(by: User, raster: RasterAccount | int) -> RasterAccount:
    """The account, when the person may run its accounting. Raises NotThere, Forbidden."""
    key = raster if isinstance(raster, int) else raster.pk
    row = queries.rasters(by).filter(pk=key).first()
    if row is None:
        raise NotThere("没有这项栅格核算，或不在您的数据范围内。", f"no raster account {key} in reach", value=key)
    accounting_in_reach(by, RUN, row.accounting)
    return row


# What the jobs write.


def checked(key: int, job: int, told: Mapping[str, Any]) -> None:
    """The check of a job found nothing wrong."""
    _ended(key, job, State.CHECKED, "gep.raster.checked", dict(told))


def begun(key: int, job: int) -> bool:
    """The job of a run begins or goes on; False when the account no longer waits for it."""
    there = RasterAccount.objects.filter(pk=key, job=job, state__in=(State.QUEUED, State.RUNNING))
    return bool(there.update(state=State.RUNNING))


def done(key: int, job: int, digest: str, told: Mapping[str, Any]) -> None:
    """The job of a run has written the whole result, whose digest this is."""
    _ended(key, job, State.DONE, "gep.raster.done", dict(told), digest)


def stopped(key: int, job: int) -> None:
    """The job was cancelled."""
    _ended(key, job, State.CANCELLED, "gep.raster.stopped", {})


def refused(key: int, job: int, error: EcoError, role: str, *, checking: bool) -> None:
    """The check or the run found something wrong: kept with its remedy and the ``role`` it speaks of."""
    told = {"error": {**error.as_dict(), "sentence_zh": error.sentence_zh(), "role": role}}
    state = State.DRAFT if checking else State.FAILED
    _ended(key, job, state, "gep.raster.refused", told)


def _ended(key: int, job: int, state: str, action: str, told: dict[str, Any], digest: str = "") -> None:
    with change(User.objects.get(pk=RasterAccount.objects.values_list("by", flat=True).get(pk=key)).actor()) as tx:
        row = RasterAccount.objects.select_for_update(of=("self",)).select_related("by").get(pk=key)
        if row.job != job or row.state == State.DONE:
            return  # a later job has it
        if digest and row.digest and digest != row.digest:  # computed again
            state, action, told = State.FAILED, "gep.raster.refused", {"error": _other(row, digest)}
        row.told, row.digest = told, row.digest or digest
        row.done_at = timezone.now() if state == State.DONE else None
        _moved(tx, row.by, row, state, action, None, {"digest": digest} if digest else None)


def _other(row: RasterAccount, digest: str) -> dict[str, Any]:
    error = GepError("重新核算的结果与原来的摘要不同。", f"digest {digest}, before {row.digest}", where=_where(row),
                     value=digest, remedy_zh="程序或系数有变化，请沿用图层另建一项。")  # fmt: skip
    return {**error.as_dict(), "sentence_zh": error.sentence_zh(), "role": ""}


def has_result(row: RasterAccount) -> bool:
    """Whether the result that an account was done with lies whole in its folder."""
    from ecocloud.domains.gep.raster import finished

    try:
        told, _table = finished.whole(row.folder / "result")
    except finished.ResultError:
        return False
    return bool(row.digest) and told.get("digest") == row.digest


def _queued(
    by: User, raster: RasterAccount | int, job: str, state: str, action: str, revision: int | None
) -> RasterAccount:
    engine.require()
    with change(by.actor()) as tx:
        row = _locked(by, raster, revision)
        _idle(row, again=job == RUNS)
        row.told = {}
        queued = jobs.enqueue(job, {"raster": row.pk}, key=f"raster:{row.pk}", created_by=by.actor().id)
        row.job = queued.pk
        _moved(tx, by, row, state, action)
    return row


def _locked(by: User, raster: RasterAccount | int, revision: int | None = None) -> RasterAccount:
    key = in_reach(by, raster).pk
    rows = RasterAccount.objects.select_for_update(of=("self",)).select_related("accounting__region")
    row = rows.get(pk=key)
    if revision is not None and revision != row.revision:
        raise Stale("栅格核算已被他人修改。", f"revision {revision} is stale, now {row.revision}", where=_where(row),
                    value=revision, remedy_zh="请刷新后再操作。")  # fmt: skip
    return row


def _moved(
    tx: Change, by: User, row: RasterAccount, state: str, action: str, before: Any = None, after: Any = None
) -> None:
    was, row.state = row.state, state
    row.revision, row.by, row.at = row.revision + 1, by, timezone.now()
    row.save()
    tx.log(action, row.ref, before or {"state": was}, after or {"state": row.state})


def _idle(row: RasterAccount, *, again: bool = False) -> None:
    """Raises WrongState when the account was done or a job of it has not ended. ``again``: what was done may be
    computed again while its result is not there, also in an accounting that was closed: nothing new comes of it.
    """
    again = again and bool(row.digest)
    if not again:
        _open(row.accounting)
    if row.digest and not (again and (row.state != State.DONE or not has_result(row))):
        raise WrongState("该核算已完成，不再修改。", f"raster {row.pk} is done", where=_where(row),
                         remedy_zh="请另建一项，可沿用它的图层。")  # fmt: skip
    if queries.raster_job(row) is not None:
        raise WrongState("正在检查或核算。", f"a job of raster {row.pk} runs", where=_where(row),
                         remedy_zh="请等它结束，或先取消。")  # fmt: skip


def _open(row: Accounting) -> None:
    if row.state != Accounting.State.OPEN:
        raise WrongState("该核算已关闭。", f"accounting {row.pk} is closed", where={"核算": row.title})


def _where(row: RasterAccount) -> dict[str, Any]:
    return {"栅格核算": row.name, "年度": row.year}


def _config(
    row: Accounting, before: Mapping[str, Any], layers: Mapping[str, Given | None], choices: Mapping[str, Any]
) -> dict[str, Any]:
    """The configuration as it is kept, with these layers and choices changed. Raises :class:`GepError`."""
    kept = dict(before.get("layers", {}))
    if layers:
        engine.require()
    for role, given in layers.items():
        if given is None:
            kept.pop(role, None)
        else:
            kept[role] = _layer(row, role, given)
    unknown = [name for name in choices if name not in _CHOICES]
    if unknown:
        raise GepError("没有这个选项。", f"no choice {unknown}", value=unknown)
    chosen = {name: choices.get(name, before.get(name)) for name in _CHOICES}
    return {"layers": kept, **{name: value for name, value in chosen.items() if value}}


def _layer(row: Accounting, role: str, given: Given) -> dict[str, Any]:
    from ecocloud.domains.gep.raster_accounts.roles import roles

    one = roles().get(role)
    if one is None:
        raise GepError("没有这个图层。", f"no role {role!r}", where={"字段": "图层"}, value=role)
    where = {"图层": one.zh}
    if isinstance(given, RasterFile):
        if given.accounting_id != row.pk:
            raise GepError("该文件不属于这项核算。", f"file {given.pk} is of another accounting", where=where,
                           value=given.pk, remedy_zh="请上传到这项核算。")  # fmt: skip
        if given.file.kind not in {kind.value for kind in one.kinds}:
            raise GepError(f"{given.file.name} 不能用作{one.zh}。", f"{role}: kind {given.file.kind}", where=where,
                           value=given.file.name, remedy_zh=_remedy(one.kinds))  # fmt: skip
        if FileKind.GPKG in one.kinds and given.file.kind != FileKind.GPKG.value:
            with stored.open_stored(given.file) as stream:
                shapes.require_collection(given.file.name, given.file.size, stream)
        return {"file": given.pk}
    value = Decimal(str(given))
    if not one.number:
        raise GepError("须给出文件，不能是一个数。", f"{role} is no number", where=where, value=str(given))
    low, high = one.least, one.most
    if not value.is_finite() or (low is not None and value < low) or (high is not None and value > high):
        raise GepError(f"{value} 超出 {low:g}—{high:g} {one.unit}。", f"{role}: {value} is beyond", where=where,
                       value=str(value), remedy_zh="请核对数值和单位。")  # fmt: skip
    return {"number": f"{value:f}"}


def _remedy(kinds: frozenset[FileKind]) -> str:
    if FileKind.TIF in kinds:
        return "请用 GeoTIFF（.tif）。"
    return "请用 GeoPackage（.gpkg）或 GeoJSON。" if FileKind.GPKG in kinds else "请用 CSV。"
