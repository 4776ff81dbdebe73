"""Queries in every form that the client offers, over rows that only these checks see."""

from PowerPlatform.Dataverse.models import ExpandOption, col

from bench import Bench, equal, true

MARK = "python-mark"
ROWS = 12


def run(bench: Bench) -> None:
    bench.heading("Python client: queries")
    bench.client.records.create(
        "account",
        [{"name": f"P {at:02}", "accountnumber": MARK, "numberofemployees": at} for at in range(ROWS)],
    )
    lists(bench)
    builder(bench)
    fetchxml(bench)
    sql(bench)
    helpers(bench)


def names(rows: object) -> list[str]:
    return [row["name"] for row in rows]


def lists(bench: Bench) -> None:
    records = bench.client.records
    marked = f"accountnumber eq '{MARK}'"

    def listed() -> None:
        rows = records.list("account", filter=marked, select=["name"], orderby=["name desc"], top=3)
        equal(names(rows), ["P 11", "P 10", "P 09"])

    def paged() -> None:
        pages = list(records.list_pages("account", filter=marked, select=["name"], orderby=["name"], page_size=5))
        equal([len(page) for page in pages], [5, 5, 2])
        equal([name for page in pages for name in names(page)], [f"P {at:02}" for at in range(ROWS)])

    def expression() -> None:
        rows = records.list("account", filter=(col("accountnumber") == MARK) & (col("numberofemployees") >= 10))
        equal(sorted(names(rows)), ["P 10", "P 11"])

    bench.check("list with filter, select, order and top", listed)
    bench.check("list_pages follows the pages", paged)
    bench.check("list with a filter expression", expression)


def builder(bench: Bench) -> None:
    query = bench.client.query

    def start():
        return query.builder("account").select("name").where(col("accountnumber") == MARK)

    def operators() -> None:
        count = col("numberofemployees")
        cases = [
            (count.in_([1, 3]), ["P 01", "P 03"]),
            (count.between(2, 4), ["P 02", "P 03", "P 04"]),
            (count.not_in(list(range(1, ROWS))), ["P 00"]),
            (col("name").startswith("P 1"), ["P 10", "P 11"]),
            (col("name").contains("07"), ["P 07"]),
            (col("fax").is_not_null(), []),
            (~(count > 0), ["P 00"]),
        ]
        for condition, wanted in cases:
            rows = start().where(condition).order_by("name").execute()
            equal(names(rows), wanted)

    def pages() -> None:
        equal([len(page) for page in start().page_size(7).execute_pages()], [7, 5])

    def formatted() -> None:
        row = start().select("name", "statecode").include_formatted_values().top(1).execute().first()
        equal(row["statecode@OData.Community.Display.V1.FormattedValue"], "Active")

    def expanded() -> None:
        account = bench.client.records.create("account", {"name": "Expanded"})
        bench.client.records.create(
            "contact", {"lastname": "Inside", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
        )
        option = ExpandOption("contact_customer_accounts").select("lastname").top(1)
        row = query.builder("account").select("name").where(col("accountid") == account).expand(option).execute().first()
        equal([one["lastname"] for one in row["contact_customer_accounts"]], ["Inside"])

    def frame() -> None:
        table = start().order_by("name").to_dataframe()
        equal(list(table["name"])[:2], ["P 00", "P 01"])

    bench.check("builder: the operators of its filters", operators)
    bench.check("builder: pages", pages)
    bench.check("builder: formatted values", formatted)
    bench.check("builder: expand with options", expanded)
    bench.check("builder: as a data frame", frame)


def fetchxml(bench: Bench) -> None:
    def xml(attributes: str, inner: str) -> str:
        return (
            f'<fetch {attributes}><entity name="account">{inner}<filter>'
            f'<condition attribute="accountnumber" operator="eq" value="{MARK}"/></filter></entity></fetch>'
        )

    by_name = '<attribute name="name"/><order attribute="name"/>'

    def whole() -> None:
        rows = bench.client.query.fetchxml(xml("", by_name)).execute()
        equal(names(rows), [f"P {at:02}" for at in range(ROWS)])

    def pages() -> None:
        found = list(bench.client.query.fetchxml(xml('count="5"', by_name)).execute_pages())
        equal([len(page) for page in found], [5, 5, 2])
        equal(len({name for page in found for name in names(page)}), ROWS)

    def aggregate() -> None:
        total = '<attribute name="numberofemployees" alias="total" aggregate="sum"/>'
        rows = bench.client.query.fetchxml(xml('aggregate="true"', total)).execute()
        equal(rows.first()["total"], sum(range(ROWS)))

    bench.check("fetchxml: all rows", whole)
    bench.check("fetchxml: page by page", pages)
    bench.check("fetchxml: an aggregate", aggregate)


def sql(bench: Bench) -> None:
    def plain() -> None:
        rows = bench.client.query.sql(
            f"SELECT TOP 3 name, numberofemployees FROM account WHERE accountnumber = '{MARK}' ORDER BY name DESC"
        )
        equal([(row["name"], row["numberofemployees"]) for row in rows], [("P 11", 11), ("P 10", 10), ("P 09", 9)])

    def conditions() -> None:
        rows = bench.client.query.sql(
            f"SELECT name FROM account WHERE accountnumber = '{MARK}' AND "
            "(numberofemployees BETWEEN 2 AND 3 OR name LIKE 'P 1%') ORDER BY name"
        )
        equal(names(rows), ["P 02", "P 03", "P 10", "P 11"])

    def joined() -> None:
        account = bench.client.records.create("account", {"name": "Joined by SQL"})
        bench.client.records.create(
            "contact", {"lastname": "Sql", "parentcustomerid_account@odata.bind": f"/accounts({account})"}
        )
        rows = bench.client.query.sql(
            "SELECT a.name, COUNT(c.contactid) AS many FROM account a "
            "JOIN contact c ON a.accountid = c.parentcustomerid "
            "WHERE a.name = 'Joined by SQL' GROUP BY a.name"
        )
        equal([(row["name"], row["many"]) for row in rows], [("Joined by SQL", 1)])

    def columns() -> None:
        found = {column["name"]: column["type"] for column in bench.client.query.sql_columns("account")}
        equal((found["name"], found["accountid"], found["statecode"]), ("String", "Uniqueidentifier", "State"))
        true("entityimage" not in found, "virtual columns are listed")

    bench.check("sql: columns, filter, order and top", plain)
    bench.check("sql: BETWEEN, LIKE, AND and OR", conditions)
    bench.check("sql: a join with COUNT and GROUP BY", joined)
    bench.check("sql_columns lists what SQL can ask for", columns)


def helpers(bench: Bench) -> None:
    def bind() -> None:
        rows = bench.api.rows("accounts?$select=name&$top=1")
        found = bench.client.query.odata_bind("contact", "account", rows[0]["accountid"])
        contact = bench.client.records.create("contact", {"lastname": "By helper", **found})
        row = bench.api.row(f"contacts({contact})")
        true(rows[0]["accountid"] in row.values(), row)

    bench.check("odata_bind finds the navigation property of a lookup", bind)
