"""pandas data frames in and out."""

import pandas

from bench import Bench, equal


def run(bench: Bench) -> None:
    bench.heading("Python client: data frames")
    frames, api = bench.client.dataframe, bench.api
    made: dict[str, pandas.Series] = {}

    def create() -> None:
        table = pandas.DataFrame([{"name": "Frame 1", "fax": "1"}, {"name": "Frame 2", "fax": None}])
        made["ids"] = frames.create("account", table)
        rows = [api.row(f"accounts({rid})") for rid in made["ids"]]
        equal([(row["name"], row["fax"]) for row in rows], [("Frame 1", "1"), ("Frame 2", None)])

    def update() -> None:
        frames.update("account", pandas.DataFrame({"accountid": made["ids"], "fax": ["a", "b"]}), id_column="accountid")
        equal([api.row(f"accounts({rid})")["fax"] for rid in made["ids"]], ["a", "b"])

    def sql() -> None:
        table = frames.sql("SELECT name FROM account WHERE name LIKE 'Frame%' ORDER BY name")
        equal(list(table["name"]), ["Frame 1", "Frame 2"])

    def delete() -> None:
        frames.delete("account", made["ids"], use_bulk_delete=False)
        equal([api.exists(f"accounts({rid})") for rid in made["ids"]], [False, False])

    bench.check("create from a data frame", create)
    bench.check("update from a data frame", update)
    bench.check("SQL into a data frame", sql)
    bench.check("delete of a series of ids", delete)
