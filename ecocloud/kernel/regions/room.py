"""The descriptor of the regions room."""

from ecocloud.base.rooms import ANYONE, SIGNED_IN, Access, Command, Counter, HealthCheck, MenuEntry, Permission, Room
from ecocloud.kernel.regions.action_words import ACTIONS
from ecocloud.kernel.regions.grids import access as grids

_WORKERS = ("office", "leader", "department", "township", "reader")
_SAMPLES = "ecocloud.kernel.regions.route_samples"
_COUNTS = "ecocloud.kernel.regions.counts"

ROOM = Room(
    name="regions",
    label_zh="区划与组织",
    label_en="Divisions and organisation",
    package="ecocloud.kernel.regions",
    urls="ecocloud.kernel.regions.urls",
    url_prefix="regions",
    api="ecocloud.kernel.regions.grids.api.router",
    permissions=(
        Permission("regions.region.load", "装入区划数据", "Load divisions", ("sysadmin",)),
        Permission(
            "regions.department.view", "查看单位与人员", "View departments", (*_WORKERS, "sysadmin", "secadmin")
        ),
        Permission("regions.department.edit", "维护单位及其变更", "Maintain departments", ("sysadmin",)),
        Permission("regions.unit.view", "查看待确认单位", "View unit questions", ("office",)),
        Permission("regions.unit.settle", "确认单位写法", "Settle unit wordings", ("office",)),
        Permission("regions.account.view", "查看账号", "View accounts", ("sysadmin", "secadmin")),
        Permission("regions.account.manage", "维护账号", "Maintain accounts", ("sysadmin",)),
        Permission("regions.account.unlock", "解除登录锁定", "Lift sign-in locks", ("secadmin",)),
        Permission("regions.grant.manage", "授予和收回角色", "Grant and revoke roles", ("secadmin",)),
        Permission("regions.key.own", "建立和停用自己的接口密钥", "Keep own API keys", _WORKERS),
        Permission("regions.key.view", "查看接口密钥", "View API keys", ("sysadmin", "secadmin")),
        Permission("regions.key.manage", "为对接账号建立接口密钥", "Issue keys of service accounts", ("sysadmin",)),
        Permission("regions.key.revoke", "停用接口密钥", "Revoke API keys", ("sysadmin", "secadmin")),
        Permission("regions.matrix.view", "查看权限矩阵", "View the rights matrix", ("secadmin", "auditadmin")),
        Permission(
            "regions.post.hand", "办理岗位交接", "Hand over posts", ("office", "leader", "department", "township")
        ),
        *grids.PERMISSIONS,
    ),
    menu=(
        MenuEntry("单位", "Departments", "regions:departments", "regions.department.view", "network", "组织", 800),
        *grids.MENU,
        MenuEntry("岗位交接", "Handing over posts", "regions:handovers", "regions.post.hand", "route", "组织", 808),
        MenuEntry(
            "待确认单位",
            "Unit questions",
            "regions:unit-questions",
            "regions.unit.view",
            "circle-help",
            "组织",
            810,
            f"{_COUNTS}.open_questions",
        ),
        MenuEntry("账号", "Accounts", "regions:people", "regions.account.view", "users", "系统管理", 900),
        MenuEntry("接口密钥", "API keys", "regions:keys", "regions.key.view", "key-round", "系统管理", 905),
        MenuEntry("登录锁定", "Sign-in locks", "regions:locks", "regions.account.unlock", "lock", "系统管理", 910),
        MenuEntry(
            "权限矩阵", "Rights matrix", "regions:rights-matrix", "regions.matrix.view", "grid-3x3", "系统管理", 920
        ),
    ),
    access=(
        Access("regions:sign-in", ANYONE, ("GET", "POST")),
        Access("regions:sign-out", SIGNED_IN, ("POST",)),
        Access("regions:second-step", SIGNED_IN, ("GET", "POST")),
        Access("regions:enrol", SIGNED_IN, ("GET", "POST")),
        Access("regions:password", SIGNED_IN, ("GET", "POST")),
        Access("regions:account", SIGNED_IN),
        Access("regions:departments", "regions.department.view"),
        Access("regions:create-department", "regions.department.edit", ("GET", "POST")),
        Access("regions:department", "regions.department.view", sample=f"{_SAMPLES}.department"),
        Access("regions:change-department", "regions.department.edit", ("POST",), f"{_SAMPLES}.department"),
        Access("regions:add-alias", "regions.unit.settle", ("POST",), f"{_SAMPLES}.department"),
        Access("regions:unit-questions", "regions.unit.view"),
        Access("regions:answer-unit", "regions.unit.settle", ("POST",), f"{_SAMPLES}.question"),
        Access("regions:people", "regions.account.view"),
        Access("regions:create-person", "regions.account.manage", ("GET", "POST")),
        Access("regions:person", "regions.account.view", sample=f"{_SAMPLES}.person"),
        Access("regions:update-person", "regions.account.manage", ("POST",), f"{_SAMPLES}.person"),
        Access("regions:set-active", "regions.account.manage", ("POST",), f"{_SAMPLES}.person"),
        Access("regions:reset-password", "regions.account.manage", ("POST",), f"{_SAMPLES}.person"),
        Access("regions:remove-device", "regions.account.unlock", ("POST",), f"{_SAMPLES}.person"),
        Access("regions:grant-role", "regions.grant.manage", ("POST",), f"{_SAMPLES}.person"),
        Access("regions:revoke-role", "regions.grant.manage", ("POST",), f"{_SAMPLES}.person"),
        Access("regions:locks", "regions.account.unlock"),
        Access("regions:unlock", "regions.account.unlock", ("POST",)),
        Access("regions:keys", "regions.key.view"),
        Access("regions:create-key", "regions.key.manage", ("GET", "POST")),
        Access("regions:revoke-key", "regions.key.revoke", ("POST",), f"{_SAMPLES}.key"),
        Access("regions:my-keys", "regions.key.own", ("GET", "POST")),
        Access("regions:revoke-my-key", "regions.key.own", ("POST",), f"{_SAMPLES}.key"),
        Access("regions:rights-matrix", "regions.matrix.view"),
        Access("regions:export-matrix", "regions.matrix.view"),
        Access("regions:handovers", "regions.post.hand"),
        Access("regions:hand", "regions.post.hand", ("GET", "POST")),
        Access("regions:handover", "regions.post.hand", sample=f"{_SAMPLES}.handover"),
        *grids.ACCESS,
    ),
    counters=(
        Counter(
            "regions.questions",
            "待确认单位",
            "Unit questions",
            f"{_COUNTS}.open_questions",
            f"{_COUNTS}.open_questions_url",
            "regions.unit.settle",
            "circle-help",
            400,
        ),
        Counter(
            "regions.idle",
            "90 天未登录",
            "Idle for 90 days",
            f"{_COUNTS}.idle_count",
            f"{_COUNTS}.idle_url",
            "regions.account.manage",
            "users",
            410,
        ),
        Counter(
            "regions.bare",
            "待授权账号",
            "Accounts without a role",
            f"{_COUNTS}.without_role_count",
            f"{_COUNTS}.without_role_url",
            "regions.grant.manage",
            "users",
            420,
        ),
        Counter(
            "regions.locked",
            "登录锁定",
            "Sign-in locks",
            f"{_COUNTS}.locked",
            f"{_COUNTS}.locked_url",
            "regions.account.unlock",
            "lock",
            430,
            "bad",
        ),
    ),
    checks=(
        HealthCheck("regions.data", "区划数据", "Divisions", f"{_COUNTS}.check_regions"),
        HealthCheck("regions.separation", "三员分立", "Separation of administrators", f"{_COUNTS}.check_separation"),
        HealthCheck("regions.idle", "闲置账号", "Idle accounts", f"{_COUNTS}.check_idle_accounts"),
    ),
    commands=(
        Command("user", "账号：list 列出，create 新建，reset 重置密码", "ecocloud.kernel.regions.commands_user"),
        Command("keys", "接口密钥：list 列出，create 新建，revoke 停用", "ecocloud.kernel.regions.commands_keys"),
        Command(
            "regions", "区划：load 装入随包数据，load-villages 装入村级", "ecocloud.kernel.regions.commands_regions"
        ),
    ),
    on_start="ecocloud.kernel.regions.start.register",
    handing="ecocloud.kernel.regions.handing.own.HANDING",
    sample="ecocloud.kernel.regions.sample.load",
    actions=ACTIONS | grids.ACTIONS,
    refs={
        "grid": ("网格", "Grid"),
        "user": ("人员", "Person"),
        "dept": ("单位", "Unit"),
        "region": ("区划", "Division"),
    },
)
