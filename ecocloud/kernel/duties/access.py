"""Who may open which route of the duties room; menu and shortcuts."""

from ecocloud.base.rooms import Access, MenuEntry, QuickLink

_SEE, _MANAGE, _FILL = "duties.item.view", "duties.round.manage", "duties.round.fill"
_EXPORT, _CREATE, _SAMPLES = "duties.item.export", "duties.item.create", "ecocloud.kernel.duties.access"
_BOTH = ("GET", "POST")


def pk() -> dict:
    """Any record."""
    return {"pk": 1}


def paper() -> dict:
    """Any paper."""
    return {"kind": "schedule", "form": "docx"}


def template() -> dict:
    """The first task template of a loaded pack."""
    from ecocloud.kernel.duties.services import templates

    found = next(iter(templates.templates()), None)
    return {"pack": found.pack.id, "task": found.task.code} if found else {"pack": "none", "task": "none"}


def round_paper() -> dict:
    """Any round as a workbook."""
    return {"pk": 1, "form": "xlsx"}


def _one(route: str, permission: str, methods: tuple[str, ...] = ("GET",), sample: str = "pk") -> Access:
    return Access(route, permission, methods, f"{_SAMPLES}.{sample}")


def item_paper() -> dict:
    """Any paper about an item."""
    return {"pk": 1, "what": "package", "form": "docx"}


ACCESS = (
    Access("duties:batches", _SEE),
    Access("duties:batch-new", _CREATE, _BOTH),
    _one("duties:batch", _SEE),
    _one("duties:batch-workbook", _EXPORT),
    Access("duties:statistics", _SEE),
    _one("duties:inspection", _SEE),
    _one("duties:item-paper", _EXPORT, sample="item_paper"),
    _one("duties:like-checks", "duties.item.manage", _BOTH),
    _one("duties:supervise", "duties.item.manage", ("POST",)),
    Access("duties:ledger", _SEE),
    Access("duties:mine", _SEE),
    Access("duties:owed", _FILL),
    Access("duties:read", _SEE, ("POST",)),
    Access("duties:instructions", _SEE),
    Access("duties:remind-many", _SEE, ("POST",)),
    Access("duties:create", _CREATE, _BOTH),
    _one("duties:item", _SEE),
    _one("duties:act", _SEE, ("POST",)),
    _one("duties:edit", "duties.item.manage", _BOTH),
    _one("duties:decompose", _SEE, _BOTH),
    _one("duties:file", _SEE),
    _one("duties:paper", _EXPORT, sample="paper"),
    _one("duties:output-file", _EXPORT),
    Access("duties:rounds", _SEE),
    Access("duties:round-new", _MANAGE, _BOTH),
    _one("duties:round", _SEE),
    _one("duties:round-remind", _MANAGE, ("POST",)),
    _one("duties:round-lock", _MANAGE, ("POST",)),
    _one("duties:fill", _FILL, _BOTH),
    _one("duties:check", _SEE),
    _one("duties:decide", _MANAGE, ("POST",)),
    _one("duties:round-workbook", _FILL),
    _one("duties:round-upload", _FILL, _BOTH),
    _one("duties:round-paper", _EXPORT, sample="round_paper"),
    Access("duties:rule", _SEE, _BOTH),
    Access("duties:templates", _SEE),
    _one("duties:template", _CREATE, _BOTH, "template"),
    Access("duties:year", "duties.year.rollover", _BOTH),
    Access("api:duties-items", _SEE),
    _one("api:duties-item", _SEE),
    _one("api:duties-act", _SEE, ("POST",)),
    Access("api:duties-rounds", _SEE),
    _one("api:duties-round", _SEE),
)
MENU = (
    MenuEntry("任务清单", "Tasks", "duties:ledger", _SEE, icon="list-checks", group="任务台账", order=100),
    MenuEntry("调度", "Dispatch", "duties:rounds", _SEE, icon="list-checks", group="任务台账", order=110),
    MenuEntry("问题批次", "Batches", "duties:batches", _SEE, icon="list-checks", group="任务台账", order=112),
    MenuEntry("办理统计", "Statistics", "duties:statistics", _SEE, icon="list-checks", group="任务台账", order=115),
    MenuEntry("批示", "Instructions", "duties:instructions", _SEE, icon="list-checks", group="任务台账", order=120),
    MenuEntry("循环任务", "Recurring", "duties:templates", _SEE, icon="list-checks", group="任务台账", order=125),
    MenuEntry(
        "年度结转",
        "Year rollover",
        "duties:year",
        "duties.year.rollover",
        icon="list-checks",
        group="任务台账",
        order=130,
    ),
)
QUICK = (
    QuickLink("新建任务", "New task", "duties:create", _CREATE, "list-plus", 10),
    QuickLink("生成通报", "Circular", "duties:ledger", _EXPORT, "file-text", 30),
    QuickLink("调度填报", "Dispatch reports", "duties:owed", _FILL, "clipboard-list", 20),
)
