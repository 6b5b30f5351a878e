"""The descriptor of the evidence room."""

from ecocloud.base.rooms import Access, Counter, HealthCheck, MenuEntry, Permission, QuickLink, Room, Tile, TodoSource
from ecocloud.kernel.evidence.action_words import ACTIONS

_WORKERS = ("office", "leader", "department", "township", "reader")
_HOME = "ecocloud.kernel.evidence.home"
_COCKPIT = "ecocloud.kernel.evidence.cockpit"
_SAMPLES = "ecocloud.kernel.evidence.route_samples"
_VIEW, _FILL, _REVIEW = "evidence.indicator.view", "evidence.observation.fill", "evidence.observation.review"
_TARGET = "evidence.target.edit"

ROOM = Room(
    name="evidence",
    label_zh="指标与证据",
    label_en="Indicators and evidence",
    package="ecocloud.kernel.evidence",
    urls="ecocloud.kernel.evidence.urls",
    url_prefix="indicators",
    api="ecocloud.kernel.evidence.api.router",
    permissions=(
        Permission(_VIEW, "查看指标、数据和目标", "View indicators", _WORKERS),
        Permission("evidence.indicator.propose", "提出新指标", "Propose indicators", ("office", "department")),
        Permission("evidence.indicator.edit", "审定自定指标", "Accept indicators", ("office",)),
        Permission(_FILL, "填报和更正数据", "Fill in and correct values", ("office", "department", "township")),
        Permission(_REVIEW, "复核数据", "Review values", ("office",)),
        Permission(_TARGET, "登记和调整目标", "Set and revise targets", ("office",)),
        Permission("evidence.period.lock", "锁定年度数据", "Lock a year", ("office",)),
        Permission("evidence.period.unlock", "解锁年度数据", "Unlock a year", ("leader",)),
    ),
    menu=(
        MenuEntry("指标与目标", "Indicators", "evidence:list", _VIEW, "chart-line", "指标", 300),
        MenuEntry("数据填报", "Fill in", "evidence:fill", _FILL, "square-pen", "指标", 310),
        MenuEntry(
            "数据复核", "Review", "evidence:review", _REVIEW, "clipboard-check", "指标", 320, f"{_HOME}.review_count"
        ),
        MenuEntry("目标", "Targets", "evidence:targets", _VIEW, "target", "指标", 330),
        MenuEntry("目标冲突", "Target conflicts", "evidence:conflicts", _VIEW, "git-compare", "指标", 340),
        MenuEntry("更正记录", "Corrections", "evidence:corrections", _VIEW, "history", "指标", 350),
        MenuEntry("年度锁定", "Yearly locks", "evidence:locks", _VIEW, "lock", "指标", 360),
    ),
    access=(
        Access("api:evidence-indicators", _VIEW),
        Access("api:evidence-attainment", _VIEW, sample="ecocloud.kernel.evidence.route_samples.indicator"),
        # Recording is checked once more by the service (evidence.value.fill).
        Access("api:evidence-observations", _VIEW, methods=("GET", "POST")),
        Access("api:evidence-targets", _VIEW),
        Access("evidence:list", _VIEW),
        Access("evidence:export", _VIEW),
        Access("evidence:fill", _FILL, ("GET", "POST")),
        Access("evidence:review", _REVIEW),
        Access("evidence:mine", _VIEW),
        Access("evidence:targets", _VIEW),
        Access("evidence:set-target", _TARGET, ("GET", "POST")),
        Access("evidence:target", _VIEW, sample=f"{_SAMPLES}.target"),
        Access("evidence:revise-target", _TARGET, ("POST",), f"{_SAMPLES}.target"),
        Access("evidence:withdraw-target", _TARGET, ("POST",), f"{_SAMPLES}.target"),
        Access("evidence:conflicts", _VIEW),
        Access("evidence:corrections", _VIEW),
        Access("evidence:locks", _VIEW),
        Access("evidence:lock", "evidence.period.lock", ("POST",)),
        Access("evidence:unlock", "evidence.period.unlock", ("POST",), f"{_SAMPLES}.lock"),
        Access("evidence:propose", "evidence.indicator.propose", ("GET", "POST")),
        Access("evidence:accept", "evidence.indicator.edit", ("POST",), f"{_SAMPLES}.indicator"),
        Access("evidence:observation", _VIEW, sample=f"{_SAMPLES}.observation"),
        Access("evidence:source", _VIEW, sample=f"{_SAMPLES}.source"),
        Access("evidence:submit", _FILL, ("POST",), f"{_SAMPLES}.observation"),
        Access("evidence:confirm", _REVIEW, ("POST",), f"{_SAMPLES}.observation"),
        Access("evidence:send-back", _REVIEW, ("POST",), f"{_SAMPLES}.observation"),
        Access("evidence:correct", _FILL, ("GET", "POST"), f"{_SAMPLES}.observation"),
        Access("evidence:data", _VIEW, sample=f"{_SAMPLES}.indicator"),
        Access("evidence:detail", _VIEW, sample=f"{_SAMPLES}.indicator"),
    ),
    counters=(
        Counter(
            "evidence.review", "待复核数据", "Values to review", f"{_HOME}.review_count", f"{_HOME}.review_url",
            _REVIEW,
            "clipboard-check", 300,
        ),
        Counter(
            "evidence.red", "未达标指标", "Indicators off target", f"{_HOME}.red_count", f"{_HOME}.red_url", _VIEW,
            "chart-line", 310, "bad",
        ),
    ),
    todos=(
        TodoSource(
            "evidence.values", ("todo", "started", "done"), f"{_HOME}.todo_rows", f"{_HOME}.todo_count",
            f"{_HOME}.todo_url", _VIEW,
        ),
        TodoSource(
            "evidence.warnings", ("warning",), f"{_HOME}.warning_rows", f"{_HOME}.warning_count",
            f"{_HOME}.warning_url", _VIEW,
        ),
    ),
    quick=(QuickLink("填报数据", "Fill in values", "evidence:fill", _FILL, "square-pen", 30),),
    tiles=(
        Tile("evidence.air", "空气质量", "Air", f"{_COCKPIT}.air_tile", "evidence/tile_air.html", _VIEW, "left", 10),
        Tile(
            "evidence.water", "水环境", "Water", f"{_COCKPIT}.water_tile", "evidence/tile_water.html", _VIEW, "left", 20
        ),
        Tile(
            "evidence.targets", "年度目标", "Targets", f"{_COCKPIT}.target_tile", "evidence/tile_targets.html", _VIEW,
            "left", 30,
        ),
        Tile(
            "evidence.key", "关键指标", "Key figures", f"{_COCKPIT}.key_tile", "evidence/tile_key.html", _VIEW,
            "top", 10,
        ),
        Tile(
            "evidence.map", "县区分布", "Counties", f"{_COCKPIT}.map_tile", "evidence/tile_map.html", _VIEW, "map", 10,
            f"{_COCKPIT}.map_themes",
        ),
        Tile(
            "evidence.trend", "逐月趋势", "Trend", f"{_COCKPIT}.trend_tile", "evidence/tile_trend.html", _VIEW,
            "bottom", 10,
        ),
        Tile(
            "evidence.projects", "生态环保重点项目", "Key projects", f"{_COCKPIT}.projects_tile",
            "evidence/tile_projects.html", _VIEW, "right", 30,
        ),
        Tile(
            "evidence.years", "历年", "Over the years", f"{_COCKPIT}.years_tile", "evidence/tile_years.html", _VIEW,
            "right", 40,
        ),
        Tile(
            "evidence.mine", "我的指标", "My indicators", f"{_HOME}.mine_tile", "evidence/tile_mine.html", _VIEW,
            "desk", 10,
        ),
    ),
    checks=(
        HealthCheck(
            "evidence.catalogue", "指标目录", "Indicator catalogue", "ecocloud.kernel.evidence.start.check_catalogue"
        ),
    ),
    search=("ind",),
    on_start="ecocloud.kernel.evidence.start.register",
    handing="ecocloud.kernel.evidence.handing.HANDING",
    accountable="ecocloud.kernel.evidence.accountable.ACCOUNTABLE",
    sample="ecocloud.kernel.evidence.sample.load",
    actions=ACTIONS,
    refs={"obs": ("数据", "Value"), "target": ("目标", "Target"), "ind": ("指标", "Indicator"),
          "demo": ("演示数据", "Demonstration"), "public": ("公开报告", "Public report")},
)  # fmt: skip
