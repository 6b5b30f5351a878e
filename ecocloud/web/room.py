"""The shell's own descriptor: home, cockpit, search, gallery, installation commands."""

from ecocloud.base.rooms import ANYONE, SIGNED_IN, Access, Command, HealthCheck, MenuEntry, Permission, Room
from ecocloud.web.action_words import ACTIONS

# The three administrators see no business data (GB/T 22239-2019 8.1.4.2 d): everybody else works here.
WORKERS = ("office", "leader", "department", "township", "reader")

ADMINISTRATORS = ("sysadmin", "secadmin", "auditadmin")

ROOM = Room(
    name="web",
    label_zh="生态云",
    label_en="EcoCloud",
    package="ecocloud.web",
    urls="ecocloud.web.pages",
    permissions=(
        Permission("web.home.view", "打开工作台", "Open the work desk", (*WORKERS, "field")),
        Permission("web.cockpit.view", "打开驾驶舱", "Open the cockpit", WORKERS),
        Permission("web.search.use", "全文检索", "Search", WORKERS),
        Permission("web.state.view", "查看运行状态", "View the state of the installation", ADMINISTRATORS),
        Permission("web.gallery.view", "查看组件样例", "View the component gallery", ("office", "sysadmin")),
    ),
    menu=(
        MenuEntry("工作台", "Desk", "web:home", "web.home.view", icon="house", order=10),
        MenuEntry("驾驶舱", "Cockpit", "web:cockpit", "web.cockpit.view", icon="gauge", order=20),
        MenuEntry("运行状态", "State", "web:state", "web.state.view", icon="gauge", group="系统管理", order=30),
        MenuEntry("检索", "Search", "web:search", "web.search.use", icon="search", order=700),
        MenuEntry(
            "组件样例", "Gallery", "web:gallery", "web.gallery.view", icon="layout-grid", group="系统管理", order=990
        ),
    ),
    access=(
        Access("web:start", ANYONE),
        Access("web:public", ANYONE),
        Access("web:home", "web.home.view"),
        Access("web:cockpit", "web.cockpit.view"),
        Access("web:search", "web.search.use"),
        Access("web:state", "web.state.view", methods=("GET", "POST")),
        Access("web:gallery", "web.gallery.view"),
        Access("web:source", SIGNED_IN, sample="ecocloud.web.samples.source"),
        Access("web:health", ANYONE),
        Access("web:job", SIGNED_IN, sample="ecocloud.web.samples.job"),
        Access("web:cancel-job", SIGNED_IN, methods=("POST",), sample="ecocloud.web.samples.job"),
        Access("pages:save-view", SIGNED_IN, methods=("POST",)),
        Access("pages:delete-view", SIGNED_IN, methods=("POST",)),
        # What may be imported is decided by the target's own permission, in the view.
        Access("sheets:upload", SIGNED_IN, methods=("GET", "POST"), sample="ecocloud.web.samples.import_target"),
        Access("sheets:template", SIGNED_IN, sample="ecocloud.web.samples.import_target"),
        Access("sheets:preview", SIGNED_IN, sample="ecocloud.web.samples.job"),
        Access("sheets:mapping", SIGNED_IN, methods=("GET", "POST"), sample="ecocloud.web.samples.job"),
        Access("sheets:commit", SIGNED_IN, methods=("POST",), sample="ecocloud.web.samples.job"),
        Access("sheets:cancel", SIGNED_IN, methods=("POST",), sample="ecocloud.web.samples.job"),
        Access("sheets:error-file", SIGNED_IN, sample="ecocloud.web.samples.job"),
        Access("api:api-root", SIGNED_IN),
        Access("web:api-document", SIGNED_IN),
        Access("web:api-page", SIGNED_IN),
    ),
    commands=(
        Command("setup", "建立数据表，确定本安装服务的区划", "ecocloud.web.commands.setup"),
        Command("demo", "准备并启动样例站点", "ecocloud.web.commands.demo"),
        Command("up", "启动网页与后台进程", "ecocloud.web.commands.up"),
        Command("worker", "只运行后台任务", "ecocloud.web.commands.worker"),
        Command("check", "检查本安装是否正常", "ecocloud.web.commands.check"),
        Command("search-rebuild", "从数据库重建检索库", "ecocloud.base.search.commands"),
        Command("backup", "备份到一个 tar 文件（SQLite）", "ecocloud.web.commands.backup"),
        Command("restore", "从备份恢复到空的安装", "ecocloud.web.commands.restore", needs_django=False),
        Command("move-to-postgres", "把本安装迁移到 PostgreSQL", "ecocloud.web.commands.move_to_postgres"),
    ),
    checks=(
        HealthCheck("database", "数据库", "Database", "ecocloud.web.health.database"),
        HealthCheck("assets", "前端文件", "Front-end files", "ecocloud.web.health.assets"),
        HealthCheck("keys", "密钥文件", "Key files", "ecocloud.web.health.keys"),
        HealthCheck("calendar", "工作日历", "Work calendar", "ecocloud.web.health.calendar"),
        HealthCheck("journal", "留痕", "Journal", "ecocloud.web.health.journal"),
        HealthCheck("files", "附件", "Attachments", "ecocloud.web.health.files"),
        HealthCheck("jobs", "后台任务", "Background jobs", "ecocloud.base.jobs.queries.stuck"),
        HealthCheck("search", "检索库", "Search index", "ecocloud.base.search.services.check"),
        HealthCheck("size", "规模", "Size", "ecocloud.web.health.size"),
    ),
    jobs="ecocloud.web.jobs",
    on_start="ecocloud.web.start.hooks",
    actions=ACTIONS,
    refs={"list": ("列表", "List"), "import": ("导入", "Import"), "file": ("附件", "Attachment")},
)
