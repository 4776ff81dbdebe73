"""Batches: each answer in turn, and change sets that hold or fail as one."""

from bench import Bench, equal, true

MISSING = "00000000-0000-4000-8000-00000000dead"


def run(bench: Bench) -> None:
    bench.heading("Python client: batches")
    client, api = bench.client, bench.api

    def mixed() -> None:
        batch = client.batch.new()
        batch.records.create("account", {"name": "Batch 1"})
        batch.records.create("account", [{"name": "Batch 2"}, {"name": "Batch 3"}])
        batch.records.list("account", filter="name eq 'Batch 1'", select=["name"])
        batch.tables.get("account")
        result = batch.execute()
        equal([item.is_success for item in result.responses], [True] * 4)
        equal(api.row(f"accounts({result.entity_ids[0]})")["name"], "Batch 1")
        equal(len(result.responses[1].data["Ids"]), 2)
        equal(result.responses[2].data["value"][0]["name"], "Batch 1")

    def linked() -> None:
        batch = client.batch.new()
        with batch.changeset() as changes:
            account = changes.records.create("account", {"name": "Set of Python"})
            changes.records.create("contact", {"lastname": "In set", "parentcustomerid_account@odata.bind": account})
            changes.records.update("account", account, {"fax": "set"})
        result = batch.execute()
        true(not result.has_errors, result.responses)
        rows = api.rows("accounts?$filter=name eq 'Set of Python'&$expand=contact_customer_accounts($select=lastname)")
        equal((rows[0]["fax"], rows[0]["contact_customer_accounts"][0]["lastname"]), ("set", "In set"))

    def rolled_back() -> None:
        batch = client.batch.new()
        with batch.changeset() as changes:
            changes.records.create("account", {"name": "Rolled back"})
            changes.records.delete("account", MISSING)
        result = batch.execute()
        true(result.has_errors, result.responses)
        equal(api.rows("accounts?$filter=name eq 'Rolled back'"), [])

    def goes_on() -> None:
        batch = client.batch.new()
        batch.records.retrieve("account", MISSING)
        batch.records.create("account", {"name": "After a failure"})
        result = batch.execute(continue_on_error=True)
        equal([item.is_success for item in result.responses], [False, True])
        equal(result.failed[0].status_code, 404)
        equal(len(api.rows("accounts?$filter=name eq 'After a failure'")), 1)

    def sql() -> None:
        batch = client.batch.new()
        batch.query.sql("SELECT name FROM account WHERE name = 'Batch 1'")
        equal([row["name"] for row in batch.execute().responses[0].data["value"]], ["Batch 1"])

    bench.check("creates, a bulk create, a query and a definition in one batch", mixed)
    bench.check("a change set whose rows refer to each other", linked)
    bench.check("a change set that fails leaves nothing", rolled_back)
    bench.check("continue_on_error answers what comes after a failure", goes_on)
    bench.check("SQL in a batch", sql)
