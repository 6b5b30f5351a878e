"""Passwords and keys of devices, sealed with SM4-GCM under a key of this installation (``keys/devices.key``).

What is sealed is bound to its place, so that it opens for no other device. Losing the key file loses the passwords,
not the measurements: they are entered anew.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

from ecocloud.base import secret_files
from ecocloud.intake.monitoring.stations.errors import SealBroken

_NONCE, _TAG = 12, 16


@cache
def _key(path: Path) -> bytes:
    return hashlib.sha256(secret_files.read_or_create(path).encode("ascii")).digest()[:16]


def _cipher(nonce: bytes, tag: bytes | None = None) -> Cipher:
    return Cipher(algorithms.SM4(_key(settings.HOME / "keys" / "devices.key")), modes.GCM(nonce, tag))


def seal(secret: bytes, place: str) -> bytes:
    """``secret`` sealed for ``place`` (such as ``MN/password``): nonce, tag, ciphertext."""
    nonce = os.urandom(_NONCE)
    encryptor = _cipher(nonce).encryptor()
    encryptor.authenticate_additional_data(place.encode())
    body = encryptor.update(secret) + encryptor.finalize()
    return nonce + encryptor.tag + body


def unseal(sealed: bytes, place: str) -> bytes:
    """What was sealed for ``place``; raises :class:`SealBroken` for anything altered, moved or of another key."""
    sealed = bytes(sealed)
    nonce, tag, body = sealed[:_NONCE], sealed[_NONCE : _NONCE + _TAG], sealed[_NONCE + _TAG :]
    if len(tag) == _TAG:
        decryptor = _cipher(nonce, tag).decryptor()
        decryptor.authenticate_additional_data(place.encode())
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag:
            pass
    raise SealBroken(
        "设备口令无法解开。", f"the seal of {place} does not open", value=place,
        remedy_zh="请恢复 keys/devices.key，或重新填写该设备的口令。",
    )  # fmt: skip
