"""The papers as LibreOffice prints them: page size, pages, text, nothing outside the text area."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pdfplumber
import pytest

from ecocloud.base.officedocs import GbDocument, Run, Source

pytestmark = pytest.mark.libreoffice

MM = 72 / 25.4
PACKAGES = "apt-get install -y libreoffice-writer-nogui poppler-utils fonts-noto-cjk"


@pytest.fixture(scope="module")
def pages(tmp_path_factory, need):
    """``pages(doc, name) -> (pdf path, list of PNG paths)``."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None or shutil.which("pdftoppm") is None:
        need("LibreOffice Writer or pdftoppm", PACKAGES)
    folder = tmp_path_factory.mktemp("rendered")

    def render(doc: GbDocument, name: str) -> tuple[Path, list[Path]]:
        source = folder / f"{name}.docx"
        source.write_bytes(doc.to_bytes())
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        pdf = folder / f"{name}.pdf"
        subprocess.run(["pdftoppm", "-r", "60", "-png", str(pdf), str(folder / name)], check=True, timeout=60)
        return pdf, sorted(folder.glob(f"{name}-*.png"))

    return render


def notice() -> GbDocument:
    doc = GbDocument("关于三季度生态文明建设重点任务\n进展情况的通报")
    doc.red_head("某某市生态文明建设领导小组办公室文件", "某生态文明办〔2026〕5号")
    doc.addressee("各县（市、区）人民政府，市直有关单位")
    doc.paragraph("现将三季度重点任务进展情况通报如下，请对照清单抓好落实，确保全年目标如期完成。" * 2)
    doc.heading("总体情况", 1)
    bulletin = Source("空气质量月报（9月）", "第3页第2段", "doc:12#100-120")
    doc.paragraph([Run("1—9月优良天数比例"), Run("96.2%", source=bulletin), Run("，较上年同期提高1.3个百分点。")])
    doc.heading("任务进展", 2)
    doc.heading("绿灯事项。", 3, run_in="共20项，均达到序时进度。")
    doc.heading("黄灯事项", 4)
    rows = [
        [i, f"推进第{i}项重点任务，完成年度工程量" + "并报送佐证材料" * (i % 4), "某局", i * 2.5] for i in range(1, 41)
    ]
    doc.table(["序号", "事项", "牵头单位", "完成率（%）"], rows, widths=[12, 90, 30, 24], caption="表1 重点任务进展")
    doc.paragraph("请各单位于10月底前反馈整改情况。")
    doc.attachments(["重点任务清单", "指标完成情况表"])
    doc.signature("某某市生态文明建设领导小组办公室", date(2026, 10, 9))
    doc.attachment_page(1, "重点任务清单")
    doc.table(["序号", "名称"], [[1, "甲"], [2, "乙"]], widths=[1, 5])
    doc.copy_to(
        ["市委办公室", "市人大常委会办公室", "市政协办公室", "市纪委监委机关", "市直各有关单位"],
        printed_by="某某市生态文明建设领导小组办公室",
        printed_on=date(2026, 10, 9),
    )
    return doc


def outside(page, left: float, right: float, top: float, foot: float) -> list[str]:
    """Characters outside the text area (points; 1.5 mm allowed for hanging punctuation), the page number aside."""
    slack = 1.5 * MM
    return [
        char["text"]
        for char in page.chars
        if char["text"].strip()
        and not char["top"] > foot  # the page number
        and (char["x0"] < left - slack or char["x1"] > right + slack or char["top"] < top - slack)
    ]


def test_notice_on_paper(pages):
    pdf_path, pictures = pages(notice(), "notice")
    with pdfplumber.open(pdf_path) as pdf:
        assert len(pdf.pages) == len(pictures) == 6
        texts = [page.extract_text() for page in pdf.pages]
        for number, page in enumerate(pdf.pages, 1):
            assert (round(page.width / MM), round(page.height / MM)) == (210, 297)
            foot = (297 - 35) * MM
            assert not outside(page, 28 * MM, (210 - 26) * MM, 37 * MM, foot)
            below = [char for char in page.chars if char["top"] > foot + 2 and char["text"].strip()]
            assert "".join(char["text"] for char in below) == f"—{number}—"
            middle = sum(char["x0"] for char in below) / len(below)
            assert (middle > page.width / 2) == (number % 2 == 1)
    assert "某生态文明办〔2026〕5 号" in texts[0] and "一、总体情况" in texts[0]
    assert [index for index, text in enumerate(texts) if "牵头单位" in text] == [1, 2]  # the head repeats
    assert "2026 年 10 月 9 日" in "".join(texts)
    assert "抄送：市委办公室" in texts[-1] and "空气质量月报（9月）" in texts[-1]


def test_twenty_two_lines_of_twenty_eight_characters(pages):
    doc = GbDocument("标题")
    doc.paragraph("某" * (28 * 40))
    pdf_path, _ = pages(doc, "grid")
    with pdfplumber.open(pdf_path) as pdf:
        lines: dict[float, int] = {}
        for char in pdf.pages[1].chars:
            if char["text"] == "某":
                lines[round(char["top"])] = lines.get(round(char["top"]), 0) + 1
    # Title and blank line take two lines of page one, the first line of text is two characters short.
    assert len(lines) == 40 + 1 - 20
    assert sorted(lines.values())[1:] == [28] * 20
    pitch = (max(lines) - min(lines)) / (len(lines) - 1)
    assert pitch == pytest.approx(28.95, abs=0.1)


def test_landscape_schedule(pages):
    doc = GbDocument("某某市生态文明建设重点任务调度表", landscape=True)
    heads = ["序号", "任务", "牵头单位", "配合单位", "时限", "进展", "完成率（%）", "存在问题", "亮灯", "佐证"]
    row = [
        "推进流域综合治理" * 3,
        "某某局",
        "某某县、某某县",
        "12月底前",
        "已完成主体工程" * 6,
        62.5,
        "资金未到位" * 3,
        "黄灯",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" * 2,
    ]
    doc.table(heads, [[number, *row] for number in range(1, 21)])
    pdf_path, pictures = pages(doc, "schedule")
    with pdfplumber.open(pdf_path) as pdf:
        assert len(pictures) == len(pdf.pages) > 1
        for page in pdf.pages:
            assert (round(page.width / MM), round(page.height / MM)) == (297, 210)
            assert not outside(page, 35 * MM, (297 - 37) * MM, 28 * MM, (210 - 26) * MM)
            assert "配合单位" in page.extract_text()  # the head repeats
