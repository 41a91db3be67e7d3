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
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)


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
    assert len(BLOCKS) == 8
    names: dict[str, object] = {"__name__": "readme"}
    for block in BLOCKS:
        exec(compile(block, str(README), "exec"), names)
    assert os.listdir(tmp_path)
