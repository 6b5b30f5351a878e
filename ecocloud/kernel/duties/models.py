"""Tables of work items and what belongs to them, of dispatch rounds, notices, light rules and the rollup of counts.

Written by :mod:`ecocloud.kernel.duties.services` only. States, kinds and actions are codes of the tables under
``data/kinds``; references upwards are text.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ecocloud.base.units.fields import ScaledDecimalField
from ecocloud.kernel.duties.case_models import (  # noqa: F401
    CaseSource,
    ItemBatch,
    ItemCase,
    ItemLevel,
    Objection,
    Reporter,
)
from ecocloud.kernel.duties.kinds import kind_of
from ecocloud.kernel.duties.lights import LABELS
from ecocloud.kernel.duties.round_models import Round, RoundReport  # noqa: F401
from ecocloud.kernel.duties.template_models import TemplateDuty, TemplateUse  # noqa: F401
from ecocloud.kernel.duties.transitions import Kind, State

# Lists are ordered by ``due``, which is never NULL: the deadline, or this day where there is none.
NO_DUE = date(9999, 12, 31)
_UNIT = "regions.Department"
_USER = "regions.User"


class WorkItem(models.Model):
    """A duty with exactly one accountable unit, a state, a clock and a light."""

    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    year = models.PositiveSmallIntegerField()
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    lead_department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+", db_index=False)
    # The unit that gave the duty out and reviews it.
    office_department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+")
    # Who holds the ball: the lead unit or the office, by the state's owner.
    current_department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+", db_index=False)
    source_ref = models.CharField(max_length=200, blank=True)
    source_doc = models.CharField(max_length=140, blank=True, db_index=True)
    source_title = models.CharField(max_length=300, blank=True)
    source_place = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=20)
    since = models.DateTimeField(default=timezone.now)
    act_by = models.DateField(null=True)
    started_on = models.DateField()
    # Days on which the clock stood since then: suspensions that are over.
    paused_days = models.PositiveSmallIntegerField(default=0)
    deadline = models.DateField(null=True, blank=True)
    deadline_text = models.CharField(max_length=120, blank=True)
    due = models.DateField(default=NO_DUE)
    cycle = models.CharField(max_length=12, default="none")
    progress = ScaledDecimalField(default=0)
    light = models.CharField(max_length=10, default="none")
    light_rank = models.PositiveSmallIntegerField(default=4)
    light_words = models.CharField(max_length=120, blank=True)
    light_rule_version = models.PositiveIntegerField(default=0)
    light_on = models.DateField(null=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", db_index=False
    )
    renews = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewed_by", db_index=False
    )
    # By which way the item came and what it is about: codes of the kind's data.
    channel = models.CharField(max_length=24, blank=True)
    category = models.CharField(max_length=24, blank=True)
    batch = models.ForeignKey(
        ItemBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="items", db_index=False
    )
    created_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(progress__gte=0) & Q(progress__lte=100), name="duties_item_progress"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="duties_item_not_own_parent"),
            models.CheckConstraint(
                condition=Q(deadline__isnull=True, due=NO_DUE) | Q(deadline__isnull=False, due=F("deadline")),
                name="duties_item_due",
            ),
        ]
        indexes = [
            models.Index(fields=["year", "light_rank", "due", "id"], name="duties_item_year"),
            models.Index(fields=["year", "state", "light_rank", "due", "id"], name="duties_item_state"),
            models.Index(fields=["light_rank", "due", "id", "state"], name="duties_item_light"),
            models.Index(fields=["state", "due", "id"], name="duties_item_awaits"),
            # Few items have these; an index full of NULL looks useless to the planner of SQLite.
            models.Index(fields=["parent"], name="duties_item_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["renews"], name="duties_item_renews", condition=Q(renews__isnull=False)),
            models.Index(
                fields=["batch", "light_rank", "due", "id"], name="duties_item_batch", condition=Q(batch__isnull=False)
            ),
            models.Index(
                fields=["channel", "light_rank", "due", "id"], name="duties_item_channel", condition=Q(channel__gt="")
            ),
            models.Index(fields=["lead_department", "light_rank", "due", "id"], name="duties_item_lead"),
            models.Index(fields=["current_department", "state", "due", "id", "light_rank"], name="duties_item_holder"),
            models.Index(fields=["created_by", "-id"], name="duties_item_creator"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def ref(self) -> str:
        """The item's reference, ``item:ID``."""
        return f"item:{self.pk}"

    @property
    def table(self) -> Kind:
        """The transition table the item moves in."""
        return kind_of(self.kind)

    @property
    def state_row(self) -> State:
        """The present state with its names, owner and clock."""
        return self.table.states[self.state]

    @property
    def state_zh(self) -> str:
        """The present state in Chinese."""
        return self.state_row.label_zh

    @property
    def light_zh(self) -> str:
        """The light as a word."""
        return LABELS[self.light][0]

    def paused_until(self, today: date) -> date | None:
        """The day until which the clock stands, where it stands on the day ``today``; None where it runs."""
        if self.act_by is None or self.state_row.clock.by != "until" or today > self.act_by:
            return None
        return self.act_by

    @property
    def runs_from(self) -> date:
        """The day from which planned progress is counted: the start, later by the days on which the clock stood."""
        lost = self.paused_days
        if self.act_by is not None and self.state_row.clock.by == "until":
            lost += max(0, (self.act_by - timezone.localdate(self.since)).days)
        return self.started_on + timedelta(days=lost)

    @property
    def is_open(self) -> bool:
        """Whether work is still to be done."""
        return not self.state_row.closed


