"""The table of stored files."""

from django.db import models


class StoredFile(models.Model):
    """One upload. Equal bytes share ``path``; every upload keeps its own name, person and time."""

    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)
    sm3 = models.CharField("SM3", max_length=64, null=True, blank=True)
    size = models.BigIntegerField("大小（字节）")
    kind = models.CharField("类型", max_length=20)
    name = models.CharField("文件名", max_length=200)
    path = models.CharField("存放位置", max_length=80)
    uploaded_by = models.CharField("上传人", max_length=120)
    at = models.DateTimeField("上传时间", auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(size__gt=0), name="files_size_positive")]

    def __str__(self) -> str:
        return self.name
