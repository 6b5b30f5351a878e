"""A made-up city with offices and people for the tests of the review; used by child processes too."""

from types import SimpleNamespace

PLAN = """青瓷市2026年生态文明建设工作要点

一、主要目标

全市森林覆盖率达到67.5%以上，PM2.5平均浓度不高于25微克/立方米。

二、重点任务

1.整治入河排污口。2026年11月底前完成120个入河排污口整治，整治完成率达到90%以上。（市生态环境局牵头，市水利局配合）
2.推进河道清淤。完成河道清淤46公里。（市水利局、市生态环境局负责）
3.办好主题宣传。开展宣传活动不少于10场次。
4.加强巡查。每季度巡查一次。（各乡镇、街道负责）
"""


def build():
    """Regions, departments, people of five roles, the indicator catalogue."""
    from ecocloud.kernel.evidence.services import load_catalogue
    from ecocloud.kernel.regions import services
    from ecocloud.kernel.regions.models import Department, Region, User
    from ecocloud.kernel.regions.services import CONSOLE

    services.sync_roles()
    load_catalogue()
    province, _ = Region.objects.get_or_create(code="990000", defaults={"name": "明省", "level": "province"})
    city = Region.objects.create(code="990100", name="青瓷市", short_name="青瓷", level="city", parent=province)
    east = Region.objects.create(code="990102", name="东山区", short_name="东山", level="county", parent=city)
    town = Region.objects.create(code="990102100", name="柳林镇", level="township", parent=east)

    def unit(name, region=city, **more):
        return Department.objects.create(name=name, region=region, **more)

    units = {
        "office": unit("青瓷市生态文明建设领导小组办公室", short_name="市生态办", function="eco-office"),
        "ecology": unit("青瓷市生态环境局", short_name="市生态环境局", function="ecology"),
        "water": unit("青瓷市水利局", short_name="市水利局", function="water"),
        "forest": unit("青瓷市林业局", short_name="市林业局", function="forestry"),
        "town": unit("柳林镇人民政府", town, kind="township"),
    }
    people = {}
    for name, place, role in (
        ("clerk", "office", "office"), ("chief", "office", "leader"), ("hydro", "water", "department"),
        ("ranger", "forest", "department"), ("farmer", "town", "township"), ("auditor", "ecology", "reader"),
        ("root", "office", "sysadmin"),
    ):  # fmt: skip
        people[name] = User.objects.create_user(name, name=name, department=units[place], must_change_password=False)
        services.grant_role(CONSOLE, people[name], role)
        people[name].refresh_from_db()
    return SimpleNamespace(city=city, east=east, units=units, **people)


def site():
    """The site that :func:`build` left in the database."""
    from ecocloud.kernel.regions.models import Region, User

    people = {user.username: user for user in User.objects.all()}
    return SimpleNamespace(city=Region.objects.get(code="990100"), **people)


def take_all(user, document, lead):
    """Accept every record; what lacks a lead unit, a year or a value is completed or not entered."""
    from ecocloud.base.errors import EcoError
    from ecocloud.intake.documents import services
    from ecocloud.intake.documents.models import Record

    services.accept_many(user, document)
    for record in Record.objects.filter(document=document, state="pending").order_by("number"):
        changes = {"lead": lead} if record.kind == "task" and not record.decided["lead"] else {}
        if record.kind == "figure" and not record.decided["period"]:
            changes["period"] = "2022"
        try:
            services.accept(user, record, changes=changes)
        except EcoError:
            services.accept(user, record, changes={**changes, "use": "none"})
