"""Tables of divisions, departments, people, roles and unit questions. Written by the room's services only."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from ecocloud.kernel.journal.services import Actor
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.keys import KeyLimit


class Region(models.Model):
    """An administrative division under its GB/T 2260 code (townships and villages: statistical codes).

    ``code`` has 6 digits for province, city and county (``360800``), 9 for a township, 12 for a village.
    """

    class Level(models.TextChoices):
        """Levels from the province down."""

        PROVINCE = "province", _("省")
        CITY = "city", _("设区市")
        COUNTY = "county", _("县（市、区）")
        TOWNSHIP = "township", _("乡镇（街道）")
        VILLAGE = "village", _("村（社区）")

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=60)
    short_name = models.CharField(max_length=60, blank=True)
    level = models.CharField(max_length=10, choices=Level)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        ordering = ["code"]
        indexes = [
            models.Index(fields=["level", "code"], name="regions_region_level"),
            models.Index(fields=["name"], name="regions_region_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def span(self) -> tuple[str, str]:
        """``(first, after)``: the codes of this region and everything below it are in ``[first, after)``."""
        return codes.span(self.code)

    def contains(self, code: str) -> bool:
        """Whether ``code`` is this region or lies below it."""
        return codes.contains(self.code, code)


def in_language(chinese: str, english: str) -> str:
    """The English label on English pages, where there is one."""
    return english if english and (translation.get_language() or "").startswith("en") else chinese


def _fresh_code() -> str:
    return f"d-{uuid.uuid4().hex[:10]}"


def _fresh_version() -> str:
    return uuid.uuid4().hex


class Department(models.Model):
    """A unit that can own duties: a department, a township, a leader's office, a group of units or an enterprise."""

    class Kind(models.TextChoices):
        """What sort of unit it is."""

        GOVERNMENT = "government", _("政府")
        DEPARTMENT = "department", _("部门")
        TOWNSHIP = "township", _("乡镇（街道）")
        LEADER = "leader", _("领导")
        GROUP = "group", _("单位组")
        ENTERPRISE = "enterprise", _("企业")

    code = models.CharField(max_length=40, unique=True, default=_fresh_code)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=60, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="departments")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.DEPARTMENT)
    function = models.CharField(max_length=40, blank=True)
    members = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="groups", db_table="regions_group_member"
    )
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    order = models.PositiveIntegerField(default=1000)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="regions_department_dates",
            ),
        ]
        indexes = [
            models.Index(fields=["region", "kind"], name="regions_department_region"),
            models.Index(fields=["name"], name="regions_department_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    def in_force(self, on: date | None = None) -> bool:
        """Whether the department exists on the day ``on`` (default: today)."""
        on = on or timezone.localdate()
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


class DepartmentAlias(models.Model):
    """Another wording for a department: a usual short name, an earlier name, a wording settled by a person."""

    class Source(models.TextChoices):
        """Where the wording comes from."""

        DICTIONARY = "dictionary", _("通用简称")
        RENAME = "rename", _("曾用名")
        PERSON = "person", _("人工确认")
        IMPORT = "import", _("导入")

    text = models.CharField(max_length=120)
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="aliases")
    source = models.CharField(max_length=12, choices=Source, default=Source.PERSON)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["text", "department"], name="regions_alias_once")]

    def __str__(self) -> str:
        return self.text


class DepartmentChange(models.Model):
    """A dated event in a department's life: rename, merger into another, split, move, closure."""

    class Kind(models.TextChoices):
        """What happened."""

        RENAME = "rename", _("更名")
        MERGE = "merge", _("并入")
        SPLIT = "split", _("分设")
        MOVE = "move", _("调整隶属")
        CLOSE = "close", _("撤销")

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    on = models.DateField()
    old_name = models.CharField(max_length=120, blank=True)
    new_name = models.CharField(max_length=120, blank=True)
    successor = models.ForeignKey(
        Department, on_delete=models.PROTECT, null=True, blank=True, related_name="predecessor_changes"
    )
    basis = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind__in=["merge", "split"]) | Q(successor__isnull=False), name="regions_change_successor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_kind_display()} {self.old_name}"


class Post(models.Model):
    """A post a person holds: 局长, 科长, 经办人."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60, blank=True)
    order = models.PositiveIntegerField(default=100)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The post's name in the language of the page."""
        return in_language(self.name, self.name_en)


class Role(models.Model):
    """A role: rights on functions (:class:`RolePermission`) and one data scope."""

    class Scope(models.TextChoices):
        """How far the role's eyes reach over the data."""

        ALL = "all", _("全部数据")
        CUSTOM = "custom", _("指定单位数据")
        DEPARTMENT = "department", _("本单位数据")
        DEPARTMENT_TREE = "department_tree", _("本单位及下属单位数据")
        SELF = "self", _("仅本人数据")

    class Camp(models.TextChoices):
        """Roles of different camps are never held by one person."""

        BUSINESS = "business", _("业务")
        SYSTEM = "sysadmin", _("系统管理")
        SECURITY = "secadmin", _("安全管理")
        AUDIT = "auditadmin", _("审计管理")

    code = models.CharField(max_length=40, unique=True)
    label_zh = models.CharField(max_length=60)
    label_en = models.CharField(max_length=60, blank=True)
    scope = models.CharField(max_length=16, choices=Scope, default=Scope.DEPARTMENT)
    departments = models.ManyToManyField(Department, blank=True, related_name="+", db_table="regions_role_department")
    camp = models.CharField(max_length=12, choices=Camp, default=Camp.BUSINESS)
    order = models.PositiveIntegerField(default=100)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.label_zh

    @property
    def label(self) -> str:
        """The role's name in the language of the page."""
        return in_language(self.label_zh, self.label_en)


