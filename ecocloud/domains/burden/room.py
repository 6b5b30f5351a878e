"""The descriptor of the burden room."""

from ecocloud.base.rooms import Access, MenuEntry, Permission, Room

_VIEW = "burden.list.view"

ROOM = Room(
    name="burden",
    label_zh="负担清单",
    label_en="Burdens",
    package="ecocloud.domains.burden",
    urls="ecocloud.domains.burden.urls",
    url_prefix="burden",
    permissions=(
        Permission(
            _VIEW, "查看负担清单", "View the list of burdens",
            ("office", "leader", "department", "township", "reader", "field"),
        ),
        Permission("burden.list.edit", "修改负担清单", "Edit the list of burdens", ("office",)),
    ),
    menu=(MenuEntry("负担清单", "Burdens", "burden:list", _VIEW, "clipboard-list", "组织", 850),),
    access=(Access("burden:list", _VIEW, ("GET", "POST")),),
    actions={"burden.estimate.set": ("修改负担估计", "Change an estimate of burdens")},
    refs={"burden": ("表单", "Form")},
)  # fmt: skip
