"""Memory stays flat however long the list: nothing grows but the ids, under 40 bytes each."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from support import Server

# Not a round number: lists that are cut end on those.
RECORDS = 500_003

PROGRAM = """
import everypage, sys

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

url, read, records = sys.argv[1], sys.argv[2], int(sys.argv[3])
source = everypage.Source(f"{url}/cursor").records("/data").id("/id").size("query:limit", 1000)
source.cursor("body:/pagination/next_cursor", "query:cursor").stable("key")
early, count = None, 0
walk = everypage.walk(source, raw=read == "raw")
for page in walk.pages():
    count += len(page.ndjson().splitlines()) if read == "ndjson" else len(page.records)
    if early is None and count >= records // 10:
        early = resident()
print(count, early, resident(), walk.report.verdict)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.timeout(300)
def test_nothing_grows_with_the_list_but_ids(serve: Callable[..., Server]) -> None:
    server = serve(f"--records={RECORDS}", "--log=10")
    for read, records in (("objects", RECORDS), ("raw", RECORDS // 5), ("ndjson", RECORDS // 5)):
        command = [sys.executable, "-c", PROGRAM, server.url, read, str(records)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        count, early, late, verdict = done.stdout.split()
        assert (int(count), verdict) == (RECORDS, "complete")
        # 40 bytes for each id that came after the first measurement, and 8 MiB for the allocator's manners.
        assert (int(late) - int(early)) * 1024 < 40 * RECORDS + (8 << 20), done.stdout
