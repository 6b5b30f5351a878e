"""The descriptor of the portal."""

from ecocloud.base.rooms import ANYONE, Access, Counter, MenuEntry, Permission, Room, TodoSource
from ecocloud.portal.action_words import ACTIONS

_SEE = ("office", "leader", "department", "township", "reader")
_WORK = ("office", "department", "township")
_HOME = "ecocloud.portal.home"
_SAMPLES = "ecocloud.portal.route_samples"
_VIEW, _HANDLE, _DESK = "portal.report.view", "portal.report.handle", "portal.desk.edit"
_CVIEW, _CEDIT = "portal.consult.view", "portal.consult.edit"
_OVIEW, _OEDIT = "portal.open.view", "portal.open.edit"
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
        Permission(_CVIEW, "查看征求意见", "View consultations", _SEE),
        Permission(_CEDIT, "组织征求意见", "Hold consultations, answer comments", ("office", "department")),
        Permission(_OVIEW, "查看信息公开", "View disclosure", _SEE),
        Permission(_OEDIT, "公开和撤回文件", "Publish and take back files", ("office", "department")),
    ),
    menu=(
        MenuEntry("公众反映", "Public reports", "portal:reports", _VIEW, "megaphone", "公众服务", 300),
        MenuEntry("征求意见", "Consultations", "portal:consult-list", _CVIEW, "message-square-text", "公众服务", 310),
        MenuEntry("信息公开", "Disclosure", "portal:publications", _OVIEW, "file-text", "公众服务", 320),
    ),
    access=(
        Access("portal:home", ANYONE),
        Access("portal:larger", ANYONE),
        Access("portal:worker", ANYONE),
        Access("portal:report", ANYONE, _BOTH),
        Access("portal:near", ANYONE),
        Access("portal:ground", ANYONE),
        Access("portal:ask", ANYONE, _BOTH),
        Access("portal:status", ANYONE, sample=f"{_SAMPLES}.number"),
        Access("portal:seen", ANYONE, _POST, f"{_SAMPLES}.number"),
        Access("portal:own", ANYONE, _BOTH, f"{_SAMPLES}.word"),
        Access("portal:photo", ANYONE, sample=f"{_SAMPLES}.own_photo"),
        Access("portal:consults", ANYONE),
        Access("portal:consult", ANYONE, _BOTH, f"{_SAMPLES}.consultation"),
        Access("portal:consult-result", ANYONE, sample=f"{_SAMPLES}.consultation"),
        Access("portal:open", ANYONE),
        Access("portal:notices", ANYONE, _BOTH),
        Access("portal:glossary", ANYONE),
        Access("portal:open-file", ANYONE, sample=f"{_SAMPLES}.publication"),
        Access("portal:open-list", ANYONE, sample=f"{_SAMPLES}.listed"),
        Access("portal:data", ANYONE),
        Access("portal:data-file", ANYONE, sample=f"{_SAMPLES}.data_file"),
        Access("portal:consult-list", _CVIEW),
        Access("portal:consult-new", _CEDIT, _BOTH),
        Access("portal:consult-page", _CVIEW, _BOTH, f"{_SAMPLES}.consultation"),
        Access("portal:consult-paper", _CVIEW, sample=f"{_SAMPLES}.consultation"),
        Access("portal:comments", _CVIEW),
        Access("portal:comment-page", _CVIEW, _BOTH, f"{_SAMPLES}.comment"),
        Access("portal:publications", _OVIEW),
        Access("portal:publish", _OEDIT, _BOTH),
        Access("portal:unpublish", _OEDIT, _POST, f"{_SAMPLES}.publication"),
        Access("portal:reports", _VIEW),
        Access("portal:report-page", _VIEW, _BOTH, f"{_SAMPLES}.number"),
        Access("portal:report-photo", _VIEW, sample=f"{_SAMPLES}.photo"),
        Access("portal:desk", _DESK, _BOTH),
    ),
    counters=(
        Counter("portal.reports", "公众反映待处理", "Public reports waiting", f"{_HOME}.report_count",
                f"{_HOME}.report_url", _HANDLE, "megaphone", 70),
        Counter("portal.comments", "公众意见待处理", "Comments waiting", f"{_HOME}.comment_count",
                f"{_HOME}.comment_url", _CEDIT, "message-square-text", 75),
    ),
    todos=(
        TodoSource("portal.reports", ("todo",), f"{_HOME}.report_rows", f"{_HOME}.report_count", f"{_HOME}.report_url",
                   _HANDLE),
        TodoSource("portal.comments", ("todo",), f"{_HOME}.comment_rows", f"{_HOME}.comment_count",
                   f"{_HOME}.comment_url", _CEDIT),
    ),
    jobs="ecocloud.portal.jobs",
    on_start="ecocloud.portal.start.register",
    handing="ecocloud.portal.handing.HANDING",
    sample="ecocloud.portal.sample.load",
    actions=ACTIONS,
    refs={"report": ("公众反映", "Public report"), "reportdesk": ("公众反映受理", "Desk of reports"),
          "photo": ("照片", "Photo"), "consult": ("征求意见", "Consultation"),
          "comment": ("公众意见", "Comment"), "publication": ("公开信息", "Publication")},
)  # fmt: skip