class CodeCounter(models.Model):
    """The last running number given out in one scope of a numbering rule."""

    scope = models.CharField(max_length=60, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.scope} {self.last}"


class ItemUnit(models.Model):
    """A cooperating unit; ``text`` keeps the wording, also of groups that name no single department."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="units")
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=200)
    is_group = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "department"], condition=Q(department__isnull=False), name="duties_unit_once"
            )
        ]

    def __str__(self) -> str:
        return self.text


class ItemSeat(models.Model):
    """The right of one unit to see one item; follows the item and ends with it.

    One row for each unit, with its strongest role. The columns after ``role`` repeat the item, so that a unit's list
    page is read from one index.
    """

    class Role(models.TextChoices):
        """Why the unit sees the item, strongest first."""

        LEAD = "lead", "牵头"
        LEVEL = "level", "验收"
        COOPERATE = "cooperate", "配合"
        OFFICE = "office", "交办"
        ABOVE = "above", "上级任务牵头"
        REPORTER = "reporter", "反映"

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="seats", db_index=False)
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=10, choices=Role)
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    light = models.CharField(max_length=10)
    light_rank = models.PositiveSmallIntegerField()
    due = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "department"], name="duties_seat_once")]
        indexes = [
            models.Index(
                fields=["department", "year", "light_rank", "due", "item", "role", "state"], name="duties_seat_list"
            ),
            models.Index(fields=["department", "light_rank", "due", "item", "state"], name="duties_seat_light"),
            models.Index(fields=["department", "role", "light_rank", "due", "item", "state"], name="duties_seat_role"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.department_id} {self.role}"


class TreeLink(models.Model):
    """That the items of ``unit`` are seen from ``top``, a unit with others below it (every such top holds itself, too).

    Written by ``services.trees`` only. Seats of the tree are what a viewer of ``top`` may see only while all links of
    ``top`` are ready and name the very units he reaches.
    """

    class State(models.TextChoices):
        """How far the seats of the tree follow the link."""

        ADDING = "adding", "正在加入"
        READY = "ready", "已生效"
        DROPPING = "dropping", "正在撤除"

    unit = models.ForeignKey(_UNIT, on_delete=models.CASCADE, related_name="+", db_index=False)
    top = models.ForeignKey(_UNIT, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=State, default=State.ADDING)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["top", "unit"], name="duties_link_once")]
        indexes = [models.Index(fields=["unit", "top"], name="duties_link_unit")]

    def __str__(self) -> str:
        return f"{self.unit_id} < {self.top_id} {self.state}"


class TreeSeat(models.Model):
    """One item as seen from a unit with others below it: one row, however many of them have a seat.

    A copy for lists and counts; the right itself is the seat (:class:`ItemSeat`).
    """

    role = "tree"

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="tree_seats", db_index=False)
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    light = models.CharField(max_length=10)
    light_rank = models.PositiveSmallIntegerField()
    due = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "department"], name="duties_tree_once")]
        indexes = [
            models.Index(fields=["department", "year", "light_rank", "due", "item", "state"], name="duties_tree_list"),
            models.Index(fields=["department", "light_rank", "due", "item", "state"], name="duties_tree_light"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.department_id}"


class ItemCount(models.Model):
    """How many seats there are by year, kind, unit, seat role, state and light. Seats ``lead`` count items; ``tree``
    counts the items seen from a unit with others below it; ``b12`` counts those of batch 12 by their lead unit."""

    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=10)
    state = models.CharField(max_length=20)
    light = models.CharField(max_length=10)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year", "kind", "department", "role", "state", "light"], name="duties_count_once"
            ),
            models.CheckConstraint(condition=Q(count__gte=0), name="duties_count_not_negative"),
        ]
        indexes = [models.Index(fields=["department", "role", "year"], name="duties_count_unit")]

    def __str__(self) -> str:
        return f"{self.year} {self.department_id} {self.role} {self.state} {self.light} {self.count}"


class ItemNode(models.Model):
    """A dated step inside an item; ``weight`` is its share in the item's progress."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="nodes")
    title = models.CharField(max_length=200)
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due = models.DateField(null=True, blank=True)
    weight = ScaledDecimalField(default=1)
    order = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.CheckConstraint(condition=Q(weight__gte=0), name="duties_node_weight")]

    def __str__(self) -> str:
        return self.title


