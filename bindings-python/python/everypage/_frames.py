"""Tables and frames: fed with lines in large batches, never with objects."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._walk import Pages

#: Bytes that are read at a time.
_BATCH = 32 << 20


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
    tables: list[Any] = []
    options = reader.ParseOptions(explicit_schema=schema)
    for batch in _batches(pages):
        # One block: types are inferred from all of a batch.
        block = reader.ReadOptions(use_threads=False, block_size=len(batch) + 1)
        tables.append(reader.read_json(pyarrow.BufferReader(batch), block, options))
    if not tables:
        return (schema or pyarrow.schema([])).empty_table()
    return pyarrow.concat_tables(tables, promote_options="permissive")


def to_polars(pages: Pages[Any], schema: Any) -> Any:
    (polars,) = _load("polars", "to_polars()", "polars")
    read = polars.read_ndjson
    frames = [read(batch, schema=schema, infer_schema_length=None) for batch in _batches(pages)]
    if not frames:
        return polars.DataFrame(schema=schema)
    return frames[0] if len(frames) == 1 else polars.concat(frames, how="diagonal_relaxed")


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
