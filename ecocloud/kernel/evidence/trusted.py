"""Rules that confirm values in a reviewer's name 规则确认: declared by rooms above, switched on by a person.

A rule only ever looks at a value that somebody else has handed in; it never confirms a correction, and what it says
against a value keeps that value for a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ecocloud.kernel.evidence.errors import EvidenceError
from ecocloud.kernel.evidence.models import Observation


@dataclass(frozen=True)
class TrustedRule:
    """A rule. zh, en: what it vouches for; against(value): why it does not vouch for a value, in Chinese; '' when it
    does.
    """

    code: str
    zh: str
    en: str
    against: Callable[[Observation], str]


_RULES: dict[str, TrustedRule] = {}


def register_rule(rule: TrustedRule) -> None:
    """Declare a rule; called once at start."""
    _RULES[rule.code] = rule


def rule_of(code: str) -> TrustedRule:
    """The rule of a code; raises EvidenceError for others."""
    if code not in _RULES:
        raise EvidenceError(f"没有确认规则“{code}”。", f"no rule {code!r}", value=code)
    return _RULES[code]


def words(code: str) -> tuple[str, str]:
    """What a rule vouches for, Chinese and English; the code itself where its room is no longer there."""
    rule = _RULES.get(code)
    return (rule.zh, rule.en) if rule else (code, code)
