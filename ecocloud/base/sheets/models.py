"""Tables of staged imports and saved mappings."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ecocloud.base.sheets.faults import CellFault


class SavedMapping(models.Model):
    """How a unit's own headers were mapped last time: normalised header to column key, empty to leave out."""

    target = models.CharField("导入项", max_length=60)
    owner = models.CharField("所有者", max_length=40)
    name = models.CharField("名称", max_length=100)
    headers = models.JSONField("列对应")
    at = models.DateTimeField("保存时间", auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target", "owner", "name"], name="sheets_mapping_name")]

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """One upload on its way: uploaded, staging, previewed, (committing,) committed; or cancelled."""

    class Status(models.TextChoices):
        """Where the batch stands."""

        UPLOADED = "uploaded", _("已上传")
        STAGING = "staging", _("校验中")
        PREVIEWED = "previewed", _("待确认")
        COMMITTING = "committing", _("写入中")
        COMMITTED = "committed", _("已导入")
        CANCELLED = "cancelled", _("已取消")

    target = models.CharField("导入项", max_length=60)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="文件")
    mapping = models.JSONField("列对应")
    status = models.CharField("状态", max_length=12, choices=Status.choices, default=Status.UPLOADED)
    size = models.PositiveIntegerField("文件行数", default=0)
    job = models.BigIntegerField("后台任务", null=True)
    written = models.PositiveIntegerField("已写到的行号", default=0)
    total = models.PositiveIntegerField("行数", default=0)
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    same = models.PositiveIntegerField("不变", default=0)
    wrong = models.PositiveIntegerField("错误", default=0)
    skipped_errors = models.BooleanField("跳过错误行", default=False)
    notes = models.JSONField("提示", default=list)
    result = models.JSONField("结果", default=dict)
    created_by = models.CharField("导入人", max_length=40, db_index=True)
    created_by_name = models.CharField("导入人姓名", max_length=80)
    at = models.DateTimeField("上传时间", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        indexes = [models.Index(fields=["target", "created_by", "-id"], name="sheets_batch_mine")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(total=models.F("new") + models.F("changed") + models.F("same") + models.F("wrong")),
                name="sheets_batch_total",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["uploaded", "staging", "previewed", "committing", "committed", "cancelled"]
                ),
                name="sheets_batch_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.pk}"

    def counts(self) -> dict[str, int]:
        """Rows by outcome."""
        return {"new": self.new, "changed": self.changed, "same": self.same, "wrong": self.wrong}


class ImportRow(models.Model):
    """One staged row with its outcome."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows", verbose_name="批次")
    number = models.PositiveIntegerField("行号")
    outcome = models.CharField("结果", max_length=8)
    key = models.JSONField("主键")
    values = models.JSONField("内容")
    diffs = models.JSONField("差异")
    faults = models.JSONField("错误")
    notes = models.JSONField("提示")
    seen = models.CharField("预览时原值指纹", max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="sheets_row_number"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["new", "changed", "same", "wrong"]), name="sheets_row_outcome"
            ),
        ]
        indexes = [models.Index(fields=["batch", "outcome", "number"], name="sheets_row_outcome_ix")]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.number}"

    def fault_list(self) -> list[CellFault]:
        """The faults of the row."""
        return [CellFault.from_list(items) for items in self.faults]
