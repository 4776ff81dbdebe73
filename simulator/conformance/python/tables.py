"""Tables, columns, relationships and alternate keys."""

from enum import IntEnum

from PowerPlatform.Dataverse.models import (
    CascadeConfiguration,
    Label,
    LocalizedLabel,
    LookupAttributeMetadata,
    ManyToManyRelationshipMetadata,
    OneToManyRelationshipMetadata,
)

from bench import Bench, equal, true

TABLE = "new_Vessel"
DEFINITION = "EntityDefinitions(LogicalName='new_vessel')"


class Kind(IntEnum):
    Sail = 1
    Motor = 2


def run(bench: Bench) -> None:
    bench.heading("Python client: tables")
    reading(bench)
    creating(bench)
    columns(bench)
    relationships(bench)
    keys(bench)
    deleting(bench)


def column_names(bench: Bench) -> set[str]:
    return {column["LogicalName"] for column in bench.api.rows(f"{DEFINITION}/Attributes?$select=LogicalName")}


def reading(bench: Bench) -> None:
    tables = bench.client.tables

    def get() -> None:
        found = tables.get("account")
        equal((found.logical_name, found.entity_set_name), ("account", "accounts"))
        equal(tables.get("new_NoSuchTable"), None)

    def listed() -> None:
        found = {table["LogicalName"] for table in tables.list()}
        true({"account", "contact", "demo_sample"} <= found, found)

    def typed() -> None:
        column = tables.get_column("account", "name", typed=True)
        equal((column["LogicalName"], column["MaxLength"]), ("name", 160))
        equal(tables.get_column("account", "nosuch"), None)

    def related() -> None:
        found = {one["SchemaName"] for one in tables.list_table_relationships("contact")}
        true({"contact_customer_accounts", "account_primary_contact", "demo_event_contact"} <= found, found)
        wanted = "RelationshipType eq Microsoft.Dynamics.CRM.RelationshipType'ManyToManyRelationship'"
        many = {one["SchemaName"] for one in tables.list_relationships(filter=wanted)}
        true("demo_event_contact" in many and "account_primary_contact" not in many, many)

    bench.check("get describes a table, and a missing one is None", get)
    bench.check("list names the tables", listed)
    bench.check("get_column reads a column with what its type has", typed)
    bench.check("relationships of a table, and all of one kind", related)


def creating(bench: Bench) -> None:
    def create() -> None:
        made = bench.client.tables.create(
            TABLE,
            {
                "new_Length": "decimal",
                "new_Crew": "int",
                "new_Launched": "datetime",
                "new_Afloat": "bool",
                "new_Log": "memo",
                "new_Kind": Kind,
            },
            primary_column="new_Title",
            display_name="Vessel",
        )
        equal(made.logical_name, "new_vessel")
        definition = bench.api.row(DEFINITION)
        equal(definition["PrimaryNameAttribute"], "new_title")
        equal(definition["DisplayName"]["UserLocalizedLabel"]["Label"], "Vessel")
        wanted = {"new_length", "new_crew", "new_launched", "new_afloat", "new_log", "new_kind"}
        true(wanted <= column_names(bench), column_names(bench))

    def write() -> None:
        values = {
            "new_title": "Aurora",
            "new_length": 12.5,
            "new_crew": 3,
            "new_launched": "2020-05-01T08:00:00Z",
            "new_afloat": True,
            "new_log": "Dry",
            "new_kind": 2,
        }
        rid = bench.client.records.create(TABLE, values)
        table = bench.api.row(f"{DEFINITION}?$select=EntitySetName")
        row = bench.api.row(f"{table['EntitySetName']}({rid})")
        equal({name: row[name] for name in values}, values)

    bench.check("create makes a table with columns of each kind", create)
    bench.check("rows of the new table hold their values", write)


def columns(bench: Bench) -> None:
    tables = bench.client.tables

    def add() -> None:
        equal(tables.add_columns(TABLE, {"new_Port": "string"}), ["new_Port"])
        true("new_port" in column_names(bench), column_names(bench))

    def update() -> None:
        tables.update_column(TABLE, "new_Port", {"max_length": 250, "display_name": "Home port"})
        column = bench.api.row(
            f"{DEFINITION}/Attributes(LogicalName='new_port')/Microsoft.Dynamics.CRM.StringAttributeMetadata"
        )
        equal((column["MaxLength"], column["DisplayName"]["UserLocalizedLabel"]["Label"]), (250, "Home port"))

    def remove() -> None:
        tables.remove_columns(TABLE, "new_Port")
        true("new_port" not in column_names(bench), column_names(bench))

    bench.check("add_columns makes a column", add)
    bench.check("update_column changes length and label", update)
    bench.check("remove_columns removes it", remove)


def relationships(bench: Bench) -> None:
    tables, api = bench.client.tables, bench.api
    made: dict[str, str] = {}

    def lookup() -> None:
        info = tables.create_lookup_field("new_vessel", "new_AccountId", "account", display_name="Owner")
        equal(info.lookup_schema_name, "new_AccountId")
        true("new_accountid" in column_names(bench), column_names(bench))

    def one_to_many() -> None:
        info = tables.create_one_to_many_relationship(
            LookupAttributeMetadata(
                schema_name="new_MasterId",
                display_name=Label(localized_labels=[LocalizedLabel(label="Master", language_code=1033)]),
            ),
            OneToManyRelationshipMetadata(
                schema_name="new_contact_vessel",
                referenced_entity="contact",
                referencing_entity="new_vessel",
                referenced_attribute="contactid",
                cascade_configuration=CascadeConfiguration(delete="Restrict"),
            ),
        )
        made["one"] = info.relationship_id
        found = api.row(f"RelationshipDefinitions({made['one']})/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata")
        equal(found["CascadeConfiguration"]["Delete"], "Restrict")
        equal(found["ReferencingAttribute"], "new_masterid")

    def many_to_many() -> None:
        info = tables.create_many_to_many_relationship(
            ManyToManyRelationshipMetadata(
                schema_name="new_vessel_event",
                entity1_logical_name="new_vessel",
                entity2_logical_name="demo_event",
            )
        )
        made["many"] = info.relationship_id
        found = tables.get_relationship("new_vessel_event")
        equal({found.entity1_logical_name, found.entity2_logical_name}, {"new_vessel", "demo_event"})

    def delete() -> None:
        equal(sorted(made), ["many", "one"])
        for relationship in made.values():
            tables.delete_relationship(relationship)
            equal(api.exists(f"RelationshipDefinitions({relationship})"), False)

    bench.check("create_lookup_field adds a lookup", lookup)
    bench.check("create_one_to_many_relationship with its cascade", one_to_many)
    bench.check("create_many_to_many_relationship", many_to_many)
    bench.check("delete_relationship removes both", delete)


def keys(bench: Bench) -> None:
    tables = bench.client.tables
    made: dict[str, str] = {}

    def create() -> None:
        key = tables.create_alternate_key(TABLE, "new_vessel_title", ["new_title"], display_name="Title")
        made["key"] = key.metadata_id
        equal([found.key_attributes for found in tables.get_alternate_keys(TABLE)], [["new_title"]])

    def delete() -> None:
        tables.delete_alternate_key(TABLE, made["key"])
        equal(bench.api.rows(f"{DEFINITION}/Keys"), [])

    bench.check("create_alternate_key and get_alternate_keys", create)
    bench.check("delete_alternate_key removes it", delete)


def deleting(bench: Bench) -> None:
    def delete() -> None:
        bench.client.tables.delete(TABLE)
        equal(bench.api.exists(DEFINITION), False)

    bench.check("delete removes the table", delete)
