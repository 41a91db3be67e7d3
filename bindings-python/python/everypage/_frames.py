"""Tables and frames: fed with lines in large batches, never with objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow

    from ._walk import Pages

#: Bytes that are read at a time.
_BATCH = 32 << 20


def _needs(extra: str, method: str) -> ImportError:
    return ImportError(f"`{method}` needs more packages: pip install 'everypage[{extra}]'")


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


def arrow(pages: Pages[Any], schema: pyarrow.Schema | None) -> pyarrow.Table:
    try:
        import pyarrow
        from pyarrow import json
    except ImportError:
        raise _needs("arrow", "to_arrow()") from None
    tables: list[Any] = []
    options: Any = json.ParseOptions(explicit_schema=schema)
    for batch in _batches(pages):
        # One block: types are inferred from all of a batch.
        block: Any = json.ReadOptions(use_threads=False, block_size=len(batch) + 1)
        tables.append(json.read_json(pyarrow.BufferReader(batch), block, options))
    if not tables:
        return (schema or pyarrow.schema([])).empty_table()
    table: pyarrow.Table = pyarrow.concat_tables(tables, promote_options="permissive")
    return table


def to_polars(pages: Pages[Any], schema: Any) -> polars.DataFrame:
    try:
        import polars
    except ImportError:
        raise _needs("polars", "to_polars()") from None
    frames = [
        polars.read_ndjson(batch, schema=schema, infer_schema_length=None) for batch in _batches(pages)
    ]
    if not frames:
        return polars.DataFrame(schema=schema)
    return frames[0] if len(frames) == 1 else polars.concat(frames, how="diagonal_relaxed")


def to_pandas(pages: Pages[Any], schema: pyarrow.Schema | None) -> pandas.DataFrame:
    try:
        import pandas
        import pyarrow
    except ImportError:
        raise _needs("pandas", "to_pandas()") from None
    table = arrow(pages, schema)
    # A whole number that is missing would make its whole column floats, which large ones don't survive.
    gaps = any(pyarrow.types.is_int64(column.type) and column.null_count for column in table.columns)
    kinds: dict[Any, Any] = {pyarrow.int64(): pandas.Int64Dtype()} if gaps else {}
    frame: pandas.DataFrame = table.to_pandas(types_mapper=kinds.get)
    return frame


def to_duckdb(pages: Pages[Any], schema: pyarrow.Schema | None) -> duckdb.DuckDBPyRelation:
    try:
        import duckdb
    except ImportError:
        raise _needs("duckdb", "to_duckdb()") from None
    return duckdb.from_arrow(arrow(pages, schema))
