"""The descriptor of the registers room."""

from ecocloud.base.rooms import Command, HealthCheck, Permission, Room, Tile, TodoSource
from ecocloud.kernel.registers.access import ACCESS, MENU
from ecocloud.kernel.registers.access_tools import TOOL_ACCESS
from ecocloud.kernel.registers.action_words import ACTIONS
from ecocloud.kernel.registers.api.access import API_ACCESS

_WORKERS = ("office", "leader", "department", "township", "reader")
_WRITERS = ("office", "department", "township")
_DESK = "ecocloud.kernel.registers.due_list"
_API = "ecocloud.kernel.registers.api"

ROOM = Room(
    name="registers",
    label_zh="名录与台账",
    label_en="Registers",
    package="ecocloud.kernel.registers",
    urls="ecocloud.kernel.registers.urls",
    url_prefix="registers",
    menu=MENU,
    access=(*ACCESS, *TOOL_ACCESS, *API_ACCESS),
    api_urls=f"{_API}.urls",
    api_document=f"{_API}.document.document",
    api_parts=f"{_API}.access.parts",
    sample="ecocloud.kernel.registers.sample.load",
    permissions=(
        Permission("registers.object.view", "查看名录", "View registers", _WORKERS),
        Permission("registers.object.edit", "登记和修改对象", "Create and edit objects", _WRITERS),
        Permission("registers.object.import", "导入既有台账（含状态）", "Import ledgers with states", ("office",)),
        Permission("registers.object.retire", "注销对象", "Retire objects", ("office", "department")),
        Permission("registers.division.move", "随区划调整对象", "Move objects between divisions", ("office",)),
        Permission("registers.year.lock", "名录年度封账", "Close a year of a register", ("office",)),
        Permission("registers.year.unlock", "解除名录封账", "Open a closed year of a register", ("leader",)),
        Permission("registers.pack.show", "选定驾驶舱专题", "Choose packs of the cockpit", ("office",)),
        Permission("registers.pack.load", "装入包", "Load packs", ("sysadmin",)),
    ),
    checks=(
        HealthCheck(
            "registers.counts", "名录汇总", "Totals of registers", "ecocloud.kernel.registers.start.check_counts"
        ),
    ),
    commands=(
        Command(
            "packs", "check, load, compare and begin packs (registers as data)", "ecocloud.kernel.registers.commands"
        ),
    ),
    todos=(
        TodoSource(
            "registers",
            ("todo",),
            f"{_DESK}.rows",
            f"{_DESK}.count",
            f"{_DESK}.url",
            "registers.object.edit",
        ),
    ),
    tiles=(
        Tile(
            "registers.packs",
            "专题",
            "Topics",
            "ecocloud.kernel.registers.pack_tiles.data",
            "registers/tile_packs.html",
            "registers.object.view",
            "topics",
            10,
        ),
    ),
    jobs="ecocloud.kernel.registers.jobs",
    search=("obj",),
    on_start="ecocloud.kernel.registers.start.register",
    handing="ecocloud.kernel.registers.handing.HANDING",
    actions=ACTIONS,
    refs={
        "obj": ("对象", "Object"),
        "regtype": ("名录", "Register"),
        "reglock": ("名录封账", "Closed year"),
        "pack": ("包", "Pack"),
        "regfig": ("名录计算值", "Figure of a register"),
    },
)
