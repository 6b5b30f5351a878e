"""Repairs of single characters: mark, entities left in the text, invisible characters, glosses, stray spaces."""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import html5

from ecocloud.intake.documents.text.source import SourceText

TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
GLOSS = re.compile(rf"(?<=[\u3400-\u9fff])[（(]([a-zü{TONES}]{{1,7}})[）)]")
GLOSSES_NEEDED = 3
# With the semicolon every known name; without it only the names that web pages lose it from.
ENTITY = re.compile(
    r"&(?:amp;)?(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,9};"
    r"|(?:nbsp|ldquo|rdquo|lsquo|rsquo|mdash|middot|hellip|ensp|emsp)(?![A-Za-z0-9;]))"
)
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]+")
# Forms that pdf text layers hold instead of the character itself: radicals and compatibility ideographs.
FORMS = re.compile("[\u2e80-\u2fd5\uf900-\ufad9\U0002f800-\U0002fa1d]")
LOST = re.compile("(?<=[\\d.])\ufffd+|\ufffd+(?=[\\d.])")
HAN = "\u3400-\u9fff\uf900-\ufaff"
SPACE = "[ \u00a0\u2000-\u200a\u202f\u205f\u3000]"
INNER_SPACES = re.compile(rf"(?<=[{HAN}\w，。；：、“”（）()%％])(?:{SPACE}{{2,}})(?=[{HAN}\w，。；：、“”（）()%％])")
LETTER_SPACED = re.compile(rf"(?<![{HAN}])(?:[{HAN}]{SPACE}){{4,}}[{HAN}](?![{HAN}])")
SPACES = re.compile(f"{SPACE}+")
RUNNING = re.compile("[。；，]")
RUNNING_LENGTH = 30


def drop_mark(source: SourceText) -> SourceText:
    """Take a byte order mark out of the text that is read; it keeps its place in the original."""
    return source.edit("byte_order_mark", [(0, 1, "")] if source.text.startswith("\ufeff") else [])


def decode_entities(source: SourceText) -> SourceText:
    """HTML entities that were left in the text (``&nbsp;``, ``&#8220;``, ``&amp;nbsp;``) become their character."""
    if "&" not in source.text:
        return source
    edits = []
    for found in ENTITY.finditer(source.text):
        name = found.group(1)
        if name.startswith("#") or name in html5 or f"{name};" in html5:
            new = html.unescape(f"&{name}" if name.endswith(";") else f"&{name};")
            if len(new) == 1 and (new.isprintable() or new.isspace()):
                edits.append((*found.span(), new))
    return source.edit("html_entities", edits)


def mark_lost(source: SourceText) -> SourceText:
    """A lost character (U+FFFD) beside a digit destroys the number: it becomes ``_``, which no rule reads a value from;
    the count is that of all lost characters."""
    found = list(LOST.finditer(source.text))
    if not found:
        return source
    pieces = source.edit("lost_characters", [(m.start(), m.end(), "_" * len(m.group())) for m in found])
    pieces.repairs["lost_characters"] = source.text.count("\ufffd")
    return pieces


def drop_invisible(source: SourceText) -> SourceText:
    """Zero-width characters, direction marks and soft hyphens are taken out."""
    return source.edit("invisible_characters", [(*m.span(), "") for m in INVISIBLE.finditer(source.text)])


def plain_forms(source: SourceText) -> SourceText:
    """Radicals and compatibility ideographs become the usual character of the same shape."""
    edits = []
    for found in FORMS.finditer(source.text):
        new = unicodedata.normalize("NFKC", found.group())
        if len(new) == 1 and new != found.group():
            edits.append((*found.span(), new))
    return source.edit("character_forms", edits)


def drop_glosses(source: SourceText) -> SourceText:
    """Remove pinyin glosses such as ``乡(xiāng)``: at least three with a tone mark prove that the text is glossed."""
    found = list(GLOSS.finditer(source.text))
    toned = [m for m in found if any(c in TONES for c in m.group(1))]
    if len(toned) < GLOSSES_NEEDED:
        return source
    return source.edit("pinyin_glosses", [(*m.span(), "") for m in found])


def drop_spaces(source: SourceText) -> SourceText:
    """Spaces inside running sentences: two or more in a row, and words set letter by letter.

    A line counts as running when it is long and has a comma, semicolon or full stop; short lines (titles, signatures,
    columns) keep their spaces.
    """
    edits, at = [], 0
    for line in source.text.split("\n"):
        start, at = at, at + len(line) + 1
        if len(line) < 9 or not SPACES.search(line):
            continue
        wide = [m.span() for m in LETTER_SPACED.finditer(line)]
        spans = {s.span() for a, b in wide for s in SPACES.finditer(line, a, b)}
        if len(line) >= RUNNING_LENGTH and RUNNING.search(line) and "\t" not in line:
            spans |= {m.span() for m in INNER_SPACES.finditer(line)}
        for a, b in sorted(spans):
            latin = line[a - 1].isascii() and line[b : b + 1].isascii()
            edits.append((start + a, start + b, " " if latin else ""))
    return source.edit("stray_spaces", edits)
