"""What a document says about itself: title, issuer, type, dates, region, where its body begins and ends, and for each
part whether it reports or plans, for which year. Records inside inherit it and are marked as inherited."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache

from ecocloud.intake.documents.dates import part_of_year, year_text
from ecocloud.intake.documents.duties import units_in_text
from ecocloud.intake.documents.indicators import starts_with_verb
from ecocloud.intake.documents.lexicon import any_of, document_types
from ecocloud.intake.documents.segments import Locator, Node, line_marker, lines_of, outline

PLAN_TYPES = {"工作要点", "方案", "意见", "通知", "清单", "会议纪要"}
PUBLISHED = re.compile(r"(?<!\d)(20\d{2})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?日?(?=\D|$)")
PUBLISH_LINE = re.compile(r"(?:发布|发文|成文|印发|公布|更新|来源|时间|日期)")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2}|20\d[_Xx×*])\s?年")
YEARS = re.compile(r"((?:19|20)\d{2})\s?年?\s?(?:[-–—~～至到]{1,2})\s?(?:19|20)\d{2}\s?年")
PLACE_NAME = r"[\u4e00-\u9fffxX×*某]"
REGION_HEAD = re.compile(
    rf"(?P<province>{PLACE_NAME}{{2,3}}?省)?(?P<city>(?!城市|都市){PLACE_NAME}{{2,4}}?市)?(?P<county>{PLACE_NAME}{{1,4}}?(?:县|区|市))?"
)
NOT_PLACE = re.compile(
    r"城市|都市|全市|本市|我市|各市|省市|设区市|县级市|各县|全县|我县|本县|全区|我区|园区|地区|区域|景区|城区|小区|社区|流域|"
    r"示范区|试验区|保护区|开发区|高新区|经开区|新区|库区|林区|灾区|牧区|山区|集聚区|功能区|辖区|郊区|市区|县区|上市|门市|超市|"
    r"市场|的|与|通过|确保|提交|覆盖|在|对|于|年|为|等|及|被|将|把|至|是|了|有|无|级|国家|省|个|第|建成区|控制区|生态区|示范|各|一区|海绵|试点"
)
TITLE_NOISE = re.compile(r"^[【\[(〔].{0,12}?[】\])〕]|[>＞|]")
HEAD_PLACE = re.compile(
    r"(?:(?<![\u4e00-\u9fff])|(?<=以来)|(?<=关于)|(?<=[受在是由]))([\u4e00-\u9fff]{2,3}(?:市|县|区))"
)
NO_PLACE_CHAR = re.compile(r"[从由我你他该其本各将把被]")
MEASURES = re.compile(r"(?<=[\n。;])\s*[【(]?整改(?:目标|措施|要求|任务)[】)]?\s*:")
PLACE_WORDS = re.compile(
    r"(?:城市|都市|地区|区域|园区|景区|城区|小区|社区|示范区|试验区|保护区|库区|林区|灾区|牧区|山区|集聚区|功能区|辖区|郊区|市区|"
    r"县区|控制区|生态区|建成区|上市|门市|超市|其中市|上下游县|[全我本各省设该]市|[全我本各该]县|[全我本各该]区)$"
)
SIGNATURE = 160
SIGNED = re.compile(
    r"(?<=[。\n])[^\S\n]*\n?[^\S\n]*[^\n。,;:、\d]{2,40}(?:局|委|办|办公室|政府|厅|部|小组|委员会|指挥部|管委会)\s*\n"
    r"\s*20\d{2}年\d{1,2}月\d{1,2}日\s*$"
)
TITLE_REST = re.compile(r"(?:及|和|暨|与|、)(?:(?:19|20)\d{2}年|20\d[_Xx×*]年|明年|下一?年|下一?步|今后)[^,。]{0,12}$")
DRAFT = re.compile(r"[(\[【]?\s*(?:征求意见稿|意见征求稿|讨论稿|送审稿|草案|审议稿|试行)\s*[)\]】]?\s*$")


@dataclass
class Section:
    """Inherited facts of a stretch: ``mode`` plan, report, problem or notes; ``year`` may be ``202X`` or None;
    ``heading`` is the span of the words that say so."""

    start: int
    end: int
    mode: str
    year: str | None
    basis: str
    path: str = ""
    heading: tuple[int, int] = (0, 0)


@dataclass
class Context:
    """Facts of the whole document; all offsets in the text that is read. ``plan_first`` is the first year of a plan of
    several years, ``report_period`` the half or quarter that a report is about."""

    title: str = ""
    title_span: tuple[int, int] = (0, 0)
    doc_type: str = "其他"
    plan: bool = False
    issuer: str = ""
    region: str = ""
    published: str | None = None
    report_year: str | None = None
    plan_year: str | None = None
    plan_first: str | None = None
    report_period: str | None = None
    body: tuple[int, int] = (0, 0)
    root: Node = field(default_factory=lambda: Node("root", "", 0, 0, 0))
    sections: list[Section] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    limits: list[tuple[int, int, str]] = field(default_factory=list)
    notes: Section | None = None
    locator: Locator = field(default_factory=lambda: Locator(Node("root", "", 0, 0, 0)))

    def limit(self, offset: int) -> str | None:
        """The year of the time limit of the item around an offset (``limits``: start, end, year of items)."""
        at = bisect_right(self.limits, offset, key=lambda item: item[0]) - 1
        return self.limits[at][2] if at >= 0 and offset < self.limits[at][1] else None

    def section(self, offset: int) -> Section:
        """The innermost section at an offset (the document itself when there is none)."""
        found = self.notes if self.notes is not None and self.notes.start <= offset else None
        at = bisect_right(self.starts, offset) - 1
        if found is None and at >= 0 and offset < self.sections[at].end:
            found = self.sections[at]
        if found is None:
            mode = "plan" if self.plan else "report"
            return Section(
                self.body[0], self.body[1], mode, self.plan_year if self.plan else self.report_year, "inherited_doc"
            )
        return found


@cache
def _type_ends() -> list[tuple[str, str]]:
    pairs = [(word, kind) for kind, words in document_types().types.items() for word in words]
    return sorted(pairs, key=lambda p: -len(p[0]))


@cache
def _words(name: str) -> re.Pattern[str]:
    return re.compile(any_of(getattr(document_types(), name)))


def type_of_title(title: str) -> str | None:
    """The kind of document that a title ends with, or None."""
    bare = DRAFT.sub("", re.sub(r"\s+", "", title)).rstrip('》〉>"”')
    for words in (TITLE_REST.sub("", bare), bare):
        for word, kind in _type_ends():
            if words.endswith(word):
                return kind
    return None


def _title(text: str, lines: list[tuple[int, int]]) -> tuple[int, int, str | None]:
    """(start, end, kind) of the title: the last short line with a document word before the first numbered heading."""
    best: tuple[float, int, int, str | None] | None = None
    for at, (start, end) in enumerate(lines[:40]):
        line = text[start:end]
        if at and re.match(r"[一二三]、|第[一二]章|\(一\)", line) and best is not None:
            break
        if not 4 <= len(line) <= 70 or "。" in line or TITLE_NOISE.search(line) or line.endswith((":", ",", "、")):
            continue
        kind = type_of_title(line)
        if kind is None:
            continue
        score = 2.0 + (0.5 if line.startswith("关于") or YEAR.match(line) else 0) + at * 0.01
        score -= 1.0 if re.search(r"公告|转发|解读|点击|下载", line) else 0
        if best is None or score > best[0]:
            best = (score, start, end, kind)
    if best is not None:
        return best[1], best[2], best[3]
    for start, end in lines[:5]:
        line = text[start:end]
        if end - start > 80 or line_marker(text, start, end):
            break
        if 6 <= end - start <= 45 and "。" not in line and line.count(" ") < 3 and not TITLE_NOISE.search(line):
            return start, end, None
    return (lines[0][0], lines[0][0], None) if lines else (0, 0, None)


def _tail(text: str, lines: list[tuple[int, int]], after: int) -> int:
    """Where page furniture begins behind the body."""
    size = len(text)
    for start, end in lines:
        if start < after + (size - after) * 0.4:
            continue
        if end - start < 200 and (
            TAIL_LINE.match(text, start, end) or _words("tail_words").search(text, start, min(end, start + 40))
        ):
            return start
    return size


def clean_region(name: str) -> str:
    """``name`` when it can be a place, else ''."""
    if len(name) > 3 and "和" in name:
        return ""
    return (
        "" if not name or PLACE_WORDS.search(name) or NOT_PLACE.search(name[:-1]) or NOT_PLACE.fullmatch(name) else name
    )


def _region(text: str, title: str) -> str:
    """Full name below the province, from the title, else the place that is named most often."""
    bare = re.sub(r"^(?:(?:关于)?(?:印发|做好|报送|推进|转发)?[《〈“]?(?:20\d\S?\s?年度?)?)", "", title)
    match = REGION_HEAD.match(bare)
    if match:
        city, county = match.group("city") or "", match.group("county") or ""
        name = clean_region(city) + clean_region(county)
        if name:
            return name
    heads = Counter()
    for found in HEAD_PLACE.finditer(text[:6000]):
        name = clean_region(found.group(1))
        if name and not starts_with_verb(name) and not NO_PLACE_CHAR.search(name):
            heads[name] += 2 if found.start() < 600 else 1
    masked = re.search(r"[xX×*某]{1,3}[县市区]", text)
    cities = [n for n in heads if n.endswith("市")]
    if masked and (not heads or len(re.findall(r"[全我]县", text)) > 3):
        return masked.group()
    if cities:
        return max(cities, key=lambda n: heads[n])
    return max(heads, key=lambda n: heads[n]) if heads else ""


def _published(text: str, limit: int) -> str | None:
    head = text[: max(limit, 1500)]
    best = None
    for match in PUBLISHED.finditer(head):
        year, month, day = (int(g) for g in match.groups())
        if not (1 <= month <= 12 and 1 <= day <= 31):
            continue
        line_start = head.rfind("\n", 0, match.start()) + 1
        labelled = (
            bool(PUBLISH_LINE.search(head[line_start : match.start() + 40].split("\n")[0]))
            or match.start() - line_start < 3
        )
        date = f"{year}-{month:02d}-{day:02d}"
        if labelled:
            return date
        alone = len(head[line_start : match.end()].strip()) <= 14 or match.start() < limit
        best = best or (date if alone else None)
    return best


TAIL_LINE = re.compile(r"(?:相关|热点|推荐)[文附新链分阅推]|联系我们|(?:征求意见|征集|反馈)结果")
ISSUER = re.compile(r"(?:来源|发文机关|发布机构|发布单位|来自)[::]\s*([^\s,。]{3,30})")
DRAFTER = re.compile(r"[\u4e00-\u9fff]{1,12}?(?:局|委|办|办公室|政府|厅|部|领导小组)(?=起草|印发|出台|制定|发布|向|受)")


def _issuer(text: str, title: str, region: str) -> str:
    drafter = DRAFTER.search(text[:1200])
    if drafter and len(drafter.group()) <= 16:
        name = re.sub(r"^.*[\s,。:;》”]", "", drafter.group())
        if len(name) >= 3:
            return name if not region or name.startswith(region[:2]) else f"{name}"
    found = ISSUER.search(text[:1500])
    if found:
        return found.group(1)
    signed = re.findall(
        r"\n\s*([\u4e00-\u9fff]{4,24}(?:局|委员会|办公室|政府|领导小组|委|办|厅))\s*\n\s*20\d{2}年", text
    )
    return signed[-1] if signed else ""


def _mode(heading: str, default: str) -> str:
    if len(heading) <= 12 and _words("note_words").search(heading):
        return "notes"
    if _words("problem_words").search(heading):
        return "problem"
    report = list(_words("report_words").finditer(heading))
    plan = list(_words("plan_words").finditer(heading))
    if report and plan:
        return "report" if report[-1].end() > plan[-1].end() else "plan"
    return "report" if report else "plan" if plan else default


def _sections(context: Context, text: str) -> list[Section]:
    """Modes and years of the top headings, and of the notes behind the body."""
    default = "plan" if context.plan else "report"
    out: list[Section] = []
    top = [n for n in context.root.walk() if n.parent is context.root and not n.inline and n.rank <= 4]
    for node in top:
        heading = text[node.title_start : node.title_end][:60]
        mode = default if context.plan else _mode(heading, default)
        if context.plan and _words("report_words").search(heading) and re.search(r"情况|回顾|成效", heading):
            last = node.end if context.doc_type == "会议纪要" else node.title_end
            mode = "plan" if units_in_text(text, node.text_start, last) else "report"
        year_match = YEAR.search(heading)
        year = year_text(year_match.group(1)) if year_match else None
        inherited = context.plan_year if mode == "plan" else context.report_year
        basis = "inherited_section" if year or mode != default else "inherited_doc"
        out.append(
            Section(node.start, node.end, mode, year or inherited, basis, node.label, (node.start, node.title_end))
        )
    if context.doc_type == "会议纪要" and top and top[0].start > context.body[0]:
        out.append(Section(context.body[0], top[0].start, "report", context.plan_year, "inherited_doc"))
    if context.plan:
        out.extend(_problems(context, text, out))
    for start, end in lines_of(text, *context.body):
        if end - start <= 12 and _words("note_words").search(text, start, end):
            out.append(Section(start, context.body[1], "notes", None, "undetermined", "注释", (start, end)))
            break
    return out


def _problems(context: Context, text: str, outer: list[Section]) -> list[Section]:
    """Items that state a problem before their 整改目标 or 整改措施: the problem was found, it is not planned."""
    out: list[Section] = []
    for node in context.root.walk():
        if node.kind == "root" or node.rank < 3 or not (label := MEASURES.search(text, node.text_start, node.end)):
            continue
        if any(MEASURES.search(text, c.text_start, c.end) for c in node.children):
            continue
        around = next((s for s in reversed(outer) if s.start <= node.start < s.end), None)
        if around is None or around.mode != "plan":
            continue
        out.append(
            replace(
                around,
                start=node.text_start,
                end=label.start(),
                mode="problem",
                path=node.path(),
                heading=(label.start(), label.end()),
            )
        )
        out.append(replace(around, start=label.start(), end=node.end))
        if node.end < around.end:
            out.append(replace(around, start=node.end, end=around.end))
    return out


def read_context(text: str) -> Context:
    """Read the facts of a document from its half-width text."""
    context = Context()
    lines = lines_of(text, 0, len(text))
    start, end, kind = _title(text, lines)
    context.title, context.title_span = re.sub(r"\s+", " ", text[start:end]), (start, end)
    context.doc_type = kind or "新闻"
    body_start = end if kind or start else start
    tail = _tail(text, lines, body_start)
    signed = SIGNED.search(text, max(body_start, tail - SIGNATURE), tail)
    context.body = (body_start, signed.start() if signed else tail)
    context.region = _region(text, context.title)
    context.published = _published(text, body_start)
    context.issuer = _issuer(text, context.title, context.region)
    context.plan = context.doc_type in PLAN_TYPES
    opening = text[context.body[0] : context.body[0] + 400]
    if kind is None:
        announced = re.search(r"(?:出台|印发|制定|审议通过|发布)了?[^。]{0,30}(?:要点|方案|计划|意见|规划)", opening)
        context.plan = bool(announced)
    context.root = outline(text, *context.body)
    _years(context, text)
    context.locator = Locator(context.root)
    context.sections = sorted(_sections(context, text), key=lambda s: s.start)
    context.notes = next((s for s in context.sections if s.path == "注释"), None)
    context.starts = [s.start for s in context.sections]
    return context


def _published_for(context: Context, text: str) -> str | None:
    """The year of publication; in January to March the year before when the body speaks of that year alone."""
    if not context.published:
        return None
    year = int(context.published[:4])
    body = text[context.body[0] : context.body[1]]
    if context.published[5:7] <= "03" and f"{year}年" not in body and f"{year - 1}年" in body:
        return str(year - 1)
    return str(year)


def _latest(text: str, body: tuple[int, int], plan_year: str | None) -> str | None:
    """The latest year before the plan year that the beginning of the body speaks of; bases and ends of changes
    (由…到…) do not count."""
    found = re.findall(
        r"(?<![\d到至由从比较自])((?:19|20)\d{2}|20\d[_Xx×*])\s?年(?!底|末|前|以前|以来)",
        text[body[0] : min(body[1], body[0] + 3000)],
    )
    years = [year_text(y) for y in found]
    past = [y for y in years if y.isdigit() and (plan_year is None or y < plan_year)]
    return max(past, default=years[0] if years else None)


def _years(context: Context, text: str) -> None:
    """report_year and plan_year: from the title, the headings, the opening, then the date of publication."""
    title_year = YEAR.search(context.title)
    several = YEARS.search(context.title)
    context.plan_first = several.group(1) if several else None
    published = context.published[:4] if context.published else None
    heads = [(n, text[n.title_start : n.title_end][:60]) for n in context.root.children if n.rank <= 4]
    for _, heading in heads:
        year = YEAR.search(heading)
        if not year:
            continue
        if _mode(heading, "report") == "plan":
            context.plan_year = context.plan_year or year_text(year.group(1))
        else:
            context.report_year = context.report_year or year_text(year.group(1))
    opening = re.compile(r"(?<![\d到至])((?:19|20)\d{2}|20\d[_Xx×*])\s?年(?!底|末|前|以前|以来)").search(
        text, context.body[0], min(context.body[1], context.body[0] + 500)
    )
    first = year_text(title_year.group(1)) if title_year else None
    if context.plan:
        context.plan_year = first or context.plan_year or (year_text(opening.group(1)) if opening else published)
    else:
        context.report_year = first or context.report_year or _published_for(context, text)
        context.report_year = context.report_year or _latest(text, context.body, context.plan_year)
        context.report_period = part_of_year(context.title)
        if context.plan_year is None and context.report_year and context.report_year.isdigit():
            within = context.report_period is not None and not context.report_period.endswith("12-31")
            context.plan_year = str(int(context.report_year) + (0 if within else 1))
