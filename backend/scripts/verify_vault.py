"""Checks a vault with an independent Delta reader: `python verify_vault.py FOLDER [--all-snapshots]`.

FOLDER is a plain copy of the container (`npm start -- --once --keep FOLDER`). Every table that the newest snapshot
knows (with --all-snapshots: every table of every snapshot) is opened with delta-rs (`pip install deltalake`); its row
count and its table hash are computed again by the rules of docs/vault.md, from those rules and not from our code, and
every stored content is hashed. One line a table, then `N passed, N failed`; exit code 1 when anything failed.
"""

import argparse
import datetime
import decimal
import hashlib
import json
import pathlib
import sys

from deltalake import DeltaTable, QueryBuilder

FILE_TABLE = "rowback_file"
CONTENT_TYPES = ("file", "image", "body")
NUMBER_TYPES = ("int", "long", "decimal", "rate", "double")


def plain_number(value):
    """Digits without an exponent, without zeros at the ends, without the sign of zero."""
    number = decimal.Decimal(repr(value) if isinstance(value, float) else value)
    if number == 0:
        return "0"
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


def canonical_text(column, value, table):
    """The text of a value that is not null; `table` is a lookup's second column."""
    kind = column["type"]
    if kind in NUMBER_TYPES:
        return plain_number(value)
    if kind == "boolean":
        return "true" if value else "false"
    if kind in ("timestamp", "wallTime"):
        moment = value.astimezone(datetime.timezone.utc)
        # strftime does not pad years before 1000 everywhere.
        return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z"
    if kind == "date":
        return f"{value.year:04d}-{value:%m-%d}"
    if kind == "multiSelect":
        return ",".join(sorted(value.split(","), key=int))
    if kind == "lookup":
        return f"{table}:{value.lower()}"
    return value.lower() if kind == "guid" else value


class Table:
    """All captured versions of one table, as delta-rs reads them, oldest first."""

    def __init__(self, folder):
        delta = DeltaTable(str(folder))
        self.delta_versions = len(list(delta.history()))
        if self.delta_versions != delta.version() + 1:
            raise ValueError(f"the log has {self.delta_versions} entries for version {delta.version()}")
        self.key = delta.metadata().configuration["rowback.key"].split(",")
        self.columns = [field.name for field in delta.schema().fields]
        self.rows = []
        for batch in QueryBuilder().register("versions", delta).execute("select * from versions"):
            columns = [batch.column(name).to_pylist() for name in self.columns]
            self.rows.extend(dict(zip(self.columns, row)) for row in zip(*columns))
        self.rows.sort(key=lambda row: row["rowback_seq"])
        self.check_order()

    def check_order(self):
        for before, after in zip(self.rows, self.rows[1:]):
            if before["rowback_seq"] == after["rowback_seq"]:
                raise ValueError(f"the sequence {after['rowback_seq']} is there twice")
            if before["rowback_snapshot"] > after["rowback_snapshot"]:
                raise ValueError(f"rowback_snapshot falls at the sequence {after['rowback_seq']}")

    def key_of(self, row):
        return "|".join("" if row[name] is None else str(row[name]) for name in self.key)

    def heads(self, keep):
        """The newest kept version of each key, unless the row is gone."""
        newest = {self.key_of(row): row for row in self.rows if keep(row)}
        return {key: row for key, row in newest.items() if row["rowback_op"] == "put"}


class Vault:
    """One environment's folder."""

    def __init__(self, folder):
        self.folder = folder
        self.tables = {}
        self.schemas = {}
        self.contents = {}
        self.snapshots = {
            path.stem: json.loads(path.read_text("utf-8")) for path in sorted((folder / "snapshots").glob("*.json"))
        }

    def table(self, name):
        if name not in self.tables:
            self.tables[name] = Table(self.folder / "tables" / name)
        return self.tables[name]

    def schema(self, sha256):
        if sha256 not in self.schemas:
            content = (self.folder / "schemas" / f"{sha256}.json").read_bytes()
            if hashlib.sha256(content).hexdigest() != sha256:
                raise ValueError(f"the schema {sha256} has another hash than its name")
            self.schemas[sha256] = json.loads(content)
        return self.schemas[sha256]

    def tables_at(self, snapshot):
        """Table name to (the snapshot that names it, what it says), walking back to one that names all."""
        found = {}
        while snapshot is not None:
            for name, state in snapshot["tables"].items():
                found.setdefault(name, (snapshot, state))
            done = snapshot["allTables"] or snapshot["previous"] is None
            snapshot = None if done else self.snapshots[snapshot["previous"]]
        return found

    def contents_at(self, snapshot):
        """(table, row key, column, content id) to the newest line about it at this snapshot."""
        if snapshot["id"] not in self.contents:
            known = self.tables_at(snapshot).get(FILE_TABLE)
            lines = {}
            if known is not None:
                through = known[1]["throughSeq"]
                for row in self.table(FILE_TABLE).rows:
                    if row["rowback_seq"] <= through:
                        lines[(row["table_name"], row["row_key"], row["column_name"], row["content_id"])] = row
            self.contents[snapshot["id"]] = lines
        return self.contents[snapshot["id"]]

    def check_contents(self):
        """Every stored content is there and has the hash and the size that its line says. Gives how many."""
        stored = {row["sha256"]: row for row in self.table(FILE_TABLE).rows if row["sha256"] is not None}
        for sha256, row in stored.items():
            content = (self.folder / "files" / sha256[:2] / sha256).read_bytes()
            if hashlib.sha256(content).hexdigest() != sha256:
                raise ValueError(f"the content {sha256} has another hash than its name")
            if row["bytes"] is not None and row["bytes"] != len(content):
                raise ValueError(f"the content {sha256} has {len(content)} bytes, its line says {row['bytes']}")
        return len(stored)


