"""Every example in the README and in the docstrings runs."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support import ROOT, Server

import everypage

README = ROOT / "bindings-python" / "README.md"


def blocks(document: Path, language: str = "python") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", document.read_text(encoding="utf-8"), re.S)


def test_docstrings() -> None:
    names = [module.name for module in pkgutil.iter_modules(everypage.__path__) if module.name != "_everypage"]
    results = [doctest.testmod(importlib.import_module(f"everypage.{name}")) for name in names]
    assert sum(result.failed for result in results) == 0
    assert sum(result.attempted for result in results) > 0


def test_the_readme(serve: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks run in order, as one program, against the lead server."""
    server = serve("--records=500", "--auth-token=secret")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADS_URL", server.url)
    monkeypatch.setenv("LEADS_TOKEN", "secret")
    found = blocks(README)
    assert len(found) == 8
    names: dict[str, object] = {"__name__": "readme"}
    for block in found:
        exec(compile(block, str(README), "exec"), names)
    assert sorted(os.listdir(tmp_path))[0] == "leads.checkpoint"


def test_the_readme_of_the_project(
    serve: Callable[..., Server], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its source of leads, walked by its lines of Python."""
    monkeypatch.chdir(tmp_path)
    document = ROOT / "README.md"
    source = next(block for block in blocks(document, "json") if '"leads"' in block)
    (tmp_path / "leads.json").write_text(source)
    names = {"everypage": everypage, "base": serve("--records=500").url}
    (block,) = blocks(document)
    exec(compile(block, str(document), "exec"), names)
    walk = names["walk"]
    assert isinstance(walk, everypage.Walk)
    assert walk.report is not None
    assert walk.report.verdict == "complete"
