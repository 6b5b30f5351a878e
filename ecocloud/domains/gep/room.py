"""The descriptor of the room of gross ecosystem product."""

from ecocloud.base.rooms import Command, Room

ROOM = Room(
    name="gep",
    label_zh="生态产品总值核算",
    label_en="Gross ecosystem product",
    package="ecocloud.domains.gep",
    commands=(
        Command("gep", "生态产品总值栅格核算：检查、运行、比较", "ecocloud.domains.gep.commands", needs_django=False),
    ),
)
