"""What `loadfleet report` shows, by DuckDB on two threads: the peer of `Benchmarks/bench`."""

import sys

import duckdb

COLUMNS = {
    "timeStamp": "BIGINT", "elapsed": "BIGINT", "label": "VARCHAR", "responseCode": "VARCHAR",
    "responseMessage": "VARCHAR", "threadName": "VARCHAR", "dataType": "VARCHAR",
    "success": "BOOLEAN", "failureMessage": "VARCHAR", "bytes": "BIGINT", "sentBytes": "BIGINT",
    "grpThreads": "VARCHAR", "allThreads": "VARCHAR", "URL": "VARCHAR", "Latency": "VARCHAR",
    "IdleTime": "VARCHAR", "Connect": "VARCHAR",
}  # fmt: skip

# Columns are given, not guessed, which is DuckDB's fastest way.
connection = duckdb.connect()
connection.execute("set threads = 2")
connection.execute("set preserve_insertion_order = false")
rows = connection.execute(
    f"""
    select label, count(*), count(*) filter (where not success), avg(elapsed), min(elapsed),
        max(elapsed), quantile_disc(elapsed, [0.5, 0.9, 0.95, 0.99]), sum(bytes), sum(sentBytes)
    from read_csv(?, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
        columns = {COLUMNS!r})
    group by label order by label
    """,
    [sys.argv[1]],
).fetchall()
for row in rows:
    print(*row, sep="\t")
