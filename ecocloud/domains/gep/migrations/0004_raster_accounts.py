import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_initial"),
        ("gep", "0003_disclosure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RasterFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "accounting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="raster_files", to="gep.accounting"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RasterAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=80)),
                ("config", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "准备中"),
                            ("checked", "已检查"),
                            ("queued", "排队"),
                            ("running", "核算中"),
                            ("done", "已完成"),
                            ("failed", "未完成"),
                            ("cancelled", "已取消"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("told", models.JSONField(blank=True, default=dict)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("job", models.BigIntegerField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                (
                    "accounting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rasters", to="gep.accounting"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("year__gte", 1990), ("year__lte", 2100)), name="gep_raster_year"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(("digest", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="gep_raster_digest",
                    ),
                ],
            },
        ),
    ]
