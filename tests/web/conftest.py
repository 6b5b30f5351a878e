"""One signed-in client for each role, with the second factor where the role needs it."""

import pytest
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice


@pytest.fixture
def client_for_role(db, settings):
    """``client_for_role("office")``: a client of a new person who holds just that role."""
    from django.utils import timezone

    from ecocloud.kernel.regions import services
    from ecocloud.kernel.regions.models import Department, Region, Role, RoleGrant, User

    services.sync_roles()

    def make(code: str) -> Client:
        region, _ = Region.objects.get_or_create(code="360800", defaults={"name": "甲市", "level": "city"})
        unit, _ = Department.objects.get_or_create(code="t-unit", defaults={"name": "甲市乙局", "region": region})
        user = User.objects.create(
            username=f"test-{code}",
            name="测试",
            department=unit,
            must_change_password=False,
            password_changed_at=timezone.now(),
        )
        user.set_unusable_password()
        user.save()
        RoleGrant.objects.create(user=user, role=Role.objects.get(code=code))
        user.refresh_from_db()
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        if code in ("sysadmin", "secadmin", "auditadmin"):
            device = TOTPDevice.objects.create(user=user, name="test", confirmed=True)
            session = client.session
            session[DEVICE_ID_SESSION_KEY] = device.persistent_id
            session.save()
        return client

    return make