class PermissionCode(models.Model):
    """A right that some room declares. A code seen for the first time is given to the roles its room names."""

    code = models.CharField(max_length=80, primary_key=True)
    room = models.CharField(max_length=40)
    label_zh = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class RolePermission(models.Model):
    """One right of one role. Loaded from the rooms' descriptors, then kept by the security administrator."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="permissions")
    code = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "code"], name="regions_role_permission")]

    def __str__(self) -> str:
        return f"{self.role_id} {self.code}"


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the password is hashed here and nowhere else."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A new account; without ``password`` it cannot sign in."""
        user = self.model(username=self.model.normalize_username(username.strip()), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account, or the account of another system (``service``), which works by keys and cannot sign in.

    There is no superuser: every right comes from a role.
    """

    class Clearance(models.TextChoices):
        """The highest label of data the person may read."""

        PUBLIC = "public", _("公开")
        INTERNAL = "internal", _("内部")
        SENSITIVE = "sensitive", _("敏感")

    username = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    post = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, blank=True, related_name="people")
    roles = models.ManyToManyField(Role, through="RoleGrant", through_fields=("user", "role"), related_name="users")
    clearance = models.CharField(max_length=10, choices=Clearance, default=Clearance.INTERNAL)
    # Where notices go when the installation sends mails; shown to the system administrator only.
    email = models.EmailField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    service = models.BooleanField(default=False)
    must_change_password = models.BooleanField(default=True)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True)
    rights_version = models.CharField(max_length=32, default=_fresh_version)
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["username"]
        indexes = [models.Index(fields=["department", "is_active"], name="regions_user_department")]

    # Set for the length of a request by the middleware: where it came from, and what its key (if any) leaves open.
    request_address = ""
    request_id = ""
    key_head = ""
    key_limit: KeyLimit | None = None

    def __str__(self) -> str:
        return self.name

    def renew_rights(self) -> None:
        """Give the person's rights a new version, so that nothing kept under the old one is used again."""
        self.rights_version = _fresh_version()
        User.objects.filter(pk=self.pk).update(rights_version=self.rights_version)

    def get_full_name(self) -> str:
        """The person's name."""
        return self.name

    def actor(self, request_id: str = "", address: str = "") -> Actor:
        """The person as the journal records them: account id, name, department, address, request."""
        return Actor(
            id=f"user:{self.pk}",
            name=f"{self.name}（密钥 {self.key_head}）" if self.key_head else self.name,
            department=self.department.name if self.department else "",
            address=address or self.request_address,
            request_id=request_id or self.request_id,
        )


class RoleGrant(models.Model):
    """A role held by a person. A revoked grant is removed; its story stays in the journal."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="grants")
    granter = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateField(null=True, blank=True)
    # Copy of role.camp, so that the database itself refuses two administrator roles for one person.
    camp = models.CharField(max_length=12, choices=Role.Camp, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="regions_grant_once"),
            models.UniqueConstraint(fields=["user"], condition=~Q(camp="business"), name="regions_grant_one_admin"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Copy the role's camp; the person's rights get a new version."""
        self.camp = self.role.camp
        super().save(*args, **kwargs)
        self.user.renew_rights()

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """The person's rights get a new version."""
        result = super().delete(*args, **kwargs)
        self.user.renew_rights()
        return result


class PasswordHistory(models.Model):
    """Hashes of earlier passwords, to refuse their reuse."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="old_passwords")
    password = models.CharField(max_length=128)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d}"


class UnitQuestion(models.Model):
    """A unit text that no rule could settle; a person answers once and the answer is remembered as an alias."""

    class State(models.TextChoices):
        """Where the question stands."""

        OPEN = "open", _("待确认")
        SETTLED = "settled", _("已确认")
        DISMISSED = "dismissed", _("不是单位")

    text = models.CharField(max_length=200)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    on_date = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=200)
    candidates = models.JSONField(default=list)
    source = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField(default=timezone.now)
    departments = models.ManyToManyField(Department, blank=True, related_name="+", db_table="regions_question_dept")
    settled_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["text", "region"], condition=Q(state="open"), name="regions_question_open"),
        ]

    def __str__(self) -> str:
        return self.text


class ApiKey(models.Model):
    """A key by which a program calls the API for an account. Of the key itself only a digest is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=60)
    head = models.CharField(max_length=10, unique=True)
    digest = models.CharField(max_length=64)
    # ``registers:read``, ``registers/outfall:write``
    scopes = models.JSONField()
    per_minute = models.PositiveIntegerField()
    expires_on = models.DateField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_address = models.CharField(max_length=64, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    revoke_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(per_minute__gte=1), name="regions_key_rate"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revoke_reason=""), name="regions_key_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def in_force(self, on: date | None = None) -> bool:
        """Whether the key opens anything on the day ``on`` (default: today)."""
        return self.revoked_at is None and (on or timezone.localdate()) <= self.expires_on


from ecocloud.kernel.regions.grids.models import Grid, GridTerm, GridVersion  # noqa: E402, F401
from ecocloud.kernel.regions.handing.models import HandedThing, PostHandover  # noqa: E402, F401
