"""The descriptor of the monitoring room."""

from ecocloud.base.rooms import Command, HealthCheck, Permission, PublicPanel, Room
from ecocloud.intake.monitoring.action_words import ACTIONS
from ecocloud.intake.monitoring.alarms import access as alarms
from ecocloud.intake.monitoring.commanding import access as commanding
from ecocloud.intake.monitoring.quality import access as quality
from ecocloud.intake.monitoring.results import access as results
from ecocloud.intake.monitoring.stations import access

_PROCESSES = "ecocloud.intake.monitoring.processes"
_PUBLIC = "ecocloud.intake.monitoring.results.public"
_SEE = ("office", "leader", "department", "township", "reader")

ROOM = Room(
    name="monitoring",
    label_zh="在线监测",
    label_en="Monitoring",
    package="ecocloud.intake.monitoring",
    urls="ecocloud.intake.monitoring.urls",
    url_prefix="monitoring",
    api="ecocloud.intake.monitoring.api.router",
    permissions=(
        Permission("monitoring.device.view", "查看监测设备和数据", "View devices and their data", _SEE),
        Permission("monitoring.device.edit", "登记和修改监测设备", "Add and change devices", ("office", "department")),
        Permission("monitoring.stranger.decide", "设备准入", "Admit senders", ("office",)),
        Permission("monitoring.raw.view", "查看原始报文", "View raw packets", ("office", "department")),
        Permission("monitoring.values.import", "导入监测数据", "Bring in measurements", ("office", "department")),
        Permission("monitoring.command.ask", "下发设备指令", "Send commands to devices", ("office", "department")),
        Permission(
            "monitoring.command.approve",
            "审批操作设备的指令",
            "Agree to commands that act on equipment",
            ("office", "leader"),
        ),
        Permission("monitoring.alarm.view", "查看报警", "View alarms", _SEE),
        Permission(
            "monitoring.alarm.handle",
            "确认、指派和处置报警",
            "Acknowledge, assign and handle alarms",
            ("office", "department", "township"),
        ),
        Permission("monitoring.alarm.rule", "设置报警规则", "Set alarm rules", ("office",)),
        Permission("monitoring.quality.review", "人工审核监测数据", "Review measurements", ("office", "department")),
    ),
    menu=access.MENU + results.MENU + commanding.MENU + alarms.MENU + quality.MENU,
    access=access.ACCESS + results.ACCESS + commanding.ACCESS + alarms.ACCESS + quality.ACCESS,
    counters=access.COUNTERS + alarms.COUNTERS,
    checks=(
        HealthCheck("monitoring.lake", "测量库", "Measured values", "ecocloud.intake.monitoring.lake.health.check"),
    ),
    todos=commanding.TODOS + alarms.TODOS,
    public=(
        PublicPanel(
            "air", "空气质量", "Air", "ecocloud.intake.monitoring.results.public.air", "monitoring/public_air.html"
        ),
        PublicPanel("water", "地表水质量", "Surface water", f"{_PUBLIC}.water", "monitoring/public_water.html", 110),
    ),
    commands=(
        Command(
            "hj212", "解读 HJ 212 数据包（不需要数据库）", "ecocloud.intake.monitoring.commands", needs_django=False
        ),
        Command(
            "gateway",
            "接收现场设备的 HJ 212 数据（先落盘后应答）",
            "ecocloud.intake.monitoring.gateway.commands",
            needs_django=False,
        ),
        Command("lake", "测量库：取入、合并、核对、重建、清理、导出", "ecocloud.intake.monitoring.lake.commands"),
        Command(
            "evaluate", "评价若干天的环境质量，可改用另一版本的标准", "ecocloud.intake.monitoring.results.commands"
        ),
        Command(
            "simulate",
            "模拟现场设备上报数据，或对接收网关做压测",
            "ecocloud.intake.monitoring.simulator.commands",
            needs_django=False,
        ),
    ),
    processes=(f"{_PROCESSES}.gateway", f"{_PROCESSES}.lake", f"{_PROCESSES}.simulate"),
    jobs="ecocloud.intake.monitoring.jobs",
    on_start="ecocloud.intake.monitoring.start.register",
    handing="ecocloud.intake.monitoring.handing.HANDING",
    on_serve="ecocloud.intake.monitoring.lake.reading.open_ahead",
    kept="ecocloud.intake.monitoring.lake.site.kept",
    sample="ecocloud.intake.monitoring.sample.load",
    actions=ACTIONS,
    refs={
        "device": ("监测设备", "Device"),
        "raw": ("原始报文", "Raw packet"),
        "stranger": ("待准入来源", "Sender in quarantine"),
        "command": ("设备指令", "Command"),
        "lake": ("监测值", "Measured value"),
        "alarm": ("报警", "Alarm"),
        "alarmrule": ("报警规则", "Alarm rule"),
        "review": ("人工审核", "Review"),
        "eval": ("评价结果", "Result of evaluation"),
        "air_hour": ("小时空气质量", "Air of an hour"),
    },
)
