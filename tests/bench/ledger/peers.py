"""Measures SQLite for `rescue-bench-ledger`. Usage: python peers.py FOLDER ANSWERS BATCH SHARDS.

FOLDER holds answers.txt, which the benchmark wrote: on each line a key in hexadecimal, a space, an answer. The script writes
peers.json there, with seconds for all answers.
"""

import contextlib
import itertools
import json
import pathlib
import platform
import sqlite3
import sys
import time

FOLDER = pathlib.Path(sys.argv[1])
ANSWERS, BATCH, SHARDS = map(int, sys.argv[2:5])
PUT = "INSERT OR IGNORE INTO answers VALUES (?, ?)"

report = {"versions": f"SQLite {sqlite3.sqlite_version}, by Python {platform.python_version()}"}


@contextlib.contextmanager
def measured(name):
    """Adds the time that its body takes. `time.process_time` is CPU time of all threads, in user and in kernel mode."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    report[name + "_cpu"] = report.get(name + "_cpu", 0.0) + time.process_time() - cpu
    report[name + "_wall"] = report.get(name + "_wall", 0.0) + time.perf_counter() - wall


def connect(name):
    database = sqlite3.connect(FOLDER / name, isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, value BLOB NOT NULL)")
    return database


def batches():
    with open(FOLDER / "answers.txt", "rb") as file:
        while lines := list(itertools.islice(file, BATCH)):
            yield [(bytes.fromhex(line[:64].decode()), line[65:-1]) for line in lines]


def remove(name):
    for file in FOLDER.glob(name + "*"):
        file.unlink()


def main():
    database = connect("peer.sqlite")
    keys = []
    for batch in batches():
        keys += [key for key, _ in batch]
        with measured("put"):
            for answer in batch:
                database.execute(PUT, answer)
    with measured("put"):
        database.close()
    report["disk"] = sum(file.stat().st_size for file in FOLDER.glob("peer.sqlite*"))
    with measured("open"):
        database = connect("peer.sqlite")
        database.execute("SELECT value FROM answers WHERE key = ?", (keys[0],)).fetchone()
    with measured("get"):
        for number in range(ANSWERS):
            key = keys[number * 7919 % ANSWERS]
            assert database.execute("SELECT value FROM answers WHERE key = ?", (key,)).fetchone()
    with measured("verify"):
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    remove("peer.sqlite")

    shards = [connect(f"shard-{shard}.sqlite") for shard in range(SHARDS)]
    for batch in batches():
        for shard, database in enumerate(shards):
            with database:
                database.execute("BEGIN")
                database.executemany(PUT, batch[shard::SHARDS])
    for database in shards:
        database.close()
    database = connect("merged.sqlite")
    with measured("merge"):
        for shard in range(SHARDS):
            database.execute("ATTACH ? AS shard", (str(FOLDER / f"shard-{shard}.sqlite"),))
            database.execute("INSERT OR IGNORE INTO answers SELECT key, value FROM shard.answers")
            database.execute("DETACH shard")
    assert database.execute("SELECT count(*) FROM answers").fetchone() == (ANSWERS,)
    database.close()
    remove("merged.sqlite")
    remove("shard-")
    (FOLDER / "peers.json").write_text(json.dumps(report))


main()
