"""``ecocloud verify-journal``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict


def add_arguments(parser) -> None:
    """``--json`` for machines, ``--quiet`` without progress."""
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(args) -> int:
    """Verify the whole journal; exit code 1 when anything is wrong."""
    from tqdm import tqdm

    from ecocloud.kernel.journal.verification import verify

    with tqdm(unit="link", disable=args.quiet or args.json or not sys.stderr.isatty()) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = verify(progress)
    if args.json:
        anchor = asdict(report.anchor) if report.anchor else None
        findings = [asdict(finding) for finding in report.findings]
        print(
            json.dumps(
                {
                    "consistent": report.consistent,
                    "links": report.links,
                    "entries": report.entries,
                    "anchor": anchor,
                    "findings": findings,
                },
                ensure_ascii=False,
            )
        )
    else:
        print(report.sentence_zh())
        for finding in report.findings:
            print(f"  [{finding.kind}] {finding.place}: {finding.sentence_zh}")
    return 0 if report.consistent else 1
