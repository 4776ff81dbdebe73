"""The client's asynchronous twin, on the ways that go over another HTTP library."""

import asyncio
import os

from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.aio import AsyncDataverseClient

from bench import FAR_FUTURE, Bench, equal, true


class AsyncCredential:
    async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        return AccessToken(os.environ["CONFORMANCE_TOKEN"], FAR_FUTURE)

    async def close(self) -> None:
        return None

    async def __aenter__(self) -> "AsyncCredential":
        return self

    async def __aexit__(self, *_reason: object) -> None:
        return None


def run(bench: Bench, url: str) -> None:
    bench.heading("Python client: asynchronous")

    async def rows() -> None:
        async with AsyncDataverseClient(url, AsyncCredential()) as client:
            rid = await client.records.create("account", {"name": "Async"})
            equal(bench.api.row(f"accounts({rid})")["name"], "Async")
            await client.records.update("account", rid, {"name": "Async 2"})
            equal(bench.api.row(f"accounts({rid})")["name"], "Async 2")
            found = await client.records.retrieve("account", rid, select=["name"])
            equal(found["name"], "Async 2")
            await client.records.delete("account", rid)
            equal(bench.api.exists(f"accounts({rid})"), False)

    async def together() -> None:
        async with AsyncDataverseClient(url, AsyncCredential()) as client:
            made = await asyncio.gather(
                *(client.records.create("account", {"name": f"Together {at}"}) for at in range(10))
            )
            equal(len({bench.api.row(f"accounts({rid})")["name"] for rid in made}), 10)
            result = await client.records.list("account", filter="startswith(name,'Together')", select=["name"])
            equal(len(list(result)), 10)

    async def table() -> None:
        async with AsyncDataverseClient(url, AsyncCredential()) as client:
            found = await client.tables.get("contact")
            true(found is not None and found.entity_set_name == "contacts", found)

    bench.check("rows are created, changed, read and deleted", lambda: asyncio.run(rows()))
    bench.check("ten creates at once", lambda: asyncio.run(together()))
    bench.check("a table's definition", lambda: asyncio.run(table()))
