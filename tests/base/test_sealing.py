"""Sealed secrets open at their place under their key, and nowhere else."""

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ecocloud.base import sealing


def test_what_is_sealed_opens_at_its_place_under_its_key_only(tmp_path):
    key, other = tmp_path / "a.key", tmp_path / "b.key"
    sealed = sealing.seal("电话".encode(), "R1/contact", key)
    assert sealing.unseal(sealed, "R1/contact", key) == "电话".encode()
    assert sealing.seal("电话".encode(), "R1/contact", key) != sealed
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for wrong in ((altered, "R1/contact", key), (sealed, "R2/contact", key), (sealed, "R1/contact", other),
                  (b"", "R1/contact", key), (sealed[:20], "R1/contact", key)):  # fmt: skip
        with pytest.raises(sealing.SealBroken):
            sealing.unseal(*wrong)


def test_nothing_is_sealed_into_nothing(tmp_path):
    assert sealing.unseal(sealing.seal(b"", "p", tmp_path / "k"), "p", tmp_path / "k") == b""


def test_the_cipher_is_that_of_the_standard():
    # GB/T 32907-2016, annex A, example 1
    key = plain = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    assert (encryptor.update(plain) + encryptor.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"
