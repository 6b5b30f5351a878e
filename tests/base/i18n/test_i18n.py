"""Catalogues, extraction and the language rule. Compiled files are read back with Python's own gettext."""

import gettext
import os

import pytest

from ecocloud.base.i18n import (
    CatalogueError,
    choose_language,
    compile_catalogs,
    complete_rooms,
    extract_messages,
    locale_paths,
    missing_translations,
    unreadable_calls,
)
from ecocloud.base.i18n.__main__ import main
from ecocloud.base.i18n.catalogues import PACKAGE
from ecocloud.base.i18n.messages import skeleton

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
TITLE = gettext_lazy("督办事项")
def page(count):
    return _("办结"), ngettext("%(n)s 项", "%(n)s 项（多）", count), pgettext("灯", "红"), _("第一行"
        "第二行"), _("")
"""
TEMPLATE = """{% load i18n %}
<h1 title="{% translate '标题' %}">{% trans '正文 "引"' %}</h1>
{% blocktranslate with n=count trimmed %}
  共 {{ n }} 项，占 100%
{% endblocktranslate %}
{% blocktrans count n=count %}一项{% plural %}{{ n }} 项{% endblocktrans %}
{{ _("变量里的") }} <p>It's don't "half
{% comment %}{% trans "不要" %}{% endcomment %}
"""


@pytest.fixture
def package(tmp_path):
    room = tmp_path / "web"
    (room / "templates").mkdir(parents=True)
    (room / "static").mkdir()
    (room / "views.py").write_text(PYTHON, encoding="utf-8")
    (room / "templates" / "page.html").write_text(TEMPLATE, encoding="utf-8")
    (room / "static" / "x.html").write_text('{% trans "静态" %}', encoding="utf-8")
    folder = room / "locale" / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(HEAD + 'msgid "办结"\nmsgstr "closed"\n', encoding="utf-8")
    return tmp_path


def po(package):
    return package / "web" / "locale" / "en" / "LC_MESSAGES" / "django.po"


def test_compiled_catalogue_is_read_by_gettext(package):
    po(package).write_text(
        HEAD + 'msgid "办结"\nmsgstr "closed"\n\n'
        'msgid "一项"\nmsgid_plural "%(n)s 项"\nmsgstr[0] "one"\nmsgstr[1] "%(n)s items"\n\n'
        'msgctxt "灯"\nmsgid "红"\nmsgstr "red"\n\nmsgid "空"\nmsgstr ""\n\n#, fuzzy\nmsgid "旧"\nmsgstr "old"\n',
        encoding="utf-8",
    )
    written = compile_catalogs(package)
    assert [path.name for path in written] == ["django.mo"]
    with written[0].open("rb") as source:
        catalogue = gettext.GNUTranslations(source)
    assert catalogue.gettext("办结") == "closed"
    assert [catalogue.ngettext("一项", "%(n)s 项", n) for n in (1, 2)] == ["one", "%(n)s items"]
    assert catalogue.pgettext("灯", "红") == "red"
    assert catalogue.gettext("空") == "空"
    assert catalogue.gettext("旧") == "旧"
    assert not list(written[0].parent.glob("*.tmp"))


def test_only_newer_catalogues_are_compiled(package):
    assert len(compile_catalogs(package)) == 1
    assert compile_catalogs(package) == []
    assert len(compile_catalogs(package, force=True)) == 1
    stat = po(package).stat()
    os.utime(po(package), ns=(stat.st_atime_ns, stat.st_mtime_ns + 10**10))
    assert len(compile_catalogs(package)) == 1


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ('msgid "共 %(n)s 项"\nmsgstr "total %(m)s"\n', 7),
        ('msgid "共 %(n)s 项"\nmsgstr "total"\n', 7),
        ('msgid "共"\nmsgstr "total %s"\n', 7),
        ('msgid "第 {} 页"\nmsgstr "page"\n', 7),
        ('msgid "共"\nmsgstr "total\n', 8),
        ('msgid "共"\nnonsense "total"\n', 8),
    ],
)
def test_a_wrong_catalogue_is_named_and_the_old_one_stays(package, entry, line):
    (old,) = compile_catalogs(package)
    before = old.read_bytes()
    po(package).write_text(HEAD + entry, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        compile_catalogs(package, force=True)
    assert caught.value.where["file"].endswith("django.po")
    assert caught.value.where["line"] == line
    assert old.read_bytes() == before


def test_extraction(package):
    found = {(message.msgid, message.plural, message.context) for message in extract_messages(package)}
    assert found == {
        ("督办事项", "", ""),
        ("办结", "", ""),
        ("%(n)s 项", "%(n)s 项（多）", ""),
        ("红", "", "灯"),
        ("第一行第二行", "", ""),
        ("标题", "", ""),
        ('正文 "引"', "", ""),
        ("共 %(n)s 项，占 100%%", "", ""),
        ("一项", "%(n)s 项", ""),
        ("变量里的", "", ""),
    }
    by_text = {message.msgid: message for message in extract_messages(package)}
    assert (by_text["办结"].room, by_text["办结"].file, by_text["办结"].line) == ("web", "web/views.py", 5)
    assert by_text["标题"].line == 2


def test_missing(package):
    missing = missing_translations(package)
    assert list(missing) == ["web"]
    texts = [message.msgid for message in missing["web"]]
    assert "办结" not in texts and "督办事项" in texts and len(texts) == 9
    assert missing_translations(package, rooms=["base/units"]) == {}
    filled = (
        skeleton(missing["web"])
        .replace('msgstr ""', 'msgstr "x"')
        .replace('[0] ""', '[0] "x"')
        .replace('[1] ""', '[1] "x"')
    )
    assert 'msgctxt "灯"' in filled and 'msgid "正文 \\"引\\""' in filled
    filled = filled.replace('msgstr "x"', 'msgstr ""', 0)
    po(package).write_text(HEAD + 'msgid "办结"\nmsgstr "closed"\n\n' + _with_placeholders(filled), encoding="utf-8")
    assert missing_translations(package) == {}


def _with_placeholders(text):
    blocks = []
    for block in text.split("\n\n"):
        blocks.append(block.replace('"x"', '"x %(n)s"') if "%(n)s" in block else block)
    return "\n\n".join(blocks)


def test_unreadable_calls(tmp_path):
    (tmp_path / "a.py").write_text('_("好")\n_(f"第{1}页")\n_(name)\ngettext("a" + "b")\n', encoding="utf-8")
    assert unreadable_calls(tmp_path) == [("a.py", 2), ("a.py", 3), ("a.py", 4)]


def test_complete_rooms_have_every_text_in_english():
    rooms = complete_rooms()
    assert rooms and all((PACKAGE / room).is_dir() for room in rooms)
    missing = missing_translations(rooms=rooms)
    assert missing == {}, "\n" + "\n".join(f"{m.file}:{m.line} {m.msgid}" for found in missing.values() for m in found)
    assert [call for call in unreadable_calls() if call[0].rsplit("/", 1)[0] in rooms] == []


def test_every_catalogue_of_the_package_can_be_compiled(tmp_path):
    import shutil

    for folder in locale_paths():
        shutil.copytree(folder, tmp_path / folder.relative_to(PACKAGE))
    assert len(compile_catalogs(tmp_path, force=True)) >= 1


@pytest.mark.parametrize(
    ("asked", "stored", "expected"),
    [(None, None, "zh-hans"), ("en", None, "en"), (None, "en", "en"), ("zh-hans", "en", "zh-hans"), ("fr", "en", "en"),
     ("", "xx", "zh-hans"), ("EN", None, "zh-hans")],
)  # fmt: skip
def test_language(asked, stored, expected):
    assert choose_language(asked, stored) == expected


def test_command(capsys):
    assert main(["missing", "base/units"]) == 0
    assert main(["skeleton", "base/units"]) == 0
    assert capsys.readouterr().out == ""
