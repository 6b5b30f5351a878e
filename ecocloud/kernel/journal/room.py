"""The journal's descriptor."""

from ecocloud.base.rooms import Access, Command, MenuEntry, Permission, Room
from ecocloud.kernel.journal.action_words import ACTIONS

ROOM = Room(
    name="journal",
    label_zh="留痕",
    label_en="Journal",
    package="ecocloud.kernel.journal",
    urls="ecocloud.kernel.journal.urls",
    url_prefix="journal",
    permissions=(Permission("journal.entry.view", "查看留痕记录", "View the journal", ("auditadmin",)),),
    menu=(
        MenuEntry(
            "留痕记录", "Journal", "journal:list", "journal.entry.view", icon="scroll-text", group="系统管理", order=950
        ),
    ),
    access=(
        Access("journal:list", "journal.entry.view"),
        Access("journal:export", "journal.entry.view"),
        Access("journal:verify", "journal.entry.view", methods=("GET", "POST")),
    ),
    jobs="ecocloud.kernel.journal.jobs",
    commands=(Command("verify-journal", "读全部留痕，指出被改、被删、被截的记录", "ecocloud.kernel.journal.commands"),),
    actions=ACTIONS,
)
