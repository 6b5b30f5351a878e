"""A small register type (a well) that has one of everything, as YAML text."""

import pytest

WELL = """
code: well
zh: 水源井
en: Well
prefix: SYJ
year: dug_on
sections:
  - {code: base, zh: 基本情况, en: Basics}
  - {code: use, zh: 使用情况, en: Use}
dictionaries:
  - code: uses
    zh: 用途
    en: Uses
    entries:
      - {code: drinking, zh: 饮用, en: Drinking, names: [生活饮用]}
      - {code: farming, zh: 灌溉, en: Irrigation}
      - {code: trade, zh: 经营, en: Trade, deprecated: true}
fields:
  - {code: owner, zh: 权属人, en: Owner, kind: text, section: base, required: true, index: true, max_length: 20}
  - {code: dug_on, zh: 成井日期, en: Dug on, kind: date, section: base, index: true}
  - {code: depth, zh: 井深, en: Depth, kind: number, unit: 米, decimals: 2, minimum: 0, maximum: 3000, section: base,
     index: true, total: true}
  - {code: diameter, zh: 井径, en: Diameter, kind: number, unit: 毫米, decimals: 0, section: base}
  - {code: volume, zh: 井筒容积, en: Volume, kind: number, unit: 立方米, decimals: 1, section: base, index: true,
     computed: depth * diameter * diameter}
  - {code: use, zh: 用途, en: Use, kind: choice, dictionary: uses, section: use, index: true}
  - {code: others, zh: 兼用, en: Other uses, kind: multichoice, dictionary: uses, section: use}
  - {code: households, zh: 供水户数, en: Households, kind: integer, unit: 户, section: use, required: true,
     visible_when: use = "drinking"}
  - {code: metered, zh: 是否装表, en: Metered, kind: bool, section: use, index: true}
  - {code: cost, zh: 投资, en: Cost, kind: money, unit: 万元, section: use, index: true, total: true}
  - {code: permit_until, zh: 许可到期, en: Permit until, kind: date, section: use, index: true}
  - {code: keeper, zh: 管护单位, en: Keeper, kind: department, section: use}
  - {code: twin, zh: 相邻井, en: Twin well, kind: object, target: well, section: use}
  - {code: photo, zh: 照片, en: Photo, kind: file, section: use}
  - {code: remark, zh: 备注, en: Remark, kind: long, section: use}
columns: [code, name, owner, depth, use, state]
unique:
  - {code: owner_dug, fields: [owner, dug_on]}
geometry: {kind: point}
states:
  - {code: found, zh: 已登记, en: Registered}
  - {code: in_use, zh: 使用中, en: In use, tone: good}
  - {code: sealed, zh: 已封井, en: Sealed, final: true}
transitions:
  - {action: start, zh: 启用, en: Start, from: [found], to: in_use}
  - action: seal
    zh: 封井
    en: Seal
    from: [found, in_use]
    to: sealed
    by: [office]
    opinion: true
    guard: inspection.sealing.passed and photo > 0
    refusal_zh: 封井须有封填检查合格的记录和照片。
    refusal_en: Sealing needs a passed inspection and a photograph.
checks:
  - rule: dug_on <= permit_until
    field: permit_until
    refusal_zh: 许可到期日不能早于成井日期。
    refusal_en: The permit cannot end before the well was dug.
inspections:
  - code: sealing
    zh: 封填检查
    en: Sealing check
    every_months: 12
    photos: 0
    items:
      - {code: filled, zh: 已回填, en: Filled}
      - {code: level, zh: 水位, en: Water level, kind: number, unit: 米, required: false}
expiry: {field: permit_until, remind_days: 60}
examples:
  - name: 东村一号井
    geometry: {type: Point, coordinates: [115.1, 27.1]}
    values: {owner: 东村, dug_on: 2019-05-01, depth: 35.5, diameter: 300, use: drinking, households: 120}
  - name: 西村机井
    state: in_use
    values: {owner: 西村, dug_on: 2020-06-01, depth: 60, use: farming, cost: 3.2, permit_until: 2030-06-01}
"""


@pytest.fixture(scope="session")
def well_text():
    return WELL


@pytest.fixture(scope="session")
def well(well_text):
    from ecocloud.kernel.registers.reading import read_type

    return read_type(well_text, "well.yaml")


@pytest.fixture(scope="session")
def with_fields():
    """``with_fields(definition, fields)``: the definition with other fields (a copy would keep what was cached)."""
    from ecocloud.kernel.registers.definition import TypeDefinition

    def make(definition, fields):
        given = {name: getattr(definition, name) for name in TypeDefinition.model_fields}
        return TypeDefinition.model_validate({**given, "fields": tuple(fields)})

    return make