class ItemTarget(models.Model):
    """The target an item is to reach, as a reference to the evidence room."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="targets")
    target_ref = models.CharField(max_length=140, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "target_ref"], name="duties_target_once")]

    def __str__(self) -> str:
        return self.target_ref


class ItemRef(models.Model):
    """A reference from an item to a record of any room."""

    class Role(models.TextChoices):
        """What the reference is for."""

        SOURCE = "source", "来源"
        EVIDENCE = "evidence", "佐证"
        RELATED = "related", "关联"

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="refs")
    ref = models.CharField(max_length=240, db_index=True)
    role = models.CharField(max_length=10, choices=Role, default=Role.RELATED)
    label = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "ref", "role"], name="duties_ref_once")]

    def __str__(self) -> str:
        return self.ref


class ItemEvent(models.Model):
    """One step of an item's timeline: who, which unit, when, what, with which opinion."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="events", db_index=False)
    action = models.CharField(max_length=24)
    action_zh = models.CharField(max_length=40)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=80)
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    department_name = models.CharField(max_length=120, blank=True)
    opinion = models.TextField(blank=True)
    detail = models.CharField(max_length=400, blank=True)
    is_handling = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    # Given by the caller to make a repeated call harmless.
    key = models.CharField(max_length=60, null=True, unique=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["item", "id"], name="duties_event_item"),
            models.Index(fields=["actor_id", "-id"], name="duties_event_actor"),
            models.Index(fields=["department", "-id"], name="duties_event_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.actor_name} {self.action_zh}"


class Extension(models.Model):
    """A request for a later deadline: reason, new date, approver."""

    class State(models.TextChoices):
        """Where the request stands."""

        PENDING = "pending", "待批"
        GRANTED = "granted", "同意"
        REFUSED = "refused", "不同意"
        DROPPED = "dropped", "失效"

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="extensions")
    requested_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    old_deadline = models.DateField()
    new_deadline = models.DateField()
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    approver = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=Q(state="pending"), name="duties_extension_one"),
            models.CheckConstraint(condition=Q(new_deadline__gt=F("old_deadline")), name="duties_extension_later"),
            models.CheckConstraint(
                condition=~Q(state="granted") | Q(approver__isnull=False), name="duties_extension_approver"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.new_deadline} {self.state}"


