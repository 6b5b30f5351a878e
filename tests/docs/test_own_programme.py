"""The guide to a programme of one's own: every command and snippet of the page, in its order, as a new user would."""

import re
import shlex
from decimal import Decimal

import pytest
from django.utils import timezone

from ecocloud import cli
from ecocloud.kernel.evidence.services import load_catalogue
from ecocloud.kernel.regions.models import Department, Region, User
from ecocloud.kernel.regions.services import CONSOLE, grant_role, sync_roles
from ecocloud.kernel.registers import services
from ecocloud.kernel.registers.errors import StepRefused, ValuesRefused
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import packs

PAGE = "docs/make_your_own_programme.md"
BLOCK = re.compile(r"(?:<!-- (\S+) -->\n)?```(\w+)\n(.*?)```", re.S)
KEY = re.compile(r"^(\w+):", re.M)


def merged(text: str, snippet: str) -> str:
    """The file with the keys of the snippet replaced, or added at its end."""
    for key, part in _parts(snippet).items():
        old = _parts(text).get(key)
        text = text.replace(old, part) if old else (text.rstrip("\n") + "\n" if text else "") + part
    return text


def _parts(text: str) -> dict[str, str]:
    """The text of every key at the margin with what stands under it."""
    begins = [(match[1], match.start()) for match in KEY.finditer(text)]
    ends = [start for _key, start in begins[1:]] + [len(text)]
    return {key: text[start:end].rstrip("\n") + "\n" for (key, start), end in zip(begins, ends, strict=False)}


@pytest.fixture
def walked(root, tmp_path, monkeypatch, db, capsys):
    """The page walked: what each command printed, with its exit code."""
    sync_roles()
    load_catalogue()
    monkeypatch.chdir(tmp_path)
    said = []
    for file, language, text in BLOCK.findall((root / PAGE).read_text("utf-8")):
        if language == "yaml":
            path = tmp_path / "rain-gardens" / file
            path.parent.mkdir(exist_ok=True)
            path.write_text(merged(path.read_text("utf-8") if path.exists() else "", text), "utf-8")
            continue
        assert language == "console" and not file
        for command in re.split(r"^\$ ", text, flags=re.M)[1:]:
            line, *wanted = command.strip("\n").split("\n")
            program, *arguments = shlex.split(line)
            assert program == "ecocloud"
            code = cli.main(arguments)
            said.append((line, code, capsys.readouterr().out, wanted))
    return said


def test_every_command_says_what_the_page_says(walked):
    """Each line below a command stands in what it printed; only the check after the field went fails."""
    assert len(walked) >= 9
    for line, code, out, wanted in walked:
        for one in wanted:
            assert one.strip() in out, (line, one, out)
        assert (code == 1) is ("没有字段“finished_on”" in "".join(wanted)), (line, out)


def test_what_was_made_works(walked, tmp_path):
    """A garden is refused by the check and by the guard with the page's own sentences, then handed over; the figures of
    two gardens: one of two built is kept (50 %), (80 + 20) of (1000 + 1000) square metres are 5 %."""
    region = Region.objects.create(code="990104", name="试验县", level="county")
    unit = Department.objects.create(name="县住建局", function="housing", region=region)
    user = User.objects.create_user("office", name="经办", department=unit, must_change_password=False)
    grant_role(CONSOLE, user, "office")
    user = User.objects.get(pk=user.pk)
    register = open_register("rain_gardens")
    given = {"kind": "road", "built_on": "2025-03-01", "extent": "80", "drained": "1000", "owner": "市政所"}

    def make(name, **more):
        return services.create(user, register, name=name, region=region, department=unit, given=given | more)

    with pytest.raises(ValuesRefused) as refused:
        make("过大", extent="1000.1")
    assert "花园面积不能大于汇水面积。" in refused.value.message_zh
    row = make("滨江路一号", soaking="24.9", tested_on="2025-04-01")
    with pytest.raises(StepRefused) as refused:
        services.transition(user, register, row.pk, "hand_over")
    assert "不低于25毫米/时" in refused.value.message_zh
    row = services.edit(user, register, row.pk, given={"soaking": "25"})
    services.transition(user, register, row.pk, "hand_over")
    other = make("滨江路二号", extent="20", soaking="30", tested_on="2025-04-01")
    services.transition(user, register, other.pk, "hand_over")
    services.transition(user, register, other.pk, "fail", opinion="积水不退")
    pack = packs.open_pack("rain-gardens")
    assert pack.version == "0.2.0"
    today = timezone.localdate()
    found = packs.figure_values(user, pack, ["all", "kept_share", "ratio", "weak"], region, today)
    assert found == {"all": Decimal(2), "kept_share": Decimal(50), "ratio": Decimal(5), "weak": Decimal(0)}
    assert "试验县有雨水花园2处" in packs.paragraphs(user, pack, region, today)["progress"]
    assert "县医院门前雨水花园" in (tmp_path / "rain-gardens.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "snippet", "wanted"),
    [
        ("a: 1\nb:\n  - x\nc: 3\n", "b: 2\n", "a: 1\nb: 2\nc: 3\n"),
        ("a: 1\n", "b: 2\n", "a: 1\nb: 2\n"),
        ("", "a: 1\n", "a: 1\n"),
        ("a: 1\nb: 2\n", "b: 3\na: 4\n", "a: 4\nb: 3\n"),
    ],
)
def test_a_snippet_replaces_its_keys_or_adds_them(text, snippet, wanted):
    assert merged(text, snippet) == wanted
