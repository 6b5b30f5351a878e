import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import ecocloud.base.units.fields


class Migration(migrations.Migration):
    dependencies = [("gep", "0001_accountings"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Published",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField()),
                ("service", models.CharField(blank=True, max_length=40)),
                ("value", ecocloud.base.units.fields.ScaledDecimalField(scale=2)),
                ("source", models.CharField(max_length=200)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "accounting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="published", to="gep.accounting"
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
                "ordering": ["year", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("accounting", "year", "service"), name="gep_published_once"),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="gep_published_source"
                    ),
                ],
            },
        ),
    ]
