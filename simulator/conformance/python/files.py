"""File columns: small in one request, large in chunks."""

import hashlib
import tempfile
from pathlib import Path

from bench import Bench, equal

MEGABYTE = 1024 * 1024


def run(bench: Bench) -> None:
    bench.heading("Python client: files")
    sample = bench.client.records.create("demo_sample", {"demo_name": "Files of Python"})

    def upload(mode: str, size: int) -> None:
        content = bytes(at * 7 % 256 for at in range(size))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{mode}.bin"
            path.write_bytes(content)
            bench.client.files.upload(
                "demo_sample", sample, "demo_document", str(path), mode=mode, if_none_match=False
            )
        found = read(bench, f"demo_samples({sample})/demo_document", size)
        equal(hashlib.sha256(found).hexdigest(), hashlib.sha256(content).hexdigest())
        equal(bench.api.row(f"demo_samples({sample})")["demo_document_name"], f"{mode}.bin")

    bench.check("upload in one request stores the file", lambda: upload("small", 5000))
    bench.check("upload in chunks stores the file", lambda: upload("chunk", 5 * MEGABYTE + 3))


def read(bench: Bench, path: str, size: int) -> bytes:
    """The file by ranges: the service sends at most four megabytes at once."""
    parts = []
    for start in range(0, size, 4 * MEGABYTE):
        answer = bench.api.get_range(f"{path}/$value", start, min(start + 4 * MEGABYTE, size) - 1)
        answer.raise_for_status()
        parts.append(answer.content)
    return b"".join(parts)
