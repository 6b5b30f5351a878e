"""Short secrets kept in the database, sealed with SM4-GCM (GB/T 32907) under a key of this installation.

What is sealed is bound to its place, so that it opens nowhere else. Each use has its own key file under ``keys``;
losing the file loses what was sealed, nothing else.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ecocloud.base import secret_files
from ecocloud.base.errors import EcoError

_NONCE, _TAG = 12, 16


class SealBroken(EcoError):
    """What was sealed does not open: altered, moved to another place, or sealed under another key."""

    code = "seal.broken"
    http_status = 500


@cache
def _key(path: Path) -> bytes:
    return hashlib.sha256(secret_files.read_or_create(path).encode("ascii")).digest()[:16]


def _cipher(key: Path, nonce: bytes, tag: bytes | None = None) -> Cipher:
    return Cipher(algorithms.SM4(_key(key)), modes.GCM(nonce, tag))


def seal(secret: bytes, place: str, key: Path) -> bytes:
    """``secret`` sealed for ``place`` (such as ``MN/password``) under the key file: nonce, tag, ciphertext."""
    nonce = os.urandom(_NONCE)
    encryptor = _cipher(key, nonce).encryptor()
    encryptor.authenticate_additional_data(place.encode())
    body = encryptor.update(secret) + encryptor.finalize()
    return nonce + encryptor.tag + body


def unseal(sealed: bytes, place: str, key: Path) -> bytes:
    """What was sealed for ``place``; raises :class:`SealBroken` for anything altered, moved or of another key."""
    sealed = bytes(sealed)
    nonce, tag, body = sealed[:_NONCE], sealed[_NONCE : _NONCE + _TAG], sealed[_NONCE + _TAG :]
    if len(tag) == _TAG:
        decryptor = _cipher(key, nonce, tag).decryptor()
        decryptor.authenticate_additional_data(place.encode())
        try:
            return decryptor.update(body) + decryptor.finalize()
        except InvalidTag:
            pass
    raise SealBroken(
        "加密保存的内容无法解开。", f"the seal of {place} does not open", value=place,
        remedy_zh=f"请恢复 keys/{key.name}。",
    )  # fmt: skip
