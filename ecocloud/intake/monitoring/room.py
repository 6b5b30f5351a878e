"""The descriptor of the monitoring room."""

from ecocloud.base.rooms import Command, Room

ROOM = Room(
    name="monitoring",
    label_zh="在线监测",
    label_en="Monitoring",
    package="ecocloud.intake.monitoring",
    commands=(
        Command(
            "hj212", "解读 HJ 212 数据包（不需要数据库）", "ecocloud.intake.monitoring.commands", needs_django=False
        ),
    ),
)
