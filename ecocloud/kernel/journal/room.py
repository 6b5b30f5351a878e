"""The journal's descriptor."""

from ecocloud.base.rooms import Command, Permission, Room

ROOM = Room(
    name="journal",
    label_zh="留痕",
    label_en="Journal",
    package="ecocloud.kernel.journal",
    permissions=(
        Permission("journal.entry.view", "查看留痕记录", "View the journal", ("auditadmin",)),
    ),
    commands=(
        Command("verify-journal", "读全部留痕，指出被改、被删、被截的记录", "ecocloud.kernel.journal.commands"),
    ),
)
