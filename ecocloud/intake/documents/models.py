"""Tables of policy documents and of the records read from them. Written by the room's services only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Manager, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecocloud.base.units.fields import ScaledDecimalField

_UNIT = "regions.Department"
_PERSON = settings.AUTH_USER_MODEL


class Document(models.Model):
    """One policy document: its file, its text as offsets count it, its facts and where it stands."""

    class Status(models.TextChoices):
        """Life of a document."""

        LOADED = "loaded", _("待读取")
        READING = "reading", _("读取中")
        REVIEW = "in_review", _("待确认")
        ENTERED = "entered", _("已入台账")
        REFUSED = "refused", _("未能读取")
        COPY = "copy", _("同一文件")

    class Relation(models.TextChoices):
        """How a document relates to the one it is like: a copy gives no records of its own."""

        COPY = "copy", _("同一文件")
        EDITION = "edition", _("另一版本")

    class Secrecy(models.TextChoices):
        """密级: who may open it, together with the data scope."""

        PUBLIC = "public", _("公开")
        INTERNAL = "internal", _("内部")
        SENSITIVE = "sensitive", _("敏感")

    title = models.CharField(max_length=300)
    doc_type = models.CharField(max_length=40, blank=True)
    issuer = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=80, blank=True)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    published = models.DateField(null=True, blank=True)
    effective = models.DateField(null=True, blank=True)
    abolished = models.DateField(null=True, blank=True)
    report_year = models.PositiveSmallIntegerField(null=True, blank=True)
    plan_year = models.PositiveSmallIntegerField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.LOADED)
    problem = models.CharField(max_length=400, blank=True)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, unique=True)
    sm3 = models.CharField(max_length=64, null=True, blank=True)
    fmt = models.CharField(max_length=10, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    chars = models.PositiveIntegerField(default=0)
    # [start, end, kind, number, table] for each stretch that is shown, see paragraphs.py
    segments = models.JSONField(default=list, blank=True)
    expected = models.PositiveIntegerField(default=0)
    # the document that came first and says the same, the share of characters in common in %
    like = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="alike")
    relation = models.CharField(max_length=10, choices=Relation, blank=True)
    share = models.PositiveSmallIntegerField(null=True, blank=True)
    secrecy = models.CharField(max_length=10, choices=Secrecy, default=Secrecy.INTERNAL)
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    entered_at = models.DateTimeField(null=True, blank=True)
    # The edition before this one, where a person said so.
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="later")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        indexes = [
            models.Index(fields=["status", "-uploaded_at"], name="documents_doc_status"),
            models.Index(fields=["-uploaded_at", "-id"], name="documents_doc_new"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        """The document's reference, ``doc:ID``."""
        return f"doc:{self.pk}"


class DocumentBand(models.Model):
    """A key of a document's fingerprint: documents that share one are compared word by word."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="bands", db_index=False)
    band = models.CharField(max_length=12)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "band"], name="documents_band_once")]
        indexes = [models.Index(fields=["band"], name="documents_band")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.band}"


class Batch(models.Model):
    """Many documents that came in one zip and are read one after the other."""

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = "running", _("读取中")
        PAUSED = "paused", _("已暂停")
        DONE = "done", _("已完成")

    name = models.CharField(max_length=200)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    secrecy = models.CharField(max_length=10, choices=Document.Secrecy, default=Document.Secrecy.INTERNAL)
    total = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """The batch's reference in the journal, ``batch:ID``."""
        return f"batch:{self.pk}"


class BatchFile(models.Model):
    """One file of a batch and its outcome."""

    class Outcome(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("等待")
        READ = "read", _("已读取")
        COPY = "copy", _("同一文件")
        KNOWN = "known", _("以前导入过")
        REFUSED = "refused", _("未能读取")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="files", db_index=False)
    number = models.PositiveIntegerField()
    path = models.CharField(max_length=400)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    problem = models.CharField(max_length=400, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="documents_batch_number")]
        indexes = [models.Index(fields=["batch", "outcome", "number"], name="documents_batch_outcome")]

    def __str__(self) -> str:
        return self.path


