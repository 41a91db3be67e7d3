"""One row of the peer benchmark for the Python package: walks its synthetic list and prints one JSON line of figures.

`cargo xtask bench` installs the wheel and adds the rows. Flags: those of the benchmark, and
`--impl dicts|raw|ndjson|sink|polars|arrow|import`, `--concurrency N`, `--contact`, `--plain`.
"""

import argparse
import json
import os
import resource
import sys
import time


def status(key):
    with open("/proc/self/status") as lines:
        return next((int(line.split()[1]) for line in lines if line.startswith(key + ":")), 0)


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


started = cpu()
import everypage  # noqa: E402

imported = cpu() - started

ask = argparse.ArgumentParser()
ask.add_argument("--url", required=True)
ask.add_argument("--style", default="offset")
ask.add_argument("--mode", default="count")
ask.add_argument("--limit", type=int, default=100)
ask.add_argument("--out", default="/dev/null")
ask.add_argument("--impl", default="dicts")
ask.add_argument("--pages", type=int, default=0)
ask.add_argument("--concurrency", type=int, default=1)
ask.add_argument("--contact", action="store_true")
ask.add_argument("--plain", action="store_true")
args = ask.parse_args()

STYLES = {
    "offset": ("limit", {"style": "offset"}, {"total": "body:/total"}),
    "page": (
        "pageSize",
        {"style": "page"},
        {"end": [{"flag": "body:/pagination/hasNextPage", "is": False}], "total": "body:/pagination/total"},
    ),
    "cursor": (
        "limit",
        {"style": "cursor", "read": "body:/pagination/next_cursor", "write": "query:cursor", "stable": "key"},
        {},
    ),
    "link": ("per_page", {"style": "link", "read": "link:next"}, {}),
    "keyset": (
        "limit",
        {"style": "keyset", "read": "last:/id", "write": "query:after_id"},
        {"end": [{"flag": "body:/has_more", "is": False}]},
    ),
}


def source():
    """Counting needs no id; with one, repeated records are suppressed and pages overlap."""
    size, paging, more = STYLES[args.style]
    if args.mode != "count" or args.contact:
        more = {**more, "id": "/id", "order": {"by": "/id", "direction": "desc", "immutable": True}}
    return {
        "request": {"url": f"{args.url.rstrip('/')}/{args.style}"},
        "records": "" if args.style == "link" else "/data",
        "size": {"write": f"query:{size}", "value": args.limit},
        "pagination": {**paging, "contact": "off" if args.plain else "auto"},
        "concurrency": args.concurrency,
        **more,
    }


def run(walk, out):
    """How many records came; with `dedup` they are written as lines, with `ids` their ids."""
    if args.impl == "sink":
        path = f"{args.out}.sink"
        for name in (path, f"{path}.checkpoint"):
            if os.path.exists(name):
                os.unlink(name)
        return walk.to_jsonl(path).counts.records
    if args.impl == "polars":
        return walk.to_polars().height
    if args.impl == "arrow":
        return walk.to_arrow().num_rows
    count = 0
    for page in walk.pages():
        count += len(page)
        if args.mode == "ids":
            out.write("".join(f"{record['id']}\n" for record in page.records).encode())
            continue
        if args.impl == "dicts":
            page.records
        elif args.impl == "raw":
            page.raw
        if args.impl == "ndjson" or args.mode == "dedup":
            lines = page.ndjson()
            if args.mode == "dedup":
                out.write(lines)
    return count


if args.impl in ("polars", "arrow"):
    # The frames' own import is not the walk's.
    __import__({"polars": "polars", "arrow": "pyarrow.json"}[args.impl])
with open(args.out, "wb", buffering=1 << 16) as out:
    cpu_start, wall, rss = cpu(), time.perf_counter(), status("VmRSS")
    walk = everypage.walk(source(), progress=False)
    records = run(walk, out)
    out.flush()
print(
    json.dumps(
        {
            "records": records,
            "unique": records,
            "wall": time.perf_counter() - wall,
            "cpu": cpu() - cpu_start,
            "cpu_start": cpu_start,
            "rss_start_kib": rss,
            "rss_peak_kib": status("VmHWM"),
            "import": imported,
            "verdict": walk.report.verdict if walk.report else None,
        }
    )
)
sys.stdout.flush()
os._exit(0)
