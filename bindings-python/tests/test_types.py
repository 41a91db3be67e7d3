"""The types hold: mypy and pyright in their strict modes, the stub against the module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

import everypage

HERE = ROOT / "bindings-python"
INSTALLED = Path(everypage.__file__).parent


@pytest.mark.parametrize(
    "command",
    [
        ["mypy", "--strict", str(HERE / "tests"), str(HERE / "python" / "everypage"), str(ROOT / "examples" / "python")],
        ["mypy.stubtest", "everypage._everypage", "--mypy-config-file", "pyproject.toml"],
        ["pyright", "--pythonpath", sys.executable],
    ],
    ids=["mypy", "stubtest", "pyright"],
)
@pytest.mark.timeout(600)
def test_types(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
