"""The descriptor of the accountability room."""

from ecocloud.base.rooms import Access, Command, MenuEntry, Permission, Room

_VIEW, _ISSUE, _GROUP = "accountability.file.view", "accountability.file.issue", "任务台账"


def number() -> dict:
    """Any issued file."""
    from ecocloud.domains.accountability.models import IssuedFile

    return {"number": IssuedFile.objects.order_by("pk").values_list("number", flat=True).first() or "ZR2026-0001"}


ROOM = Room(
    name="accountability",
    label_zh="责任档案",
    label_en="Accountability",
    package="ecocloud.domains.accountability",
    urls="ecocloud.domains.accountability.urls",
    url_prefix="accountability",
    permissions=(
        # Given on purpose to few; the security administrator may give it to heads of units, who see their own unit's.
        Permission(_VIEW, "查看责任档案", "View accountability files", ("office", "leader")),
        Permission(_ISSUE, "签发责任档案", "Issue accountability files", ("office", "leader")),
    ),
    menu=(MenuEntry("责任档案", "Accountability", "accountability:files", _VIEW, "file-text", _GROUP, 140),),
    access=(
        Access("accountability:files", _VIEW),
        Access("accountability:look", _VIEW, ("GET", "POST")),
        Access("accountability:check", _VIEW),
        Access("accountability:file", _VIEW, sample="ecocloud.domains.accountability.room.number"),
    ),
    commands=(
        Command("check-file", "核验一份责任档案或纸面上的留痕记录号", "ecocloud.domains.accountability.commands"),
    ),
    actions={
        "accountability.file.issue": ("签发责任档案", "Issue an accountability file"),
        "accountability.file.export": ("导出责任档案", "Export an accountability file"),
    },
    refs={"dossier": ("责任档案", "Accountability file")},
)
