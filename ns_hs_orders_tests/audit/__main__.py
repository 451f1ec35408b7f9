"""`make audit`: the pinned requirements against the database of known vulnerabilities, by pip-audit.

Belongs here: running pip-audit over the lock file, and what its answer means for CI. Does not belong here: which versions
are pinned. Exit codes: 0 none known, or the service could not be asked, which is said; 1 a known vulnerability; 2 the
audit itself failed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from click import echo as say

LOCK = Path(__file__).parents[2] / "requirements.lock"
LONGEST_SECONDS = 180
_UNREACHABLE = re.compile(
    r"Could not connect|Connection (refused|error|reset)|ConnectionError|may be blocking|timed? ?out|Max retries|ProxyError"
    r"|HTTP status (429|5\d\d)|Temporary failure",
    re.IGNORECASE,
)


def audit(*options: str) -> int:
    """Audits the lock file; options go to pip-audit. Prints what was found, and gives the exit code."""
    command = [
        sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner",
        "off", "--timeout", "10", *(options if "-r" in options else ("-r", str(LOCK), *options)),
    ]  # fmt: skip
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return _not_asked(f"no answer within {LONGEST_SECONDS} s")
    try:
        dependencies = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (ran.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
        if _UNREACHABLE.search(ran.stderr):
            return _not_asked(why)
        say(f"The audit failed: {why}")
        return 2
    return _told(dependencies)


def _not_asked(why: str) -> int:
    say(f"The audit could not reach its service, so nothing was audited: {why}")
    return 0


def _told(dependencies: list[dict[str, Any]]) -> int:
    vulnerable = [one for one in dependencies if one.get("vulns")]
    for one in vulnerable:
        for found in one["vulns"]:
            mended = ", ".join(found["fix_versions"]) or "no version yet"
            say(f"{one['name']} {one['version']}: {found['id']}, mended in {mended}.")
    skipped = sorted(one["name"] for one in dependencies if "skip_reason" in one)
    audited = len(dependencies) - len(skipped)
    if vulnerable:
        say(
            f"{len(vulnerable)} of {audited} audited requirements are known to be vulnerable. Run `make lock`."
        )
        return 1
    if not audited:
        return _not_asked(f"it knew none of {len(skipped)} requirements")
    say(f"{audited} of {len(dependencies)} pinned requirements audited: no known vulnerability.")
    if skipped:
        say(f"Not audited, since the service does not know them: {', '.join(skipped)}.")
    return 0


if __name__ == "__main__":
    sys.exit(audit(*sys.argv[1:]))