class Opinion(models.Model):
    """A unit's opinion on a draft duty, and the office's answer to it."""

    class Stance(models.TextChoices):
        """What the unit says."""

        AGREE = "agree", "同意"
        CHANGES = "changes", "同意并修改"
        DISAGREE = "disagree", "不同意"

    class Answer(models.TextChoices):
        """What the office does with it."""

        ADOPTED = "adopted", "采纳"
        PARTLY = "partly", "部分采纳"
        REJECTED = "rejected", "不采纳"

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="opinions")
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    due = models.DateField(null=True)
    stance = models.CharField(max_length=10, choices=Stance, null=True)
    text = models.TextField(blank=True)
    given_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=10, choices=Answer, null=True)
    reason = models.TextField(blank=True)
    answered_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "department"], condition=Q(given_at__isnull=True), name="duties_opinion_awaited"
            ),
            models.CheckConstraint(
                condition=Q(answer__isnull=True) | Q(given_at__isnull=False), name="duties_opinion_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.department_id} {self.stance}"


class Instruction(models.Model):
    """A leader's words on an item (批示) and the reply to them."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="instructions")
    leader = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    # Who reads the reply since the leader handed over the post.
    follower = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    due = models.DateField(null=True, blank=True)
    reply = models.TextField(blank=True)
    replied_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["replied_at", "due"], name="duties_instruction_open")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.at:%Y-%m-%d}"


class Notice(models.Model):
    """A message to read (待阅), to a unit or to a person."""

    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    user = models.ForeignKey(_USER, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=24)
    # The event it tells of, see services.notices: one notice for each event and reader.
    event = models.CharField(max_length=32, blank=True)
    ref = models.CharField(max_length=140)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(_USER, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(department__isnull=False, user__isnull=True)
                | Q(department__isnull=True, user__isnull=False),
                name="duties_notice_one_reader",
            ),
            models.UniqueConstraint(
                fields=["event", "department"],
                condition=Q(department__isnull=False) & ~Q(event=""),
                name="duties_notice_event_unit",
            ),
            models.UniqueConstraint(
                fields=["event", "user"],
                condition=Q(user__isnull=False) & ~Q(event=""),
                name="duties_notice_event_user",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "read_at", "-id"], name="duties_notice_unit"),
            models.Index(fields=["user", "read_at", "-id"], name="duties_notice_user"),
            models.Index(fields=["ref"], name="duties_notice_ref"),
        ]

    def __str__(self) -> str:
        return self.title


class ItemFile(models.Model):
    """A stored file attached to an item, with the step it belongs to."""

    class Use(models.TextChoices):
        """What the file shows of a rectification."""

        BEFORE = "before", "整改前"
        AFTER = "after", "整改后"
        PLAN = "plan", "整改方案"
        FORM = "form", "验收表"

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(ItemEvent, on_delete=models.SET_NULL, null=True, related_name="files")
    label = models.CharField(max_length=200, blank=True)
    use = models.CharField(max_length=8, choices=Use, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "file"], name="duties_file_once")]

    def __str__(self) -> str:
        return self.label


class LightRule(models.Model):
    """A version of the light rule for one kind (``*``: all kinds without a rule of their own)."""

    kind = models.CharField(max_length=20, default="*")
    version = models.PositiveIntegerField()
    near_workdays = models.PositiveSmallIntegerField()
    yellow_gap = ScaledDecimalField()
    red_gap = ScaledDecimalField()
    grace_share = ScaledDecimalField(default=0)
    note = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="duties_rule_version"),
            models.CheckConstraint(condition=Q(red_gap__gte=F("yellow_gap")), name="duties_rule_gaps"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}"
