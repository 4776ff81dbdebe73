"""Rows: created, read, changed and deleted, one by one and in bulk."""

import time

from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models import UpsertItem

from bench import Bench, equal, true

MISSING = "00000000-0000-4000-8000-00000000dead"
ENOUGH_SECONDS = 20


def run(bench: Bench) -> None:
    bench.heading("Python client: rows")
    single(bench)
    bulk(bench)
    keys(bench)


def single(bench: Bench) -> None:
    records, api = bench.client.records, bench.api
    made: dict[str, str] = {}

    def create() -> None:
        made["id"] = records.create("account", {"name": "Python", "numberofemployees": 7})
        row = api.row(f"accounts({made['id']})")
        equal((row["name"], row["numberofemployees"]), ("Python", 7))

    def retrieve() -> None:
        row = records.retrieve("account", made["id"], select=["name"], include_annotations="*")
        true(row is not None, row)
        equal(row["name"], "Python")

    def retrieve_missing() -> None:
        equal(records.retrieve("account", MISSING), None)

    def label() -> None:
        rid = records.create("account", {"name": "By label", "industrycode": "Consulting"})
        found = api.get(f"accounts({rid})?$select=industrycode").json()["industrycode"]
        options = api.row(
            "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='industrycode')"
            "/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet,GlobalOptionSet"
        )
        labels = {
            option["Label"]["UserLocalizedLabel"]["Label"]: option["Value"]
            for option in (options["OptionSet"] or options["GlobalOptionSet"])["Options"]
        }
        equal(found, labels["Consulting"])

    def bind() -> None:
        contact = records.create(
            "contact",
            {"lastname": "Bound", "parentcustomerid_account@odata.bind": f"/accounts({made['id']})"},
        )
        equal(api.row(f"contacts({contact})")["_parentcustomerid_value"], made["id"])

    def update() -> None:
        records.update("account", made["id"], {"name": "Python 2"})
        equal(api.row(f"accounts({made['id']})")["name"], "Python 2")

    def delete() -> None:
        records.delete("account", made["id"])
        equal(api.exists(f"accounts({made['id']})"), False)

    def refusal() -> None:
        try:
            records.create("account", {"nosuchcolumn": 1})
        except HttpError as error:
            equal(error.status_code, 400)
            true("nosuchcolumn" in str(error), str(error))
            return
        raise AssertionError("an unknown column was accepted")

    bench.check("create answers with the id, and the row is there", create)
    bench.check("retrieve reads it with annotations", retrieve)
    bench.check("retrieve of a missing row is None", retrieve_missing)
    bench.check("a choice is written by its label, which the client looks up", label)
    bench.check("a lookup is bound", bind)
    bench.check("update changes the row", update)
    bench.check("delete removes it", delete)
    bench.check("an unknown column is refused with 400", refusal)


def bulk(bench: Bench) -> None:
    records, api = bench.client.records, bench.api
    made: dict[str, list[str]] = {}

    def create() -> None:
        made["ids"] = records.create("account", [{"name": f"Bulk {at}"} for at in range(5)])
        names = [api.row(f"accounts({rid})")["name"] for rid in made["ids"]]
        equal(names, [f"Bulk {at}" for at in range(5)])

    def broadcast() -> None:
        records.update("account", made["ids"], {"fax": "same"})
        equal({api.row(f"accounts({rid})")["fax"] for rid in made["ids"]}, {"same"})

    def paired() -> None:
        records.update("account", made["ids"][:2], [{"fax": "first"}, {"fax": "second"}])
        equal([api.row(f"accounts({rid})")["fax"] for rid in made["ids"][:2]], ["first", "second"])

    def delete_each() -> None:
        records.delete("account", made["ids"][:2], use_bulk_delete=False)
        equal([api.exists(f"accounts({rid})") for rid in made["ids"]], [False, False, True, True, True])

    def bulk_delete() -> None:
        job = records.delete("account", made["ids"][2:])
        true(job, "no job id")
        deadline = time.monotonic() + ENOUGH_SECONDS
        while any(api.exists(f"accounts({rid})") for rid in made["ids"][2:]):
            true(time.monotonic() < deadline, "the rows are still there")
            time.sleep(0.2)
        true(api.exists(f"asyncoperations({job})"), f"no job {job}")

    bench.check("create with a list makes each row", create)
    bench.check("update with one change writes it to each row", broadcast)
    bench.check("update with a list of changes writes each to its row", paired)
    bench.check("delete with a list, one by one", delete_each)
    bench.check("delete with a list as a bulk delete job", bulk_delete)


def keys(bench: Bench) -> None:
    records, api = bench.client.records, bench.api

    def named(code: str) -> list[str]:
        return [row["demo_name"] for row in api.rows(f"demo_samples?$select=demo_name&$filter=demo_code eq '{code}'")]

    def item(code: str, name: str) -> UpsertItem:
        return UpsertItem(alternate_key={"demo_code": code}, record={"demo_name": name})

    def one() -> None:
        records.upsert("demo_sample", [item("PY-1", "Made")])
        records.upsert("demo_sample", [item("PY-1", "Changed")])
        equal(named("PY-1"), ["Changed"])

    def several() -> None:
        records.upsert("demo_sample", [item("PY-1", "Again"), item("PY-2", "New")])
        equal((named("PY-1"), named("PY-2")), (["Again"], ["New"]))

    bench.check("upsert by an alternate key creates, then updates", one)
    bench.check("upsert of several rows in one message", several)
