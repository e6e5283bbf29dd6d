"""Makes the files of this folder by pyarrow 26 and polars, other hands than apache-arrow's.

    pip install pyarrow polars && python make.py
"""
import datetime as dt
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.ipc as ipc

UTC = dt.timezone.utc
DAYS = [dt.date(1969, 12, 31), None, dt.date(2024, 2, 29)]
INSTANTS = [dt.datetime(2024, 5, 1, 12, 0, 0, 1, tzinfo=UTC), None, dt.datetime(1969, 12, 31, tzinfo=UTC)]
NUMBERS = pa.array([1, None, -1], pa.int64())
LETTERS = pa.array(["a", None, "b"]).dictionary_encode()
PRICES = pa.map_(pa.utf8(), pa.struct([("d", pa.decimal128(5, 1))]))

COLUMNS = {
    "bool": pa.array([True, None, False]),
    "i8": pa.array([-128, None, 127], pa.int8()),
    "u16": pa.array([0, None, 65535], pa.uint16()),
    "u64": pa.array([0, None, 2**64 - 1], pa.uint64()),
    "f16": pa.array([0.5, None, -2.0], pa.float16()),
    "f32": pa.array([0.25, None, -2.0], pa.float32()),
    "dec": pa.array([Decimal("12.50"), None, Decimal("-0.01")], pa.decimal128(12, 2)),
    "utf8": pa.array(["größe", None, ""]),
    "large": pa.array(["größe", None, ""], pa.large_utf8()),
    "view": pa.array(["a text longer than twelve", None, "short"], pa.string_view()),
    "bin": pa.array([b"\x00\xff", None, b""], pa.binary()),
    "fixed": pa.array([b"ab", None, b"cd"], pa.binary(2)),
    "dict8": LETTERS.cast(pa.dictionary(pa.int8(), pa.utf8())),
    "dict": LETTERS,
    "date": pa.array(DAYS, pa.date32()),
    "date64": pa.array(DAYS, pa.date64()),
    "time": pa.array([dt.time(23, 59, 59, 999999), None, dt.time(0)], pa.time64("us")),
    "time32": pa.array([dt.time(23, 59, 59), None, dt.time(0)], pa.time32("s")),
    "dur": pa.array([dt.timedelta(microseconds=-1), None, dt.timedelta(days=2)], pa.duration("us")),
    "durms": pa.array([dt.timedelta(milliseconds=-1), None, dt.timedelta(days=2)], pa.duration("ms")),
    "ts_us": pa.array(INSTANTS, pa.timestamp("us", "UTC")),
    "ts_ns": NUMBERS.cast(pa.timestamp("ns", "Europe/Berlin")),
    "ts_s": NUMBERS.cast(pa.timestamp("s")),
    "null": pa.nulls(3),
    "struct": pa.array(
        [{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}],
        pa.struct([("a", pa.int32()), ("b", pa.utf8())]),
    ),
    "list": pa.array([[1, None], None, []], pa.list_(pa.int16())),
    "llist": pa.array([[1, None], None, []], pa.large_list(pa.int16())),
    "flist": pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int16(), 2)),
    "map": pa.array([[("k", 1), ("l", None)], None, []], pa.map_(pa.utf8(), pa.int64())),
    "nested": pa.array([[[("k", {"d": Decimal("1.5")})]], None, [None]], pa.list_(PRICES)),
}
JSON = {"ARROW:extension:name": "arrow.json", "ARROW:extension:metadata": ""}


def write_types() -> None:
    """Every type; the second batch is a slice of the first."""
    fields = [pa.field(name, column.type) for name, column in COLUMNS.items()]
    schema = pa.schema([*fields, pa.field("json", pa.utf8(), metadata=JSON)])
    json = pa.array(['{"a": [1]}', None, "null"])
    batch = pa.record_batch([*COLUMNS.values(), json], schema=schema)
    with ipc.new_file("pyarrow.arrow", schema) as writer:
        writer.write_batch(batch)
        writer.write_batch(batch.slice(1, 2))


def write_dictionaries() -> None:
    """A dictionary, a delta to it, and another one in its place."""
    schema = pa.schema([pa.field("d", pa.dictionary(pa.int32(), pa.utf8()))])
    options = ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with ipc.new_stream("delta.arrows", schema, options=options) as writer:
        for indices, texts in [([0, 1, None], "ab"), ([2, 1, 0], "abc"), ([0], "z")]:
            column = pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array(list(texts)))
            writer.write_batch(pa.record_batch([column], schema=schema))


def write_polars() -> None:
    """What polars writes by default: views, large lists, categories with unsigned indices."""
    pl.DataFrame(
        {
            "s": ["a text longer than twelve", None, "short"],
            "c": pl.Series(["x", "y", "x"], dtype=pl.Categorical),
            "l": [[1, 2], None, []],
            "d": pl.Series([1, 2, None], dtype=pl.Decimal(12, 2)),
        }
    ).write_ipc("polars.arrow")


write_types()
write_dictionaries()
write_polars()
