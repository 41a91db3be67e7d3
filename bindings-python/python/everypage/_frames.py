"""Tables and frames: fed with lines in large batches, never with objects."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._walk import Pages

#: Bytes that are read at a time.
_BATCH = 4 << 20


def _load(extra: str, method: str, *names: str) -> list[Any]:
    """The modules of an extra; not all of them ship types."""
    try:
        return [import_module(name) for name in names]
    except ImportError:
        raise ImportError(f"`{method}` needs more packages: pip install 'everypage[{extra}]'") from None


def _batches(pages: Pages[Any]) -> Iterator[bytes]:
    lines: list[bytes] = []
    size = 0
    for page in pages:
        lines.append(page.ndjson())
        size += len(lines[-1])
        if size >= _BATCH:
            yield b"".join(lines)
            lines, size = [], 0
    if size:
        yield b"".join(lines)


def to_arrow(pages: Pages[Any], schema: Any, extra: str = "arrow", method: str = "to_arrow()") -> Any:
    pyarrow, reader = _load(extra, method, "pyarrow", "pyarrow.json")

    def read(batch: bytes, known: Any) -> Any:
        # One block: types are inferred from all of a batch.
        block = reader.ReadOptions(use_threads=False, block_size=len(batch) + 1)
        return reader.read_json(pyarrow.BufferReader(batch), block, reader.ParseOptions(explicit_schema=known))

    tables: list[Any] = []
    known = schema
    for batch in _batches(pages):
        table = read(batch, known)
        if schema is None and (texts := _texts(pyarrow, table.schema, known)) != known:
            known = texts
            table = read(batch, known)
        tables.append(table)
    if not tables:
        return (schema or pyarrow.schema([])).empty_table()
    return pyarrow.concat_tables(tables, promote_options="permissive")


def _texts(pyarrow: Any, found: Any, known: Any) -> Any:
    """The fields that the reader took for times, as the texts they are; with those known before."""
    names = found.names if isinstance(found, pyarrow.Schema) else [field.name for field in found]
    fields: list[Any] = []
    for name in names:
        before = known.field(name).type if known is not None and known.get_field_index(name) >= 0 else None
        kind = _text(pyarrow, found.field(name).type, before)
        if kind is not None:
            fields.append(pyarrow.field(name, kind))
    if not fields:
        return known
    return pyarrow.schema(fields) if isinstance(found, pyarrow.Schema) else pyarrow.struct(fields)


def _text(pyarrow: Any, found: Any, known: Any) -> Any:
    if pyarrow.types.is_timestamp(found):
        return pyarrow.string()
    if pyarrow.types.is_struct(found):
        return _texts(pyarrow, found, known)
    if pyarrow.types.is_list(found):
        inner = _text(pyarrow, found.value_type, None if known is None else known.value_type)
        return known if inner is None else pyarrow.list_(inner)
    return known


def to_polars(pages: Pages[Any], schema: Any) -> Any:
    (polars,) = _load("polars", "to_polars()", "polars")
    return polars.from_arrow(to_arrow(pages, schema, "polars", "to_polars()"))


def to_pandas(pages: Pages[Any], schema: Any) -> Any:
    pandas, pyarrow = _load("pandas", "to_pandas()", "pandas", "pyarrow")
    table = to_arrow(pages, schema, "pandas", "to_pandas()")
    # A whole number that is missing would make its whole column floats, which large ones don't survive.
    gaps = any(pyarrow.types.is_int64(column.type) and column.null_count for column in table.columns)
    kinds: dict[Any, Any] = {pyarrow.int64(): pandas.Int64Dtype()} if gaps else {}
    return table.to_pandas(types_mapper=kinds.get)


def to_duckdb(pages: Pages[Any], schema: Any) -> Any:
    (duckdb,) = _load("duckdb", "to_duckdb()", "duckdb")
    return duckdb.from_arrow(to_arrow(pages, schema, "duckdb", "to_duckdb()"))
