"""What ``ecocloud check`` says about uploads and keys."""

import io

import pytest

from ecocloud.web import health

pytestmark = pytest.mark.django_db


def test_a_missing_upload_is_named(settings, tmp_path):
    from ecocloud.base.files import services
    from ecocloud.base.files.kinds import FileKind

    settings.MEDIA_ROOT = tmp_path
    kept = services.store("要点.txt", io.BytesIO("工作要点".encode()), {FileKind.TXT}, "test")
    assert health.files() == []
    (tmp_path / kept.path).unlink()
    assert len(health.files()) == 1 and "要点.txt" in health.files()[0]


def test_a_key_that_others_may_read_is_named(settings, tmp_path):
    key = tmp_path / "keys" / "django.key"
    key.parent.mkdir()
    key.write_text("x")
    key.chmod(0o600)
    settings.HOME, settings.JOURNAL_KEY_FILE = tmp_path, tmp_path / "none"
    assert health.keys() == []
    key.chmod(0o640)
    assert "django.key" in health.keys()[0]