class DocumentUnit(models.Model):
    """A unit that has a duty from a document and therefore may open it."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="units", db_index=False)
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "department"], name="documents_unit_once")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.department_id}"


class ListedRecords(Manager):
    """Records that stand: without those merged away or taken back."""

    def get_queryset(self) -> models.QuerySet:
        """All but the gone."""
        return super().get_queryset().exclude(state="gone")


class Record(models.Model):
    """One thing read from a document, with its exact place, what the engine said and what a person made of it."""

    class Kind(models.TextChoices):
        """What it is."""

        TASK = "task", _("任务")
        FIGURE = "figure", _("指标")
        PROJECT = "project", _("项目")
        MECHANISM = "mechanism", _("机制")

    class State(models.TextChoices):
        """What the person decided."""

        PENDING = "pending", _("待确认")
        ACCEPTED = "accepted", _("已接受")
        EDITED = "edited", _("改后接受")
        REJECTED = "rejected", _("不采纳")

        GONE = "gone", _("已并走")

    TAKEN = (State.ACCEPTED, State.EDITED)
    # What a list may show: a record that was merged away, or whose adding was undone, is kept but never listed.
    LISTED = (State.PENDING, State.ACCEPTED, State.EDITED, State.REJECTED)

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="records", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=60, blank=True)
    label = models.CharField(max_length=16, blank=True)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    place = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=300)
    quote = models.TextField()
    payload = models.JSONField(default=dict)
    decided = models.JSONField(default=dict)
    confidence = ScaledDecimalField(default=0)
    by_hand = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    decided_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    opinion = models.CharField(max_length=400, blank=True)
    result_ref = models.CharField(max_length=140, null=True, blank=True)
    problem = models.CharField(max_length=400, blank=True)
    # For comparing figures between documents.
    indicator = models.CharField(max_length=40, null=True, blank=True)
    region = models.CharField(max_length=12, null=True, blank=True)
    period = models.CharField(max_length=40, null=True, blank=True)
    value = ScaledDecimalField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    # Against the edition (or reading) before: '', same, changed, new, gone; the record there and its texts.
    change = models.CharField(max_length=8, blank=True)
    former = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="later")
    earlier = models.JSONField(null=True)
    # The decision the record stands on; see Decision.
    decision = models.ForeignKey("Decision", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    every = Manager()
    objects = ListedRecords()

    class Meta:
        base_manager_name = "every"
        default_manager_name = "objects"
        ordering = ["start", "number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="documents_rec_number"),
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="documents_rec_span"),
            models.CheckConstraint(
                condition=~Q(state="rejected") | Q(result_ref__isnull=True), name="documents_rec_rejected"
            ),
            models.CheckConstraint(
                condition=~Q(state="pending") | Q(result_ref__isnull=True), name="documents_rec_unconfirmed"
            ),
            models.CheckConstraint(condition=~Q(state="gone") | Q(result_ref__isnull=True), name="documents_rec_gone"),
            models.CheckConstraint(
                condition=Q(state="pending") | Q(decided_by__isnull=False), name="documents_rec_decider"
            ),
        ]
        indexes = [
            models.Index(fields=["document", "state", "start"], name="documents_rec_state"),
            models.Index(fields=["document", "start", "end"], name="documents_rec_place"),
            models.Index(fields=["state", "kind", "id"], name="documents_rec_open"),
            models.Index(fields=["indicator", "region", "period"], name="documents_rec_figure"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    @property
    def ref(self) -> str:
        """The reference of the sentence, ``doc:ID#start-end``."""
        return f"doc:{self.document_id}#{self.start}-{self.end}"

    @property
    def is_taken(self) -> bool:
        """Whether a person accepted it, with or without changes."""
        return self.state in self.TAKEN


class Decision(models.Model):
    """One step of a person in a document, over one or many records; the stack of undo and redo.

    A record names the decision it stands on, a row of the decision the one before it: a step can be undone while its
    records stand on it, and redone while they stand on the one before.
    """

    class Standing(models.TextChoices):
        """Whether it counts."""

        DONE = "done", _("有效")
        UNDONE = "undone", _("已撤销")
        DROPPED = "dropped", _("已撤销，不可重做")

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=12)
    title = models.CharField(max_length=120, blank=True)
    count = models.PositiveIntegerField(default=1)
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.DONE)
    turned_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["document", "by", "standing", "-id"], name="documents_dec_stack")]

    def __str__(self) -> str:
        return f"{self.action} {self.title}"


