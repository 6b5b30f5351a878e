"""The descriptor of the room of gross ecosystem product."""

from ecocloud.base.rooms import Command, Permission, Room
from ecocloud.domains.gep import access
from ecocloud.domains.gep.action_words import ACTIONS
from ecocloud.domains.gep.raster_accounts import access as rasters
from ecocloud.domains.gep.reporting import access as reporting
from ecocloud.domains.gep.results import access as results

_SEE = ("office", "leader", "department", "township", "reader")
_FILL = ("office", "department", "township")

ROOM = Room(
    name="gep",
    label_zh="生态产品总值核算",
    label_en="Gross ecosystem product",
    package="ecocloud.domains.gep",
    urls="ecocloud.domains.gep.urls",
    url_prefix="gep",
    api="ecocloud.domains.gep.api.router",
    menu=(*reporting.MENU, *rasters.MENU, *results.MENU),
    access=(*reporting.ACCESS, *rasters.ACCESS, *results.ACCESS),
    accountable="ecocloud.domains.gep.reporting.accountable.ACCOUNTABLE",
    jobs="ecocloud.domains.gep.jobs",
    sample="ecocloud.domains.gep.sample.load",
    public=results.PUBLIC,
    tiles=results.TILES,
    counters=reporting.COUNTERS,
    todos=reporting.TODOS,
    permissions=(
        Permission(access.VIEW, "查看生态产品总值核算", "View GEP accountings", _SEE),
        Permission(access.EDIT, "组织生态产品总值核算", "Organise GEP accountings", ("office",)),
        Permission(access.FILL, "填报核算报表", "Fill in forms of GEP", _FILL),
        Permission(access.CHECK, "复核核算报表", "Check forms of GEP", ("office", "department")),
        Permission(access.APPROVE, "审定和锁定核算报表", "Approve and lock forms of GEP", ("office",)),
        Permission(access.RUN, "运行核算", "Run GEP accounts", ("office",)),
        Permission(access.CONFIRM, "确认核算结果", "Confirm GEP accounts", ("office",)),
        Permission(access.COMMENT, "对核算结果提出意见和答复", "Comment on GEP accounts", _SEE),
    ),
    commands=(
        Command(
            "gep", "生态产品总值：栅格核算、部门报表、由报表核算", "ecocloud.domains.gep.commands", needs_django=False
        ),
    ),
    on_start="ecocloud.domains.gep.start.register",
    actions=ACTIONS,
    refs={"gepacc": ("核算", "GEP accounting"), "gepform": ("核算报表", "GEP form"), "gep": ("核算结果", "GEP account"),
          "gepdatum": ("核算数据", "GEP datum"), "gepraster": ("栅格核算", "Raster account")},
)  # fmt: skip
