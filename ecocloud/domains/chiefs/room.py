"""The descriptor of the chiefs room."""

from ecocloud.base.rooms import Room
from ecocloud.domains.chiefs import access

ROOM = Room(
    name="chiefs",
    label_zh="河长制林长制",
    label_en="Chiefs",
    package="ecocloud.domains.chiefs",
    urls="ecocloud.domains.chiefs.urls",
    url_prefix="chiefs",
    api="ecocloud.domains.chiefs.api.router",
    permissions=access.PERMISSIONS,
    menu=access.MENU,
    access=access.ACCESS,
    counters=access.COUNTERS,
    todos=access.TODOS,
    quick=access.QUICK,
    public=access.PUBLIC,
    jobs="ecocloud.domains.chiefs.jobs",
    on_start="ecocloud.domains.chiefs.start.register",
    handing="ecocloud.domains.chiefs.services.handing.HANDING",
    accountable="ecocloud.domains.chiefs.accountable.ACCOUNTABLE",
    sample="ecocloud.domains.chiefs.sample.load",
    actions=access.ACTIONS,
    refs={"chief": ("河湖长、林长", "Chief"), "patrol": ("巡查记录", "Patrol")},
)
