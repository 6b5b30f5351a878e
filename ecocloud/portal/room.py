"""The descriptor of the portal."""

from ecocloud.base.rooms import ANYONE, Access, Counter, MenuEntry, Permission, Room
from ecocloud.portal.action_words import ACTIONS

_SEE = ("office", "leader", "department", "township", "reader")
_WORK = ("office", "department", "township")
_REPORTS = "ecocloud.portal.reports.pages"
_SAMPLES = "ecocloud.portal.route_samples"
_VIEW, _HANDLE, _DESK = "portal.report.view", "portal.report.handle", "portal.desk.edit"
_POST, _BOTH = ("POST",), ("GET", "POST")

ROOM = Room(
    name="portal",
    label_zh="公众服务",
    label_en="Public",
    package="ecocloud.portal",
    urls="ecocloud.portal.urls",
    permissions=(
        Permission(_VIEW, "查看公众反映", "View reports of the public", _SEE),
        Permission(_HANDLE, "交办、答复公众反映", "Hand over and answer reports", _WORK),
        Permission(_DESK, "开通或停止公众反映", "Open and close reports to the public", ("office",)),
    ),
    menu=(
        MenuEntry("公众反映", "Public reports", "portal:reports", _VIEW, "megaphone", "公众服务", 300),
    ),
    access=(
        Access("portal:home", ANYONE),
        Access("portal:larger", ANYONE),
        Access("portal:worker", ANYONE),
        Access("portal:report", ANYONE, _BOTH),
        Access("portal:near", ANYONE),
        Access("portal:ask", ANYONE, _BOTH),
        Access("portal:status", ANYONE, sample=f"{_SAMPLES}.number"),
        Access("portal:seen", ANYONE, _POST, f"{_SAMPLES}.number"),
        Access("portal:own", ANYONE, _BOTH, f"{_SAMPLES}.word"),
        Access("portal:photo", ANYONE, sample=f"{_SAMPLES}.own_photo"),
        Access("portal:reports", _VIEW),
        Access("portal:report-page", _VIEW, _BOTH, f"{_SAMPLES}.number"),
        Access("portal:report-photo", _VIEW, sample=f"{_SAMPLES}.photo"),
        Access("portal:desk", _DESK, _BOTH),
    ),
    counters=(
        Counter("portal.reports", "公众反映待处理", "Public reports waiting", f"{_REPORTS}.waiting_count",
                f"{_REPORTS}.waiting_url", _HANDLE, "megaphone", 70),
    ),
    jobs="ecocloud.portal.jobs",
    on_start="ecocloud.portal.start.register",
    sample="ecocloud.portal.sample.load",
    actions=ACTIONS,
    refs={"report": ("公众反映", "Public report"), "reportdesk": ("公众反映受理", "Desk of reports"),
          "photo": ("照片", "Photo")},
)  # fmt: skip
