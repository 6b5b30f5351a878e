"""The core stays pure: no Django, no database, no socket."""

import subprocess
import sys


def test_the_decoder_needs_no_django():
    """``ecocloud hj212`` works without a database: what the command imports, imports no Django."""
    code = "import sys, ecocloud.intake.monitoring.commands; print({m.split('.')[0] for m in sys.modules} & {'django'})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr[-500:]