def content_text(column, key, row, schema, lines):
    """What stands for a content: its sha256, or why there is none; null for an empty column."""
    delta_name = {each["name"]: each["deltaName"] for each in schema["columns"]}
    if column["type"] == "body":
        content_id = row[delta_name[column.get("contentStamp", "versionnumber")]]
    else:
        content_id = row[column["deltaName"]]
        if content_id is not None and column["type"] == "image" and "contentStamp" in column:
            stamp = row[delta_name[column["contentStamp"]]]
            content_id = f"{content_id}/{'' if stamp is None else stamp}"
    if content_id is None:
        return None
    line = lines.get((schema["table"], key, column["name"], str(content_id)))
    if line is None:
        return None if column["type"] == "body" else "pending"
    return line["sha256"] if line["state"] == "stored" else line["state"]


def row_hash(key, row, schema, lines):
    digest = hashlib.sha256()
    for column in sorted(schema["columns"], key=lambda each: each["name"]):
        if column.get("volatile"):
            continue
        if column["type"] in CONTENT_TYPES:
            text = content_text(column, key, row, schema, lines)
        else:
            value = row[column["deltaName"]]
            table = row.get(f"{column['deltaName']}_table")
            text = None if value is None else canonical_text(column, value, table)
        if text is None:
            digest.update(f"{column['name']}=-\n".encode())
        else:
            digest.update(f"{column['name']}={len(text.encode())}:{text}\n".encode())
    return int.from_bytes(digest.digest(), "big")


def check_table(vault, name, snapshot, state):
    """Gives what was found right, as a text; raises what is wrong."""
    table = vault.table(name)
    heads = table.heads(lambda row: row["rowback_seq"] <= state["throughSeq"])
    if len(heads) != state["rowCount"]:
        raise ValueError(f"{len(heads)} rows, the snapshot says {state['rowCount']}")
    if state["status"] == "complete":
        by_snapshot = table.heads(lambda row: row["rowback_snapshot"] <= snapshot["id"])
        if by_snapshot != heads:
            raise ValueError("a query by rowback_snapshot gives other rows than the one by throughSeq")
    # A stale table shows an earlier snapshot's state, contents included.
    lines = vault.contents_at(vault.snapshots[state.get("stateOf", snapshot["id"])])
    total = 0
    for key, row in heads.items():
        total += row_hash(key, row, vault.schema(row["rowback_schema"]), lines)
    found = f"{total % 2**256:064x}"
    # Large tables carry none: what is found is printed all the same.
    if state["tableHash"] is not None and found != state["tableHash"]:
        raise ValueError(f"table hash {found}, the snapshot says {state['tableHash']}")
    values = sum(len(vault.schema(row["rowback_schema"])["columns"]) for row in heads.values())
    contents = f", {vault.check_contents()} contents" if name == FILE_TABLE else ""
    return (
        f"{len(heads)} rows, {values} values{contents}, {len(table.rows)} versions, "
        f"{table.delta_versions} commits, hash {found[:16]}"
    )


def check_environment(folder, all_snapshots):
    vault = Vault(folder)
    if not vault.snapshots:
        print(f"FAIL {folder.name}: no snapshot")
        return 0, 1
    newest = vault.snapshots[max(vault.snapshots)]
    if all_snapshots:
        work = [(s, name, state) for s in vault.snapshots.values() for name, state in s["tables"].items()]
    else:
        work = [(s, name, state) for name, (s, state) in vault.tables_at(newest).items()]
    passed = failed = 0
    for snapshot, name, state in work:
        label = f"{folder.name} {snapshot['id']} {name} ({state['status']})"
        try:
            print(f"ok   {label}: {check_table(vault, name, snapshot, state)}")
            passed += 1
        except Exception as problem:  # Whatever is wrong with one table, the others are checked too.
            print(f"FAIL {label}: {type(problem).__name__}: {problem}")
            failed += 1
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--all-snapshots", action="store_true")
    arguments = parser.parse_args()
    environments = sorted(path.parent for path in arguments.folder.glob("*/snapshots"))
    results = [check_environment(folder, arguments.all_snapshots) for folder in environments]
    if not environments:
        print(f"FAIL {arguments.folder}: no environment with snapshots")
        results.append((0, 1))
    passed, failed = (sum(column) for column in zip(*results))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
