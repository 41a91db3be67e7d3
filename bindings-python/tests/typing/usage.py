"""What a user's type checker makes of the package; checked, not run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

import everypage


async def use(source: everypage.Source, response: everypage.Response) -> None:
    walk = everypage.walk(source, auth={"bearer": "x"}, vars={"A": "b"}, progress=print)
    assert_type(walk, everypage.Walk[Any])
    raw = everypage.walk({"request": {"url": "https://a.example"}}, raw=True)
    assert_type(raw, everypage.Walk[bytes])
    assert_type(raw.collect(), list[bytes])
    assert_type(await raw.collect_async(), list[bytes])
    assert_type(iter(raw), Iterator[bytes])
    assert_type(aiter(raw), AsyncIterator[bytes])
    for page in raw.pages():
        assert_type(page.records, list[bytes])
        page.commit()
    async for record in raw:
        assert_type(record, bytes)
    assert_type(walk.to_jsonl("a.jsonl", resume=True), everypage.Report)
    if walk.report is not None:
        assert_type(walk.report.counts.records, int)
        assert_type(walk.report.check("total").found, int | None)
    everypage.walk(source, client=lambda request: response)
    everypage.walk(source, client=everypage.Client(proxy="http://a.example"), resume=walk.checkpoint())
    try:
        walk.collect()
    except everypage.RateLimitedError as error:
        assert_type(error.retry_at, float | None)
        assert_type(error.checkpoint, everypage.Checkpoint | None)
