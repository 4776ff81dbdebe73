"""What the checks work with: the client under test, the Web API without it, and a way to report."""

import json
import os
import sys
import traceback
from typing import Any, Callable

import requests
from azure.core.credentials import AccessToken
from PowerPlatform.Dataverse.client import DataverseClient

FAR_FUTURE = 2**40


class Credential:
    """A token that was fetched by client credentials; the client only asks for it."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(os.environ["CONFORMANCE_TOKEN"], FAR_FUTURE)


class WebApi:
    """The Web API over plain HTTP: what the client claims to have done is read back through this."""

    def __init__(self, url: str) -> None:
        self._root = f"{url}/api/data/v9.2/"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {os.environ['CONFORMANCE_TOKEN']}"

    def get(self, path: str) -> requests.Response:
        return self._session.get(self._root + path)

    def get_range(self, path: str, first: int, last: int) -> requests.Response:
        return self._session.get(self._root + path, headers={"Range": f"bytes={first}-{last}"})

    def row(self, path: str) -> dict[str, Any]:
        answer = self.get(path)
        answer.raise_for_status()
        return answer.json()

    def rows(self, path: str) -> list[dict[str, Any]]:
        return self.row(path)["value"]

    def exists(self, path: str) -> bool:
        return self.get(path).status_code == 200


class Bench:
    def __init__(self, client: DataverseClient, api: WebApi) -> None:
        self.client = client
        self.api = api

    def heading(self, text: str) -> None:
        tell({"heading": text})

    def check(self, name: str, body: Callable[[], None]) -> None:
        try:
            body()
            tell({"name": name})
        except Exception as error:  # whatever the client throws is the finding
            place = traceback.extract_tb(error.__traceback__)
            own = next((frame for frame in reversed(place) if "conformance" in frame.filename), place[-1])
            tell({"name": name, "error": f"{type(error).__name__}: {error}\n{own.filename}:{own.lineno}"})


def tell(event: dict[str, str]) -> None:
    """One JSON object a line; whoever started this counts and prints."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def equal(found: Any, wanted: Any) -> None:
    if found != wanted:
        raise AssertionError(f"found {found!r}, wanted {wanted!r}")


def true(condition: Any, what: Any) -> None:
    if not condition:
        raise AssertionError(f"{what!r}")
