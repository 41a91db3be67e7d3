"""The report as a notebook shows it: no script, nothing loaded, every text escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._report import Check, Event, Report

_VERDICTS = {
    "complete": ("#1a7f37", "✓"),
    "failed": ("#cf222e", "✕"),
    "incomplete": ("#cf222e", "✕"),
    "stopped": ("#57606a", "■"),
    "unproven": ("#9a6700", "?"),
}
_OUTCOMES = {"failed": ("#cf222e", "✕"), "passed": ("#1a7f37", "✓"), "unavailable": ("inherit", "–")}
_WAITS = {"backoff": "#bf8700", "pace": "#8250df", "retry_after": "#cf222e"}
_STYLE = """
.ep{font:13px/1.45 system-ui,sans-serif;max-width:760px;color:inherit}
.ep table{border-collapse:collapse;margin:8px 0;width:100%;font-size:12px;color:inherit}
.ep th,.ep td{text-align:left;padding:2px 10px 2px 0;border-bottom:1px solid rgba(128,128,128,.25);vertical-align:top;
white-space:normal}
.ep .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.ep .badge{display:inline-block;color:#fff;border-radius:10px;padding:1px 10px;font-weight:600;margin-right:8px}
.ep .why{white-space:pre-line;margin:6px 0}
.ep .quiet{opacity:.65}
.ep svg{width:100%;height:auto;display:block}
.ep i{display:inline-block;width:9px;height:9px;border-radius:2px;margin:0 4px 0 12px}
"""


def page(report: Report) -> str:
    """The report as HTML."""
    color, mark = _VERDICTS[report.verdict]
    how = f" ({escape(report.basis)})" if report.basis else ""
    rows = "".join(_check(check) for check in report.checks)
    return (
        f"<div class='ep'><style>{_STYLE}</style>"
        f"<div><span class='badge' style='background:{color}'>{mark} {escape(report.verdict)}{how}</span>"
        f"<b>{escape(report.source)}</b></div>"
        f"<div class='why'>{escape(str(report))}</div>{_timeline(report.timeline)}"
        "<table><tr><th>check</th><th></th><th class='n'>expected</th><th class='n'>found</th><th>note</th></tr>"
        f"{rows}</table></div>"
    )


def _check(check: Check) -> str:
    color, mark = _OUTCOMES[check.outcome]
    quiet = " class='quiet'" if check.outcome == "unavailable" else ""
    return (
        f"<tr{quiet}><td>{escape(check.name)}</td>"
        f"<td style='color:{color};white-space:nowrap'>{mark} {check.outcome}</td>"
        f"<td class='n'>{_number(check.expected)}</td><td class='n'>{_number(check.found)}</td>"
        f"<td>{escape(check.note or '')}</td></tr>"
    )


def _number(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _time(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.1f} s" if milliseconds >= 1000 else f"{milliseconds:.0f} ms"


def _timeline(events: tuple[Event, ...]) -> str:
    """Requests as bars as high as they took long; waits as shades behind them."""
    if not events:
        return ""
    start = min(event.start for event in events)
    requests = [event for event in events if event.what != "waited"]
    span = max(max((event.end for event in requests), default=0) - start, 1)
    slowest = max((event.end - event.start for event in requests), default=1) or 1
    width, height, top = 720, 90, 14
    marks: list[str] = []
    for event in events:
        x = (event.start - start) / span * width
        wide = (min(event.end, start + span) - event.start) / span * width
        took = event.end - event.start
        if event.what == "waited":
            title = f"waited {_time(took)}: {event.how}"
            color = _WAITS.get(event.how, "#8c959f")
            box = f"<rect x='{x:.1f}' y='{top}' width='{max(wide, 1):.1f}' height='{height}' fill='{color}' opacity='.22'>"
        else:
            well = event.what == "answered" and event.how.startswith("2")
            title = f"{event.how.replace('_', ' ')} after {_time(took)}"
            tall = max(took / slowest * height, 2)
            color = "#3b8eea" if well else "#cf222e"
            box = (
                f"<rect x='{x:.1f}' y='{top + height - tall:.1f}' width='{max(wide - 0.5, 1.5):.1f}' "
                f"height='{tall:.1f}' fill='{color}' opacity='{0.75 if well else 0.95}'>"
            )
        marks.append(f"{box}<title>{escape(title)}</title></rect>")
    base = top + height
    text = "fill='currentColor' font-size='11' font-family='system-ui,sans-serif'"
    seen = {event.how for event in events if event.what == "waited"}
    legend = "<i style='background:#3b8eea;margin-left:0'></i>request<i style='background:#cf222e'></i>failed or refused"
    legend += "".join(
        f"<i style='background:{color};opacity:.5'></i>wait: {name.replace('_', ' ')}"
        for name, color in _WAITS.items()
        if name in seen
    )
    return (
        f"<svg viewBox='0 0 {width} {base + 18}' role='img' aria-label='requests and waits over time'>"
        f"{''.join(marks)}<line x1='0' y1='{base}' x2='{width}' y2='{base}' stroke='currentColor' opacity='.4'/>"
        f"<text x='0' y='10' {text} opacity='.7'>slowest request {_time(slowest)}</text>"
        f"<text x='0' y='{base + 13}' {text} opacity='.7'>0</text>"
        f"<text x='{width}' y='{base + 13}' text-anchor='end' {text} opacity='.7'>{_time(span)}</text></svg>"
        f"<div class='quiet' style='font-size:11px'>{legend}</div>"
    )
