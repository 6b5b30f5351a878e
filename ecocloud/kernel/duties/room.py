"""The duties room's descriptor. Pages add their URLs, menu and access lines here."""

from ecocloud.base.rooms import Counter, Permission, Room, Tile, TodoSource
from ecocloud.kernel.duties.access import ACCESS, MENU, QUICK
from ecocloud.kernel.duties.action_words import ACTIONS

_SEE = ("office", "leader", "department", "township", "reader")
_HOME = "ecocloud.kernel.duties.home"
_TILES = "ecocloud.kernel.duties.tiles"

ROOM = Room(
    name="duties",
    label_zh="督办",
    label_en="Duties",
    package="ecocloud.kernel.duties",
    urls="ecocloud.kernel.duties.urls",
    url_prefix="duties",
    api="ecocloud.kernel.duties.api.router",
    menu=MENU,
    access=ACCESS,
    quick=QUICK,
    permissions=(
        # Field workers see what they started themselves: the scope of their role is ``self``.
        Permission("duties.item.view", "查看督办事项", "View work items", (*_SEE, "field")),
        Permission("duties.item.create", "新建督办事项", "Create work items", ("office",)),
        Permission("duties.item.manage", "交办、审核、变更督办事项", "Issue, review, change work items", ("office",)),
        Permission(
            "duties.item.handle", "签收、办理、反馈督办事项", "Sign, handle and report work items",
            ("department", "township", "office"),
        ),
        Permission(
            "duties.item.approve", "审批延期、终止和销号", "Approve extensions and close-out", ("leader", "office")
        ),
        Permission(
            "duties.level.check", "按层级验收整改", "Check rectification on a level", ("leader", "office", "township")
        ),
        Permission("duties.case.report", "上报事件", "Report cases", ("office", "department", "township")),
        Permission("duties.item.instruct", "批示", "Write instructions", ("leader",)),
        Permission("duties.item.export", "导出督办事项", "Export work items", _SEE[:-1]),
        Permission("duties.ledger.import", "导入台账", "Import a ledger", ("office",)),
        Permission("duties.round.manage", "组织调度", "Run dispatch rounds", ("office",)),
        Permission("duties.round.fill", "填报调度", "Fill dispatch reports", ("department", "township", "office")),
        Permission("duties.rule.edit", "修改亮灯规则", "Edit light rules", ("office",)),
        Permission("duties.year.rollover", "年度结转", "Year rollover", ("office",)),
    ),
    counters=(
        Counter(
            "duties-todo", "待办任务", "Tasks to do", f"{_HOME}.todo_count", f"{_HOME}.todo_url",
            "duties.item.view", "inbox", 10, note=f"{_HOME}.todo_note",
        ),
        Counter(
            "duties-unread", "待阅", "To read", f"{_HOME}.unread_count", f"{_HOME}.unread_url", "duties.item.view",
            "mail", 20, note=f"{_HOME}.unread_note",
        ),
        Counter(
            "duties-warning", "预警任务", "Tasks with warnings", f"{_HOME}.warning_count", f"{_HOME}.warning_url",
            "duties.item.view", "triangle-alert", 30, "warn", f"{_HOME}.warning_note",
        ),
        Counter(
            "duties-overdue", "逾期任务", "Overdue tasks", f"{_HOME}.overdue_count", f"{_HOME}.overdue_url",
            "duties.item.view", "clock-alert", 40, "bad", f"{_HOME}.overdue_note",
        ),
        Counter(
            "duties-owed", "调度应报", "Reports owed", f"{_HOME}.owed_count", f"{_HOME}.owed_url", "duties.round.fill",
            "clipboard-list", 50,
        ),
    ),
    todos=(
        TodoSource(
            "duties", ("todo", "done", "started", "copied", "urged", "read", "warning"), f"{_HOME}.rows",
            f"{_HOME}.count", f"{_HOME}.url", "duties.item.view", f"{_HOME}.due_days", f"{_HOME}.overdue_count",
        ),
    ),
    tiles=(
        Tile(
            "duties.map", "任务分布", "Tasks by county", f"{_TILES}.map_tile", "duties/tile_map.html",
            "duties.item.view", "map", 20, f"{_TILES}.map_themes",
        ),
        Tile(
            "duties.lights", "重点任务", "Key tasks", f"{_TILES}.lights_tile", "duties/tile_lights.html",
            "duties.item.view", "right", 10,
        ),
        Tile(
            "duties.loop", "任务闭环", "The loop", f"{_TILES}.loop_tile", "duties/tile_loop.html", "duties.item.view",
            "right", 20,
        ),
    ),
    jobs="ecocloud.kernel.duties.jobs",
    sample="ecocloud.kernel.duties.sample.load",
    on_start="ecocloud.kernel.duties.links.start",
    handing="ecocloud.kernel.duties.services.handing.HANDING",
    accountable="ecocloud.kernel.duties.accountable.ACCOUNTABLE",
    actions=ACTIONS,
    refs={"item": ("事项", "Item"), "round": ("调度", "Dispatch round"), "row": ("表格", "Sheet row"),
          "itembatch": ("批次", "Batch")},
    more_actions="ecocloud.kernel.duties.action_words.of_kinds",
)  # fmt: skip
