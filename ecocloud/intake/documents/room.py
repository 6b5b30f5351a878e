"""The descriptor of the documents room."""

from ecocloud.base.rooms import (
    Access,
    Command,
    Counter,
    HealthCheck,
    MenuEntry,
    Permission,
    QuickLink,
    Room,
    TodoSource,
)
from ecocloud.intake.documents.action_words import ACTIONS

_SEE = ("office", "leader", "department", "township", "reader")
_HOME = "ecocloud.intake.documents.home"
_SAMPLES = "ecocloud.intake.documents.route_samples"
_VIEW, _UPLOAD, _EDIT = "documents.document.view", "documents.document.upload", "documents.document.edit"
_DICTIONARY = "documents.dictionary.edit"
_DECIDE, _ENTER = "documents.record.decide", "documents.document.enter"

ROOM = Room(
    name="documents",
    label_zh="政策文件",
    label_en="Policy documents",
    package="ecocloud.intake.documents",
    urls="ecocloud.intake.documents.urls",
    url_prefix="documents",
    api="ecocloud.intake.documents.api.router",
    permissions=(
        Permission(_VIEW, "查看政策文件", "View policy documents", _SEE),
        Permission(_UPLOAD, "导入文件", "Bring in documents", ("office",)),
        Permission(_EDIT, "修改文件信息和密级", "Change facts and secrecy of documents", ("office",)),
        Permission(_DECIDE, "确认文件记录", "Decide on records", ("office",)),
        Permission(_DICTIONARY, "维护站点词典", "Maintain the site's dictionary", ("office",)),
        Permission(_ENTER, "记录入台账", "Enter records into the ledger", ("office",)),
    ),
    menu=(
        MenuEntry(
            "政策文件", "Documents", "documents:list", _VIEW, "list-checks", "任务台账", 200,
        ),
    ),
    access=(
        Access("documents:list", _VIEW),
        Access("documents:upload", _UPLOAD, ("GET", "POST")),
        Access("documents:batches", _UPLOAD, ("GET", "POST")),
        Access("documents:batch", _UPLOAD, sample=f"{_SAMPLES}.batch"),
        Access("documents:batch-progress", _UPLOAD, sample=f"{_SAMPLES}.batch"),
        Access("documents:batch-pause", _UPLOAD, ("POST",), f"{_SAMPLES}.batch"),
        Access("documents:batch-resume", _UPLOAD, ("POST",), f"{_SAMPLES}.batch"),
        Access("documents:records", _VIEW),
        Access("documents:questions", _VIEW),
        Access("documents:questions-file", _VIEW, sample=f"{_SAMPLES}.form"),
        Access("documents:compare", _VIEW),
        Access("documents:compare-file", _VIEW, sample=f"{_SAMPLES}.form"),
        Access("documents:checks", _VIEW, sample=f"{_SAMPLES}.document"),
        Access("documents:recheck", _DECIDE, ("POST",), f"{_SAMPLES}.document"),
        Access("documents:answer", _DECIDE, ("POST",), f"{_SAMPLES}.question"),
        Access("documents:tables", _VIEW, sample=f"{_SAMPLES}.document"),
        Access("documents:tables-file", _VIEW, sample=f"{_SAMPLES}.table"),
        Access("documents:document", _VIEW, sample=f"{_SAMPLES}.document"),
        Access("documents:file", _VIEW, sample=f"{_SAMPLES}.document"),
        Access("documents:facts", _EDIT, ("GET", "POST"), f"{_SAMPLES}.document"),
        Access("documents:review", _DECIDE, sample=f"{_SAMPLES}.document"),
        Access("documents:decide", _DECIDE, ("POST",), f"{_SAMPLES}.record"),
        Access("documents:add", _DECIDE, ("POST",), f"{_SAMPLES}.document"),
        Access("documents:bulk", _DECIDE, ("GET", "POST"), f"{_SAMPLES}.document"),
        Access("documents:undo", _DECIDE, ("POST",), f"{_SAMPLES}.document"),
        Access("documents:redo", _DECIDE, ("POST",), f"{_SAMPLES}.document"),
        Access("documents:changes", _VIEW, sample=f"{_SAMPLES}.document"),
        Access("documents:edition", _DECIDE, ("POST",), f"{_SAMPLES}.document"),
        Access("documents:dictionary", _DECIDE),
        Access("documents:dictionary-export", _DECIDE),
        Access("documents:dictionary-add", _DICTIONARY, ("POST",)),
        Access("documents:term", _DICTIONARY, ("POST",), f"{_SAMPLES}.term"),
        Access("api:documents-list", _VIEW),
        Access("api:documents-records", _VIEW, sample=f"{_SAMPLES}.document"),
        Access("documents:enter", _ENTER, ("POST",), f"{_SAMPLES}.document"),
    ),
    counters=(
        Counter(
            "documents.pending", "待确认记录", "Records to confirm", f"{_HOME}.pending_count", f"{_HOME}.pending_url",
            _DECIDE, "file-check", 60,
        ),
    ),
    todos=(
        TodoSource(
            "documents", ("todo", "started", "done"), f"{_HOME}.todo_rows", f"{_HOME}.todo_count", f"{_HOME}.todo_url",
            _DECIDE,
        ),
    ),
    quick=(QuickLink("导入文件", "Bring in documents", "documents:upload", _UPLOAD, "file-up", 10),),
    checks=(HealthCheck("documents.reading", "文件读取", "Reading of documents", f"{_HOME}.check_reading"),),
    commands=(
        Command("scores", "对照人工标注给读取打分，校准置信度", "ecocloud.intake.documents.scores", needs_django=False),
        Command("read", "读取政策文件（不需要数据库）", "ecocloud.intake.documents.commands", needs_django=False),
        Command("compare", "比对两份政策文件", "ecocloud.intake.documents.compare_command", needs_django=False),
    ),
    jobs="ecocloud.intake.documents.jobs",
    search=("doc",),
    on_start="ecocloud.intake.documents.links.start",
    handing="ecocloud.intake.documents.handing.HANDING",
    sample="ecocloud.intake.documents.sample.load",
    actions=ACTIONS,
    refs={"batch": ("导入批次", "Batch"), "doc": ("原文", "Document"), "rec": ("文件记录", "Record"),
          "term": ("词条", "Dictionary entry")},
)  # fmt: skip
