"""What `loadfleet report` shows, by polars on two threads: the peer of `Benchmarks/bench`."""

import os
import sys

os.environ["POLARS_MAX_THREADS"] = "2"

import polars

elapsed = polars.col("elapsed")
figures = (
    polars.scan_csv(sys.argv[1], schema_overrides={"responseCode": polars.String})
    .group_by("label")
    .agg(
        elapsed.count().alias("count"),
        (~polars.col("success")).sum().alias("errors"),
        elapsed.mean().alias("mean"),
        elapsed.min().alias("min"),
        elapsed.max().alias("max"),
        *[elapsed.quantile(p, "higher").alias(f"p{p}") for p in (0.5, 0.9, 0.95, 0.99)],
        polars.col("bytes", "sentBytes").sum(),
    )
    .sort("label")
    .collect(engine="streaming")
)
for row in figures.iter_rows():
    print(*row, sep="\t")
