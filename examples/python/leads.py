"""Pulls the leads of a source into a file and says how sure it is that they are all: `leads.py SOURCE URL FILE REPORT`."""

import sys
from pathlib import Path

import everypage

source, url, file, report = sys.argv[1:]
walk = everypage.walk(source, vars={"BASE": url})
walk.to_jsonl(file, resume=True)
print(walk.report)
assert walk.report is not None
Path(report).write_text(walk.report.to_json() + "\n", encoding="utf-8")