@pytest.fixture
def place(db):
    """An invented city with two counties and a township, four departments, people by role."""
    from types import SimpleNamespace

    from ecocloud.kernel.regions.models import Department, Region
    from ecocloud.kernel.regions.services import sync_roles
    from tests.people import person_of

    sync_roles()
    province = Region.objects.create(code="990000", name="试验省", level="province")
    city = Region.objects.create(code="990100", name="试验市", level="city", parent=province)
    east = Region.objects.create(code="990102", name="东县", level="county", parent=city)
    west = Region.objects.create(code="990103", name="西县", level="county", parent=city)
    town = Region.objects.create(code="990102101", name="东县东镇", level="township", parent=east)
    units = {
        "office": Department.objects.create(name="试验市生态文明办", function="eco-office", region=city),
        "ecology": Department.objects.create(name="试验市生态环境局", function="ecology", region=city),
        "east": Department.objects.create(name="东县生态环境局", function="ecology", region=east),
        "west": Department.objects.create(name="西县生态环境局", function="ecology", region=west),
    }
    person = person_of(units)
    return SimpleNamespace(
        city=city, east=east, west=west, town=town, units=units, office=person("office", "office", "office"),
        leader=person("leader", "leader", "office"), clerk=person("clerk", "department", "east"),
        other=person("other", "department", "west"), reader=person("reader", "reader", "office"),
            office2=person("office2", "office", "office"),
    )  # fmt: skip


@pytest.fixture
def wells(place, well):
    """The register of wells, defined."""
    from ecocloud.kernel.regions.services import CONSOLE
    from ecocloud.kernel.registers import services

    return services.define(CONSOLE, well)


@pytest.fixture
def dig(place, wells):
    """``dig("东井", owner="东村")``: a new well in the eastern county."""
    from ecocloud.kernel.registers import services

    def make(name, user=None, region=None, department=None, code="", geometry=None, on=None, **given):
        given.setdefault("owner", name)
        return services.create(
            user or place.office, wells, name=name, region=region or place.east, department=department, code=code,
            geometry=geometry, on=on, given=given,
        )  # fmt: skip

    return make


@pytest.fixture
def media(settings, tmp_path):
    """A folder of its own for what is uploaded."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def upload(place, wells, media):
    """``upload(rows, user)``: the batch of a workbook of wells with these rows, previewed."""
    import io

    from ecocloud.base.sheets import export_workbook
    from ecocloud.base.sheets import services as sheets
    from ecocloud.kernel.registers import workbooks

    def make(rows, user=None, content=None, register=wells):
        content = content or export_workbook(workbooks.spec(register), rows)
        batch = sheets.upload(user or place.office, f"register-{register.code}", "表.xlsx", io.BytesIO(content))
        return sheets.stage(user or place.office, batch)

    return make


@pytest.fixture
def photo(settings, tmp_path):
    """``photo()``: a received picture of one pixel."""
    import io
    import struct
    import zlib

    from ecocloud.base.files import FileKind
    from ecocloud.base.files import services as files

    settings.MEDIA_ROOT = tmp_path / "media"

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def make(name="a.png"):
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
        data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + chunk(b"IEND", b"")
        return files.receive(name, io.BytesIO(data), (FileKind.PNG,))

    return make


@pytest.fixture
def county(place):
    """The invented county of the sample workbooks."""
    from ecocloud.kernel.regions.models import Region

    county = Region.objects.create(code="990104", name="云溪县", level="county", parent=place.city)
    for number, name in enumerate(("石桥镇", "柳林镇", "青口乡", "云头镇", "白沙乡"), 101):
        Region.objects.create(code=f"990104{number}", name=f"云溪县{name}", level="township", parent=county)
    return county


@pytest.fixture
def imported(place, county, settings, tmp_path):
    """``imported(pack)``: the sample workbooks of a loaded pack, taken over one by one as a person does."""
    import io

    from ecocloud.base.sheets import export_workbook
    from ecocloud.base.sheets import services as sheets
    from ecocloud.kernel.regions.models import Region
    from ecocloud.kernel.registers import workbooks
    from ecocloud.kernel.registers.register import open_register

    settings.MEDIA_ROOT = tmp_path / "media"

    def make(made):
        codes = dict(Region.objects.values_list("name", "pk"))
        for sample in made.samples:
            register = open_register(sample.type)
            rows = []
            for row in sample.rows:
                place_of = workbooks.cells_of_place(row.geometry)
                given = workbooks.cells_of(row.values)
                rows.append({"name": row.name, "region": codes[row.region], "state": row.state, **place_of, **given})
            content = export_workbook(workbooks.spec(register), rows)
            batch = sheets.upload(place.office, f"register-{register.code}", "样例.xlsx", io.BytesIO(content))
            batch = sheets.stage(place.office, batch)
            assert [row.fault_list() for row in batch.rows.filter(outcome="wrong")] == []
            sheets.commit(place.office, batch)

    return make
