"""Sources as mappings, files and built ones; errors; records as Python objects."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT, Server

import everypage
from everypage import _everypage


def test_every_code_has_a_class_and_every_class_a_code() -> None:
    known = everypage.WalkError.known
    assert sorted(known) == sorted(_everypage.error_codes())
    for code, kind in known.items():
        assert getattr(everypage, kind.__name__) is kind, code
        assert issubclass(kind, everypage.EverypageError)
    for name, found in inspect.getmembers(everypage, inspect.isclass):
        if issubclass(found, Exception):
            assert name in everypage.__all__
    codes = [everypage.InvalidSource.code, everypage.SettingsError.code, everypage.UsageError.code]
    assert codes == ["EP_INVALID_SOURCE", "EP_SETTINGS", "EP_USAGE"]


def test_every_fault_of_a_source_is_named() -> None:
    source = {"request": {"url": "https://a.example/{TEAM}"}, "records": "data", "size": {"value": 0}}
    with pytest.raises(everypage.InvalidSource) as caught:
        everypage.walk(source)
    assert isinstance(caught.value, ValueError)
    fields = {fault.field for fault in caught.value.faults}
    assert {"request.url", "records", "size.value", "pagination"} <= fields
    assert all(str(fault) in str(caught.value) for fault in caught.value.faults)


def test_what_is_no_json_is_named() -> None:
    for value, field, found in (
        ({"request": {"query": {"since": {1, 2}}}}, "request.query.since", "a set"),
        ({"limits": [{"records": math.nan}]}, "limits[0].records", "a float"),
    ):
        with pytest.raises(everypage.InvalidSource) as caught:
            everypage.walk(value)
        (fault,) = caught.value.faults
        assert (fault.field, fault.found) == (field, found)


def test_secrets_are_not_shown() -> None:
    document = {"request": {"url": "https://a.example/x?key=hunter2"}, "auth": {"bearer": "hunter3"}}
    with pytest.raises(everypage.InvalidSource) as caught:
        everypage.walk(document, auth={"bearer": b"hunter4"})  # type: ignore[call-overload]
    assert "hunter" not in str(caught.value)
    assert caught.value.__cause__ is None
    with pytest.raises(everypage.InvalidSource) as caught:
        everypage.walk(document)
    assert "hunter3" not in str(caught.value)
    assert "hunter" not in repr(everypage.Source("https://a.example/x?key=hunter2").bearer("hunter3"))


def test_a_file_a_mapping_and_a_built_source_are_the_same(tmp_path: Path, serve: Callable[..., Server]) -> None:
    server = serve("--records=30")
    built = (
        everypage.Source("{BASE}/offset")
        .name("leads")
        .records("/data")
        .id("/id")
        .order("/created_at", "desc", immutable=True)
        .size("query:limit", 250)
        .max_size(1000)
        .offset("query:offset")
        # The checkpoint tells the long form of a key from its short one.
        .set(["total"], "body:/total")
        .rate(20, "1s")
    )
    path = ROOT / "examples" / "leads.json"
    (tmp_path / "leads.toml").write_text(
        """
        name = "leads"
        records = "/data"
        id = "/id"
        total = "body:/total"
        request = { url = "{BASE}/offset" }
        order = { by = "/created_at", direction = "desc", immutable = true }
        size = { write = "query:limit", value = 250, max = 1000 }
        pagination = { style = "offset" }
        rate = [{ requests = 20, per = "1s" }]
        """
    )
    checkpoint = None
    for source in (built, built.to_dict(), path, str(path), tmp_path / "leads.toml"):
        # The checkpoint of one fits all the others.
        walk = everypage.walk(source, vars={"BASE": server.url}, resume=checkpoint)
        assert len(walk.collect()) == (0 if checkpoint else 30)
        checkpoint = walk.checkpoint()
    with pytest.raises(everypage.SettingsError, match="can't read the source"):
        everypage.walk("no-such-file.json")


def test_the_builder_sets_what_it_says() -> None:
    source = (
        everypage.Source("https://a.example/search")
        .query("q", ["a", "b"])
        .header("x-team", "east")
        .read_only_post({"all": True})
        .basic("me", "secret")
        .auth_header("x-key", "secret")
        .auth_query("token", "secret")
        .state({"write": "body:/from", "start": 0, "next": {"add": "records"}})
        .end("empty")
        .end("short")
        .stable("key")
        .total("body:/total")
        .total_kind("at_least")
        .concurrency(3)
        .set(["limits", "pages"], 10)
    )
    document = source.to_dict()
    assert document["request"] == {
        "url": "https://a.example/search",
        "query": {"q": ["a", "b"]},
        "headers": {"x-team": "east"},
        "method": "POST",
        "read_only": True,
        "body": {"all": True},
    }
    assert document["auth"] == {"basic": ["me", "secret"], "header": {"x-key": "secret"}, "query": {"token": "secret"}}
    assert document["end"] == ["empty", "short"]
    assert (document["concurrency"], document["limits"]) == (3, {"pages": 10})
    plain = everypage.Source("https://a.example")
    assert plain.page("query:p").to_dict()["pagination"]["style"] == "page"
    assert plain.link("link:next").to_dict()["pagination"]["style"] == "link"
    assert plain.keyset("query:after").to_dict()["pagination"]["style"] == "keyset"
    assert plain.single().to_dict()["pagination"]["style"] == "single"


def objects(records: list[str]) -> list[Any]:
    """What a walk makes of records that a server sends."""
    body = f'{{"data":[{",".join(records)}]}}'
    source = everypage.Source("http://127.0.0.1/").records("/data").single()
    walk = everypage.walk(source, client=lambda request: everypage.Response(200, {}, body.encode()), progress=False)
    return walk.collect()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, max_size=6), st.booleans())
def test_records_are_what_pythons_own_reader_makes_of_them(values: list[Any], ascii_only: bool) -> None:
    records = [json.dumps({"value": value}, ensure_ascii=ascii_only) for value in values]
    assert objects(records) == [json.loads(record) for record in records]


def test_awkward_records_survive() -> None:
    huge = str(2**200 + 1)
    values = [huge, "-0", "1e400", '"\\ud800"', '{"a":1,"b":"\\udc00 \\u00e4"}', "[]", '""', "12345678901234567890"]
    records = [f'{{"value":{value}}}' for value in values]
    found = objects(records)
    assert found == [json.loads(record) for record in records]
    assert found[0] == {"value": 2**200 + 1}
    assert isinstance(found[0]["value"], int)


def test_a_line_is_a_record_whatever_the_server_breaks() -> None:
    body = b'{"data":[{\n"a":1,\r\n"b":"x\\ny"},{"a":2}]}'
    source = everypage.Source("http://127.0.0.1/").records("/data").single()
    walk = everypage.walk(source, client=lambda request: everypage.Response(200, {}, body))
    (page,) = walk.pages()
    assert page.ndjson() == b'{ "a":1,  "b":"x\\ny"}\n{"a":2}\n'


def test_a_record_that_is_no_text_is_named() -> None:
    body = b'{"data":[{"a":1},{"a":"\xff"}]}'
    source = everypage.Source("http://127.0.0.1/").records("/data").single()

    def client(request: everypage.Request) -> everypage.Response:
        return everypage.Response(200, {}, body)

    with pytest.raises(everypage.RecordError) as caught:
        everypage.walk(source, client=client).collect()
    assert (caught.value.page, caught.value.index, caught.value.code) == (1, 2, "EP_RECORD")
    assert everypage.walk(source, client=client, raw=True).collect() == [b'{"a":1}', b'{"a":"\xff"}']


def test_requests_are_shown_without_their_secrets() -> None:
    shown: list[str] = []

    def client(request: everypage.Request) -> everypage.Response:
        shown.append(repr(request))
        assert request.headers["authorization"] == "Bearer hunter2"
        return everypage.Response(200, [("x-a", "1"), ("x-a", b"2")], b"[]", request.url)

    source = everypage.Source("http://127.0.0.1/x?q=hunter3").records("").single().bearer("hunter2")
    everypage.walk(source, client=client).collect()
    assert shown == ["<everypage.Request GET http://127.0.0.1/x>"]


def test_the_version_is_the_packages() -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("everypage")
    except PackageNotFoundError:
        pytest.skip("run from the folder, not installed")
    assert everypage.__version__ == _everypage.VERSION == installed
    with pytest.raises(AttributeError):
        everypage.nothing  # noqa: B018
