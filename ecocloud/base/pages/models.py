"""Saved views: the filters a person gave a name."""

from django.db import models


class SavedView(models.Model):
    """A named set of filters of one list, for one person. Holds parameters, never data."""

    user = models.CharField("用户", max_length=64)
    list_key = models.CharField("列表", max_length=80)
    name = models.CharField("名称", max_length=40)
    query = models.CharField("条件", max_length=1000, blank=True)
    created = models.DateTimeField("保存时间", auto_now_add=True)

    class Meta:
        db_table = "pages_saved_view"
        constraints = [
            models.UniqueConstraint(fields=["user", "list_key", "name"], name="pages_view_unique"),
        ]

    def __str__(self) -> str:
        return self.name
