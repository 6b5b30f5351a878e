"""Background jobs of raster accounts: looking everything through, computing. A run that was stopped goes on from what
it had finished.
"""

from __future__ import annotations

from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs import job
from ecocloud.base.jobs.context import JobCancelled, JobStopped
from ecocloud.domains.gep.models import RasterAccount
from ecocloud.domains.gep.raster_accounts import engine
from ecocloud.domains.gep.services import rasters

_STEPS = 1000  # parts of progress


@job(rasters.CHECK, max_attempts=2, label_zh="检查栅格核算", long=True)
def check(context: Any) -> dict[str, Any]:
    """Open and look through every file of a raster account."""
    row = RasterAccount.objects.select_related("accounting__region").get(pk=context.payload["raster"])
    context.progress(0, None, "检查图层")
    prepared = _prepared(row, context.job_id, checking=True)
    if prepared is not None:
        context.check()
        rasters.checked(row.pk, context.job_id, _told(row, prepared))
    return {}


@job(rasters.RUNS, max_attempts=5, label_zh="栅格核算", long=True)
def compute(context: Any) -> dict[str, Any]:
    """Compute a raster account."""
    row = RasterAccount.objects.select_related("accounting__region").get(pk=context.payload["raster"])
    if not rasters.begun(row.pk, context.job_id):
        return {}
    context.progress(0, None, "检查图层")
    prepared = _prepared(row, context.job_id, checking=False)
    if prepared is None:
        return {}
    made = _made(row, prepared, context)
    if made is not None:
        from ecocloud.domains.gep.raster_accounts import outlines

        context.progress(_STEPS, _STEPS, "制作地图")
        told = {**_told(row, prepared), "seconds": made.seconds, "reused": list(made.reused),
                "ramps": _ramps(row, made.rasters)}  # fmt: skip
        outlines.keep(row, made.digest)
        rasters.done(row.pk, context.job_id, made.digest, told)
    return {}


def _told(row: RasterAccount, prepared: Any) -> dict[str, Any]:
    """What the engine found, its files under the names they came with."""
    from ecocloud.domains.gep.raster_accounts.assembling import named

    told = prepared.told()
    return {**told, "remarks": [named(row, one) for one in told["remarks"]]}


def _ramps(row: RasterAccount, rasters: dict[str, str]) -> dict[str, tuple[float, float]]:
    """The ends of the ramp of every raster that knows anything, in the order they were written; overviews are made."""
    from ecocloud.domains.gep.raster import tiles

    found = {}
    for name, file in rasters.items():
        path = row.folder / "result" / file
        tiles.overview(path)
        ends = tiles.ramp(path)
        if ends is not None:
            found[name] = ends
    return found


def _prepared(row: RasterAccount, job_id: int, *, checking: bool) -> Any:
    """The account opened and looked through by the engine; None when something is wrong, which is then kept."""
    try:
        engine.require()
        from ecocloud.domains.gep.raster.run import prepare
        from ecocloud.domains.gep.raster_accounts.assembling import assembled

        return prepare(assembled(row))
    except EcoError as error:
        _refused(row, job_id, error, checking=checking)
        return None


def _refused(row: RasterAccount, job_id: int, error: EcoError, *, checking: bool) -> None:
    role = ""
    if not engine.missing():
        from ecocloud.domains.gep.raster_accounts.assembling import explained

        error, role = explained(row, error)
    rasters.refused(row.pk, job_id, error, role, checking=checking)


def _made(row: RasterAccount, prepared: Any, context: Any) -> Any:
    """The result; None when something went wrong, which is then kept. Raises what stops the job."""
    from ecocloud.domains.gep.raster.run import Stopped, run
    from ecocloud.domains.gep.raster.state import Busy

    halted: list[JobStopped] = []

    def stop() -> bool:
        """Asked between blocks: the engine ends in order, and the reason is raised after it."""
        try:
            context.check()
        except JobStopped as reason:
            halted.append(reason)
        return bool(halted)

    def say(text: str, share: float) -> None:
        context.progress(round(_STEPS * share), _STEPS, text)

    try:
        return run(prepared, say, stop)
    except Stopped:
        if halted and isinstance(halted[0], JobCancelled):
            rasters.stopped(row.pk, context.job_id)
        if halted:
            raise halted[0] from None
        raise
    except Busy:  # a worker that lost this job has not noticed yet: the queue tries again
        raise
    except EcoError as error:
        _refused(row, context.job_id, error, checking=False)
        return None
