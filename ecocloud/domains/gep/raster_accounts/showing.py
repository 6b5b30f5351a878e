"""What pages show of raster accounts: where one stands, its layers with what is wrong, services, files, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.base.jobs.models import FINISHED, Job
from ecocloud.base.jobs.models import State as JobState
from ecocloud.base.pages.speaking import is_english
from ecocloud.domains.gep.models import Accounting, RasterAccount, RasterFile
from ecocloud.domains.gep.results.tables import Speech
from ecocloud.kernel.regions.models import in_language

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster_accounts.roles import Possible, Role

State = RasterAccount.State
TONES = {State.CHECKED: "act", State.QUEUED: "warn", State.RUNNING: "warn", State.DONE: "ok", State.FAILED: "bad",
         State.CANCELLED: ""}  # fmt: skip


def speech(accounting: Accounting | None = None) -> Speech:
    """The words of the page; zones that are divisions have their names."""
    names = {}
    if accounting is not None:
        regions = [accounting.region, *accounting.parts.all()]
        names = {one.code: one.name for one in regions}
    return Speech(_, is_english(), names)


def dress(rows: Iterable[RasterAccount]) -> list[RasterAccount]:
    """Accounts with what people read: where they stand, also when a job ended without a word (one query)."""
    found = list(rows)
    jobs = Job.objects.in_bulk([row.job for row in found if row.job and row.state in (State.QUEUED, State.RUNNING)])
    for row in found:
        state = standing(row, jobs.get(row.job))
        row.shown, row.state_word, row.tone = state, State(state).label, TONES.get(state, "")
    return found


def standing(row: RasterAccount, job: Job | None) -> str:
    """Where an account stands: one that waits for a job that has ended otherwise was stopped by that."""
    if row.state not in (State.QUEUED, State.RUNNING) or (job is not None and job.state not in FINISHED):
        return row.state
    return State.CANCELLED if job is not None and job.state == JobState.CANCELLED else State.FAILED


def steps(row: RasterAccount | None, current: str, *, edits: bool) -> list[dict[str, Any]]:
    """The steps of the pages: which is open, which are done, where they are."""
    done = row is not None and row.state == State.DONE
    words = {"new": _("核算和年度"), "layers": _("图层"), "run": _("检查和运行"), "result": _("结果")}
    found = []
    for number, (code, word) in enumerate(words.items(), start=1):
        url = ""
        if row is not None and code == "layers" and edits and not row.digest:  # what was done keeps its layers
            url = reverse("gep:raster-layers", args=[row.pk])
        elif row is not None and code == "run" and not done:
            url = reverse("gep:raster", args=[row.pk])
        elif row is not None and code == "result" and done:
            url = reverse("gep:raster-result", args=[row.pk])
        found.append({"number": number, "word": word, "url": url, "current": code == current})
    return found


@dataclass
class LayerRow:
    """One role on the page: what it is, what is given, which services it is for, what is wrong with it."""

    role: Role
    word: str
    unit: str
    enables: list[str]
    file: RasterFile | None = None
    number: str = ""
    choices: list[RasterFile] = field(default_factory=list)
    wrong: str = ""
    range: str = ""

    @property
    def given(self) -> bool:
        """Whether something is given."""
        return self.file is not None or bool(self.number)


@dataclass(frozen=True)
class LayerGroup:
    """The roles of one group on the page: ``shown``, and ``rest``, those not given, which are folded."""

    shown: list[LayerRow]
    rest: list[LayerRow]


def folded(groups: Mapping[str, list[LayerRow]]) -> dict[str, LayerGroup]:
    """The groups of the page of layers: what every account needs is open; of the others what is given or wrong."""
    return {
        code: LayerGroup([one for one in rows if code == "base" or one.given or one.wrong],
                         [one for one in rows if not (code == "base" or one.given or one.wrong)])
        for code, rows in groups.items()
    }  # fmt: skip


def layer_rows(row: RasterAccount, wrong: Mapping[str, str] | None = None) -> dict[str, list[LayerRow]]:
    """The roles by group (base, layer, source)."""
    from ecocloud.domains.gep.raster_accounts import assembling, roles

    files = assembling.files(row)
    there = list(RasterFile.objects.filter(accounting=row.accounting_id).select_related("file"))
    told = dict(wrong or {})
    error = row.told.get("error") or {}
    if error.get("role"):
        told.setdefault(error["role"], error_words(error))
    layers, words = row.config.get("layers", {}), speech()
    found: dict[str, list[LayerRow]] = {"base": [], "layer": [], "source": []}
    for code, role in roles.roles().items():
        word = words.word(role)
        if role.of:
            word = _("%(source)s（制备%(layer)s）") % {"source": word, "layer": words.word(roles.roles()[role.of])}
        one = LayerRow(role, word, words.unit(role.unit), [words.word(each) for each in roles.enables(code)])
        one.file, one.number = files.get(code), layers.get(code, {}).get("number", "")
        one.choices = [each for each in there if each.file.kind in {kind.value for kind in role.kinds}]
        one.wrong = told.get(code, "")
        if role.least is not None and role.most is not None:
            one.range = f"{role.least:g}—{role.most:g}"
        found[role.group].append(one)
    return found


def error_words(error: Mapping[str, Any]) -> str:
    """A kept error in the language of the page."""
    text = str(error.get("message_en") or "")
    if is_english() and text:
        return text[:1].upper() + text[1:]
    # What a configuration calls a field is a tick on the page.
    return str(error.get("sentence_zh") or "").replace("在配置中写 align: true", "在选项中勾选对齐")


@dataclass(frozen=True)
class ServiceRow:
    """A service on the page: whether it will be computed as the account stands, or what it lacks; ``asked``: when it is
    ticked; ``after``: once the page is saved, because the account lists its services and this one is not among them.
    """

    code: str
    word: str
    asked: bool
    ticked: bool
    lacks: tuple[str, ...]
    computed: bool
    after: bool


def service_rows(row: RasterAccount) -> list[ServiceRow]:
    """Every service of the engine but the areas, those that are possible first."""
    from ecocloud.domains.gep.raster_accounts import roles

    known, words = roles.roles(), speech()

    def lack(code: str) -> str:
        return words.word(known[code]) if code in known else parameter_word(code.removeprefix("parameters."))

    def made(one: Possible) -> ServiceRow:
        code, could = one.service.code, not one.lacks and (not one.asked or one.service.code in chosen)
        computed = could and (not listed or code in listed)
        return ServiceRow(code, words.word(one.service), one.asked, code in chosen, tuple(map(lack, one.lacks)),
                          computed, could and not computed)  # fmt: skip

    # Services that are listed are computed alone (assembling.assembled).
    listed, given = row.config.get("services", ()), row.config.get("layers", {})
    chosen = listed or row.config.get("also", ())
    every = roles.possible(given, roles.parameters(row.config))
    return sorted((made(one) for one in every if not one.service.always), key=lambda one: (bool(one.lacks), one.asked))


def parameter_word(name: str) -> str:
    """What a parameter of the engine is called."""
    return {
        "years": _("期初至今的年数"), "wind_distance": _("风蚀计算距离z"), "slope_length": _("坡长坡度方法"),
        "flow": _("汇流方法"), "threshold_flow_accumulation": _("成河汇流阈值"), "slope_limit": _("坡长上限"),
        "seasonality_constant": _("季节性常数Z"),
    }.get(name, name)  # fmt: skip


def raster_word(name: str) -> tuple[str, str, str]:
    """What a written raster shows, its unit, and the service it is of ('' several)."""
    from ecocloud.domains.gep.raster.registry import services

    words = speech()
    for one in services().values():
        if name in one.rasters:
            zh, en, unit = one.rasters[name]
            return in_language(zh, en), words.unit(unit), words.word(one)
    return {"ls": _("坡长坡度因子LS")}.get(name, name), "", ""


def may_run(viewer: Any, row: RasterAccount) -> bool:
    """Whether a person may change and run an account."""
    from ecocloud.domains.gep.access import RUN
    from ecocloud.kernel.regions import scope
    from ecocloud.kernel.regions.permissions import allowed

    return allowed(viewer, RUN) and scope.sees_department(viewer, row.accounting.office_id, RUN)
