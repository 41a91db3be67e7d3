"""Tables and frames hold what the records hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from support import Server

import everypage


def test_every_kind_of_table_has_every_record(serve: Callable[..., Server]) -> None:
    server = serve("--records=500", "--int-ids")
    records = everypage.walk(server.source()).collect()
    emails = [record["email"] for record in records]
    assert len(set(emails)) == 500
    table = everypage.walk(server.source()).to_arrow()
    assert table["email"].to_pylist() == emails
    assert table["company"].to_pylist() == [record["company"] for record in records]
    frame = everypage.walk(server.source()).to_polars()
    assert frame["email"].to_list() == emails
    assert frame["id"].to_list() == [record["id"] for record in records]
    pandas = everypage.walk(server.source()).to_pandas()
    assert list(pandas["email"]) == emails
    relation = everypage.walk(server.source()).to_duckdb()
    assert [row[0] for row in relation.project("email").fetchall()] == emails


def walk(body: str) -> everypage.Walk[Any]:
    source = everypage.Source("http://127.0.0.1/").records("").single()
    return everypage.walk(source, client=lambda _: everypage.Response(200, {}, body.encode()))


def test_whole_numbers_with_gaps_stay_whole() -> None:
    body = '[{"id":9007199254740993,"n":1},{"n":2},{"id":3,"n":3}]'
    frame = walk(body).to_pandas()
    assert frame["id"].iloc[0] == 9007199254740993
    assert str(frame["id"].dtype) == "Int64"
    assert str(walk('[{"id":1},{"id":2}]').to_pandas()["id"].dtype) == "int64"
    assert walk(body).to_arrow()["id"].to_pylist() == [9007199254740993, None, 3]
    assert walk(body).to_polars()["id"].to_list() == [9007199254740993, None, 3]


def test_batches_of_other_types_are_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("everypage._frames._BATCH", 1)
    bodies = ['[{"a":null,"b":1}]', '[{"a":"x","b":2.5}]', '[{"a":"y","c":true}]']

    def client(request: everypage.Request) -> everypage.Response:
        number = int(request.url.split("=")[1])
        return everypage.Response(200, {}, (bodies[number - 1] if number <= len(bodies) else "[]").encode())

    def paged() -> everypage.Walk[Any]:
        return everypage.walk(everypage.Source("http://127.0.0.1/").records("").page("query:p"), client=client)

    expected = [{"a": None, "b": 1.0, "c": None}, {"a": "x", "b": 2.5, "c": None}, {"a": "y", "b": None, "c": True}]
    assert paged().to_arrow().to_pylist() == expected
    assert paged().to_polars().to_dicts() == expected


def test_text_that_looks_like_a_time_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:
    record = '{"at":"2024-01-01T00:00:00Z","in":{"at":"2024-01-01","n":1},"all":[{"at":"2024-01-01"}],"n":1}'
    other = record.replace("2024", "not 2024")
    for body in (f"[{record}]", f"[{record},{other}]", f"[{other},{record}]"):
        expected = json.loads(body)
        assert walk(body).to_arrow().to_pylist() == expected
        assert walk(body).to_polars().to_dicts() == expected
    monkeypatch.setattr("everypage._frames._BATCH", 1)
    later = '{"new":"2024-01-01T00:00:00Z","in":{"then":"2024-01-01"},"n":null}'

    def client(request: everypage.Request) -> everypage.Response:
        bodies = {"1": f"[{record}]", "2": f"[{later}]", "3": f"[{other}]"}
        return everypage.Response(200, {}, bodies.get(request.url.split("=")[1], "[]").encode())

    source = everypage.Source("http://127.0.0.1/").records("").page("query:p")
    table = everypage.walk(source, client=client).to_arrow()
    assert table["at"].to_pylist() == ["2024-01-01T00:00:00Z", None, "not 2024-01-01T00:00:00Z"]
    assert table["new"].to_pylist() == [None, "2024-01-01T00:00:00Z", None]
    assert table["in"].to_pylist()[1] == {"at": None, "n": None, "then": "2024-01-01"}


def test_an_empty_list_is_an_empty_table() -> None:
    assert walk("[]").to_arrow().num_rows == 0
    assert walk("[]").to_polars().height == 0
    assert len(walk("[]").to_pandas()) == 0


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr("everypage._frames.import_module", absent)
    for extra in ("arrow", "duckdb", "pandas", "polars"):
        with pytest.raises(ImportError, match=rf"pip install 'everypage\[{extra}\]'"):
            getattr(walk("[]"), f"to_{extra}")()