class DecisionRow(models.Model):
    """What a decision changed on one record: the fields before and after, and the decision that stood before."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="rows", db_index=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="steps")
    prior = models.ForeignKey(Decision, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["decision", "record"], name="documents_dec_once")]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.record_id}"


class Term(models.Model):
    """An entry of the site's dictionary: a wording and what it means here, taught by a correction or by hand."""

    class Kind(models.TextChoices):
        """What the wording is."""

        UNIT = "unit", _("单位写法")
        INDICATOR = "indicator", _("指标写法")
        REGION = "region", _("区域写法")
        ROLE = "role", _("责任用语")
        CUT = "cut", _("名称修剪")
        PHRASE = "phrase", _("不作为记录")

    class Standing(models.TextChoices):
        """Whether the reading follows it."""

        PROPOSED = "proposed", _("待采用")
        ACTIVE = "active", _("使用中")
        OFF = "off", _("已停用")

    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=120)
    key = models.CharField(max_length=120)
    region = models.CharField(max_length=12, blank=True)
    # A department's key, an indicator's or division's code, 牵头 or 配合, start or end, a kind of record.
    meaning = models.CharField(max_length=120, blank=True)
    meaning_name = models.CharField(max_length=200, blank=True)
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.PROPOSED)
    by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    document = models.ForeignKey(Document, on_delete=models.SET_NULL, null=True, related_name="terms")
    source = models.CharField(max_length=140, blank=True)
    applied = models.PositiveIntegerField(default=0)
    turned_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    turned_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["kind", "key", "region"], name="documents_term_once")]
        indexes = [models.Index(fields=["standing", "kind"], name="documents_term_use")]

    def __str__(self) -> str:
        return f"{self.text} → {self.meaning_name}"

    @property
    def ref(self) -> str:
        """The entry's reference, ``term:ID``."""
        return f"term:{self.pk}"


class Question(models.Model):
    """One thing a check of a document found: a contradiction or doubt with its places, or what was checked and agrees.

    It stays when the document is checked again (``key``); what is no longer found is not ``standing``.
    """

    class Severity(models.TextChoices):
        """How grave."""

        ERROR = "error", _("矛盾")
        DOUBT = "doubt", _("疑问")

    class Answer(models.TextChoices):
        """What a person says to it."""

        OPEN = "open", _("待核对")
        AS_PRINTED = "as_printed", _("原文无误")
        DOCUMENT_WRONG = "document_wrong", _("原文有误")
        READING_WRONG = "reading_wrong", _("读取有误")
        NOTED = "noted", _("已作说明")

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="questions", db_index=False)
    other = models.ForeignKey(Document, on_delete=models.CASCADE, null=True, related_name="+")
    key = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    severity = models.CharField(max_length=8, choices=Severity)
    holds = models.BooleanField(default=False)
    standing = models.BooleanField(default=True)
    start = models.PositiveIntegerField()
    # [{"start", "end", "quote", "role", "doc", "place"}]
    spans = models.JSONField(default=list)
    arithmetic = models.CharField(max_length=600, blank=True)
    facts = models.JSONField(default=dict)
    words = models.CharField(max_length=600)
    answer = models.CharField(max_length=16, choices=Answer, default=Answer.OPEN)
    note = models.CharField(max_length=400, blank=True)
    answered_by = models.ForeignKey(_PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["document", "start", "id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "key"], name="documents_question_once"),
            models.CheckConstraint(
                condition=Q(answer="open") | Q(answered_by__isnull=False), name="documents_question_person"
            ),
        ]
        indexes = [
            models.Index(fields=["standing", "holds", "answer", "severity"], name="documents_question_open"),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def ref(self) -> str:
        """The reference of its first place, ``doc:ID#start-end``."""
        first = self.spans[0]
        return f"doc:{self.document_id}#{first['start']}-{first['end']}"
