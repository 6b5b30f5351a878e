"""The encrypted data region of HJ 212-2025: SM4 in ECB mode without padding.

Whole blocks of 16 bytes stand as ``{0xE4,0x3E,...}``; a tail shorter than a block stays as it is. CRC and length are
those of the plain segment (the text's own examples once give the encrypted length: both are accepted).
"""

from __future__ import annotations

import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16
MARK = b"CP=&&{0"
_GROUP = re.compile(rb"\{(0[xX][0-9A-Fa-f]{2}(?:,\s*0[xX][0-9A-Fa-f]{2})*),?\}")


def _cipher(key: bytes) -> Cipher:
    return Cipher(algorithms.SM4(key), modes.ECB())


def decrypted(region: bytes, key: bytes) -> bytes | None:
    """The plain data region (what stands between the ``&&``), or None when it is not in the form of the standard.

    region: as sent, ``{0x..,0x..}tail``. key: 16 bytes.
    """
    match = _GROUP.match(region)
    if match is None:
        return None
    listed = bytes(int(item, 16) for item in match.group(1).split(b","))
    if len(listed) % BLOCK:
        return None
    return _cipher(key).decryptor().update(listed) + region[match.end() :]


def encrypted(region: bytes, key: bytes) -> bytes:
    """A plain data region in the form it is sent in: whole blocks as ``{0x..,0x..}``, the tail plain."""
    whole = len(region) - len(region) % BLOCK
    if not whole:
        return region
    blocks = _cipher(key).encryptor().update(region[:whole])
    return b"{" + b",".join(b"0x%02X" % byte for byte in blocks) + b"}" + region[whole:]
