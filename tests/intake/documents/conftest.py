"""Fixtures of the review: a made-up city, a document in review."""

import importlib.util
from pathlib import Path

import pytest

_FILE = Path(__file__).parent / "review_site.py"


@pytest.fixture(scope="session")
def review_site():
    """The module ``review_site``."""
    spec = importlib.util.spec_from_file_location("review_site", _FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def place(db, review_site, settings, tmp_path):
    """The made-up city; files are kept under a folder of the test."""
    from django.core.cache import cache, caches

    settings.MEDIA_ROOT = tmp_path / "files"
    cache.clear()
    caches["shared"].clear()
    return review_site.build()


@pytest.fixture
def plan(place, review_site):
    """A work plan that was read and waits for review."""
    from ecocloud.intake.documents import services

    document, known = services.upload(place.clerk, "工作要点.txt", review_site.PLAN.encode())
    assert not known
    return document


@pytest.fixture
def inside(client):
    """``inside(user)``: a browser in which that person is signed in."""

    def enter(user):
        from django_otp import DEVICE_ID_SESSION_KEY
        from django_otp.plugins.otp_totp.models import TOTPDevice

        client.force_login(user)
        device, _ = TOTPDevice.objects.get_or_create(user=user, confirmed=True, defaults={"name": "x"})
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id
        session.save()
        return client

    return enter
