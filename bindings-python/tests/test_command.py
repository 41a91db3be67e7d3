"""The command, and checkpoints that go from one language to the other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from support import ROOT, TARGET, Server

import everypage


def run(*words: str, code: int = 0) -> str:
    done = subprocess.run([sys.executable, "-m", "everypage", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_the_command_is_the_same(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve("--records=300")
    path = tmp_path / "source.json"
    path.write_text(json.dumps(server.source()))
    assert run("--version").strip() == f"everypage {everypage.__version__}"
    assert "a valid source" in run("check", str(path))
    assert "Usage" in run("pull", code=64)
    out = run("pull", str(path), "--into", str(tmp_path / "leads.jsonl"), "--report", str(tmp_path / "report.json"))
    report = everypage.Report.from_json((tmp_path / "report.json").read_text())
    assert report.verdict == "complete"
    # What a report says of itself is what the command has said.
    assert str(report) == out.strip()
    assert len((tmp_path / "leads.jsonl").read_bytes().splitlines()) == 300
    refused = run("pull", str(path), "--into", str(tmp_path / "leads.jsonl"), code=3)
    assert "--resume" in refused


def test_a_file_goes_from_python_to_rust_and_back(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve("--records=600")
    path, leads = tmp_path / "source.json", tmp_path / "leads.jsonl"
    command = [str(TARGET / "everypage"), "pull", str(path), "--into", str(leads), "--resume"]
    limits = (200, 400, None)
    verdict: str
    for by_python, limit in zip((True, False, True), limits, strict=True):
        source = server.source() if limit is None else server.source(limits={"records": limit})
        path.write_text(json.dumps(source))
        if by_python:
            verdict = everypage.walk(path).to_jsonl(leads, resume=True).verdict
        else:
            verdict = {0: "complete", 4: "stopped"}[subprocess.run(command, capture_output=True, check=False).returncode]
        assert verdict == ("complete" if limit is None else "stopped")
    ids = [json.loads(line)["id"] for line in leads.read_bytes().splitlines()]
    assert len(ids) == 600
    assert set(ids) == server.ids()


def test_a_checkpoint_of_the_vectors_is_read(tmp_path: Path) -> None:
    """The texts that every language agrees on."""
    vector = json.loads((ROOT / "tests" / "vectors" / "checkpoint_of_a_finished_walk.json").read_text())
    text = next(step["checkpoint"] for step in reversed(vector["steps"]) if "checkpoint" in step)
    everypage.Checkpoint(text).save(tmp_path / "one")
    loaded = everypage.Checkpoint.load(tmp_path / "one")
    assert loaded is not None
    assert loaded.to_json() == text
    walk = everypage.walk(vector["source"], resume=loaded)
    assert walk.collect() == []
    assert walk.report is not None
    assert walk.report.verdict == "complete"
