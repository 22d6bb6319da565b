"""The same cases on PySpark: `nox -s spark` runs them, on two local cores. They need Java."""

from __future__ import annotations

import pandas as pd
import pytest
from method_cases import WORK, as_pandas

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def session():
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    started = builder.getOrCreate()
    yield started
    started.stop()


def on_spark(session, rows):
    kinds = {"f": "double", "i": "bigint"}
    schema = ", ".join(f"`{name}` {kinds.get(rows[name].dtype.kind, 'string')}" for name in rows)
    return session.createDataFrame(rows.astype(object).where(rows.notna(), None).to_dict("records"), schema=schema)


@pytest.mark.parametrize("work", WORK)
def test_spark_gives_the_same(session, work) -> None:
    rows, function = WORK[work]
    found = function(on_spark(session, rows))
    assert type(found).__module__.startswith("pyspark.sql")
    found = as_pandas(pd.DataFrame([row.asDict() for row in found.collect()], columns=found.columns))
    expected = as_pandas(function(rows))
    pd.testing.assert_frame_equal(found[list(expected)], expected, check_dtype=False, rtol=1e-11, atol=1e-12)
