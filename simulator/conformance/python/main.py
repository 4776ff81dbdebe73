"""Microsoft's Python client for Dataverse, unchanged: `python main.py HTTPS_URL HTTP_URL`, token in CONFORMANCE_TOKEN."""

import sys

from PowerPlatform.Dataverse.client import DataverseClient

import asynchronous
import batches
import dataframes
import files
import queries
import records
import tables
from bench import Bench, Credential, WebApi


def main(secure_url: str, plain_url: str) -> None:
    with DataverseClient(secure_url, Credential()) as client:
        bench = Bench(client, WebApi(plain_url))
        for part in (records, queries, files, batches, dataframes, tables):
            part.run(bench)
        asynchronous.run(bench, secure_url)


if __name__ == "__main__":
    main(*sys.argv[1:3])
