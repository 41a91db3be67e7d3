"""The notebook of the examples runs, and shows what it is meant to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from support import ROOT, Server

NOTEBOOK = ROOT / "examples" / "notebook" / "leads.ipynb"
OPTIONS = "--records=3000 --rate=20/1s --churn=mixed --churn-every=5 --fault=503=3 --fault=429=6:after=1"


@pytest.mark.filterwarnings("default")
@pytest.mark.timeout(300)
def test_the_notebook(serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADS_URL", serve(*OPTIONS.split()).url)
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    assert all(cell.cell_type != "code" or not cell.outputs for cell in notebook.cells), "it is kept without output"
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [
        output.data["text/html"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output and "text/html" in output.data
    ]
    reports = [html for html in shown if "class='ep'" in html]
    assert len(reports) == 2
    assert "complete (observed)" in reports[0]
    assert "<svg" in reports[0]
    assert "unproven" in reports[1]
