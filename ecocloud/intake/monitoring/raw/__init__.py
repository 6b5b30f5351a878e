"""The raw journal 原始流水: what a gateway received, byte by byte, durable before anything is acknowledged."""

from ecocloud.intake.monitoring.raw.layout import Kind
from ecocloud.intake.monitoring.raw.problems import CannotStore, Damaged, Locked, NotFound
from ecocloud.intake.monitoring.raw.reader import Block, Reader, Record, find
from ecocloud.intake.monitoring.raw.writer import Writer

__all__ = ["Block", "CannotStore", "Damaged", "Kind", "Locked", "NotFound", "Reader", "Record", "Writer", "find"]
