"""The report in a notebook, and progress that picks itself."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from support import Server

import everypage
from everypage import _progress


class Tags(HTMLParser):
    """Every tag of a page, and whether they are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in ("br", "line"):
            self.open.append(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_notebook_shows_verdict_evidence_and_timeline(
    serve: Callable[..., Server], budget: everypage.Budget
) -> None:
    server = serve("--records=500", "--fault=503=3", "--fault=429=5:after=0", "--latency-ms=3")
    source = server.source(name="<b>leads</b>", rate=[{"requests": 30, "per": "1s"}])
    walk = everypage.walk(source, budget=budget)
    walk.collect()
    assert walk.report is not None
    html = walk.report._repr_html_()
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert "script" not in tags.seen
    assert tags.seen.count("tr") == 1 + len(walk.report.checks)
    assert tags.seen.count("rect") == len(walk.report.timeline)
    assert "<b>leads</b>" not in html.replace("<b>&lt;b&gt;", "")
    assert "complete (observed)" in html
    for word in ("503 after", "429 after", "200 after", "waited", "seams"):
        assert word in html, word
    what = {event.what for event in walk.report.timeline}
    assert what == {"answered", "waited"}
    assert all(event.start <= event.end for event in walk.report.timeline)


def test_a_report_that_was_read_back_has_no_timeline(serve: Callable[..., Server]) -> None:
    walk = everypage.walk(serve("--records=10").source())
    walk.collect()
    assert walk.report is not None
    html = everypage.Report.from_json(walk.report.to_json())._repr_html_()
    assert "<svg" not in html


def test_the_timeline_is_of_bounded_length(serve: Callable[..., Server]) -> None:
    walk = everypage.walk(serve("--records=1200").source(size={"write": "query:limit", "value": 2}))
    walk.collect()
    assert walk.report is not None
    assert walk.report.counts.requests > 500
    assert len(walk.report.timeline) == 500


def progress(records: int, waiting: str | None = None) -> _progress.Progress:
    return _progress.Progress(1, 2, records, 100, 0, waiting)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_picks_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert _progress.pick(None, "leads") is None
    assert _progress.pick(False, "leads") is None
    assert isinstance(_progress.pick(True, "leads"), _progress.Line)
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert isinstance(_progress.pick(None, "leads"), _progress.Line)
    assert _progress.pick(False, "leads") is None
    monkeypatch.setattr(_progress, "in_notebook", lambda: True)
    assert isinstance(_progress.pick(None, "leads"), _progress.Bar)
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(_progress, "in_notebook", lambda: False)
    assert _progress.pick(None, "leads") is None


def test_a_line_is_drawn_in_place_and_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100))
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    out = Terminal()
    line = _progress.Line(out, "leads", in_place=True)
    line.show(progress(1200))
    line.show(progress(1300, "retry_after"))
    line.close()
    drawn = out.getvalue().split("\r\x1b[2K")
    assert "leads: 1,200 of 100 records" in drawn[1]
    assert "waiting (retry after)" in drawn[2]
    assert drawn[-1] == ""


def test_a_bar_shows_records_of_the_total(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100))
    monkeypatch.setattr("time.monotonic", lambda: float(next(clock)))
    bars: list[FakeBar] = []

    class FakeBar:
        def __init__(self, **options: object) -> None:
            self.options, self.n, self.closed, self.total = options, 0, False, None
            bars.append(self)

        def set_postfix_str(self, text: str, refresh: bool) -> None:
            self.text = text

        def close(self) -> None:
            self.closed = True

    bar = _progress.Bar(FakeBar, "leads")
    bar.show(progress(30))
    bar.show(progress(40, "pace"))
    bar.close()
    (made,) = bars
    assert (made.options["total"], made.n, made.text, made.closed) == (100, 40, "pace", True)
