"""The scaled decimal column on a real SQLite table, without a model of the product."""

from decimal import Decimal

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, models
from django.db.models import F, Max, Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.units.fields import ScaledAvg, ScaledDecimalField, scaled

D = Decimal
FIELD = ScaledDecimalField()


class UnitsProbe(models.Model):
    """A table that exists only in this test."""

    value = ScaledDecimalField(null=True)
    other = ScaledDecimalField(default=D(0))

    class Meta:
        app_label = "units_probe"
        managed = False
        db_table = "units_probe"

    def __str__(self) -> str:
        return str(self.value)


@pytest.mark.parametrize(
    ("value", "stored"),
    [("1.5", 1_500_000), ("0", 0), ("-0", 0), ("-0.000001", -1), ("9223372036854.775807", 2**63 - 1),
     ("-9223372036854.775807", -(2**63 - 1)), ("1E+3", 1_000_000_000), ("2.500000000", 2_500_000), ("0E-30", 0)],
)  # fmt: skip
def test_stored_integer(value, stored):
    assert FIELD.get_prep_value(D(value)) == stored
    assert FIELD.from_db_value(stored, None, None) == D(value)


@pytest.mark.parametrize(
    ("value", "code"),
    [(D("0.0000001"), "decimals"), (D("1.0000001"), "decimals"), (D("1E-400"), "decimals"),
     (D("9223372036854.775808"), "range"), (D("1E+400"), "range"), (D("NaN"), "invalid"), (D("Infinity"), "invalid"),
     ("abc", "invalid"), ("", "invalid"), (True, "invalid"), (0.1, "float")],
)  # fmt: skip
def test_what_cannot_be_stored_exactly_is_refused(value, code):
    with pytest.raises(ValidationError) as caught:
        FIELD.get_prep_value(value)
    assert caught.value.code == code
    assert len(caught.value.messages) == 1 and caught.value.messages[0].endswith(("。", "."))


def test_round_trip(full_size):
    @settings(max_examples=5000 if full_size else 200, deadline=None)
    @given(st.integers(-(2**63 - 1), 2**63 - 1))
    def check(stored):
        value = FIELD.from_db_value(stored, None, None)
        assert FIELD.get_prep_value(value) == stored
        assert "E" not in str(value)

    check()


def test_form_and_migration():
    form = FIELD.formfield()
    assert form.clean("12.345678") == D("12.345678")
    with pytest.raises(ValidationError):
        form.clean("1.2345678")
    assert "scale" not in FIELD.deconstruct()[3]
    assert ScaledDecimalField(scale=2).deconstruct()[3]["scale"] == 2
    assert ScaledDecimalField(scale=2).get_prep_value(D("1.25")) == 125
    assert FIELD.clean("3.5", None) == D("3.5")


@pytest.mark.django_db
class TestInTheDatabase:
    """Filters, ordering and sums on the stored integers give the Decimals' answers."""

    @pytest.fixture(autouse=True)
    def table(self):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE units_probe (id INTEGER PRIMARY KEY, value BIGINT, other BIGINT)")
        for number, value in enumerate([D("0.1"), D("0.2"), D("-5"), D("1000000000.000001"), None], start=1):
            UnitsProbe(id=number, value=value).save(force_insert=True)
        yield
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE units_probe")

    def test_reading_back(self):
        assert UnitsProbe.objects.get(pk=4).value == D("1000000000.000001")
        assert UnitsProbe.objects.get(pk=5).value is None

    def test_filters(self):
        def ids(**condition):
            return sorted(UnitsProbe.objects.filter(**condition).values_list("id", flat=True))

        assert ids(value=D("0.1")) == [1]
        assert ids(value__gt=D("0.1")) == [2, 4]
        assert ids(value__gte=D("0.1")) == [1, 2, 4]
        assert ids(value__lt=0) == [3]
        assert ids(value__in=[D("0.2"), D(-5)]) == [2, 3]
        assert ids(value__range=(D("0.15"), D("0.25"))) == [2]
        assert ids(value__isnull=True) == [5]
        for lookup in ("value__gte", "value__gt", "value__lt", "value__lte", "value"):
            with pytest.raises(ValidationError):
                ids(**{lookup: 0.5})

    def test_ordering_sum_and_average(self):
        ordered = UnitsProbe.objects.filter(value__isnull=False).order_by("value").values_list("id", flat=True)
        assert list(ordered) == [3, 1, 2, 4]
        totals = UnitsProbe.objects.filter(pk__lte=3).aggregate(s=Sum("value"), m=Max("value"), a=ScaledAvg("value"))
        assert totals == {"s": D("-4.7"), "m": D("0.2"), "a": D("-1.566667")}
        assert UnitsProbe.objects.filter(pk=99).aggregate(s=Sum("value"))["s"] is None

    def test_expressions(self):
        UnitsProbe.objects.filter(pk=1).update(other=F("value") + scaled("1.5"))
        assert UnitsProbe.objects.get(pk=1).other == D("1.6")
        row = UnitsProbe.objects.annotate(gap=F("value") - F("other")).get(pk=1)
        assert row.gap == D("-1.5")
        double = UnitsProbe.objects.annotate(twice=F("other") * 2).get(pk=1)
        assert double.twice == D("3.2")

    @pytest.mark.parametrize(
        "expression", [F("value") + 1, F("value") * F("other"), F("value") / 2, 1 - F("value"), F("value") + D("0.5")]
    )
    def test_mixing_scaled_and_plain_numbers_is_refused(self, expression):
        with pytest.raises(FieldError):
            UnitsProbe.objects.annotate(wrong=expression).get(pk=1)
