"""A store that speaks S3, of somebody else's making, on this machine."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

from tests.support.servers import free_port

BUCKET = "attachments"
KEYS = {
    "ATTACHMENTS_S3_ACCESS_KEY": "AKIATESTS",
    "ATTACHMENTS_S3_SECRET_KEY": "of-tests",
    "ATTACHMENTS_S3_REGION": "eu-central-1",
}


class Bucket:
    """What is in the bucket now."""

    def __init__(self, url: str) -> None:
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=url,
            region_name=KEYS["ATTACHMENTS_S3_REGION"],
            aws_access_key_id=KEYS["ATTACHMENTS_S3_ACCESS_KEY"],
            aws_secret_access_key=KEYS["ATTACHMENTS_S3_SECRET_KEY"],
        )
        self._client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": KEYS["ATTACHMENTS_S3_REGION"]}
        )
        #: Settings of a server that keeps its attachments here.
        self.variables = {**KEYS, "ATTACHMENTS_S3_BUCKET": BUCKET, "ATTACHMENTS_S3_ENDPOINT": url}

    def names(self) -> list[str]:
        return [found["Key"] for found in self._client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def content(self, name: str) -> bytes:
        return bytes(self._client.get_object(Bucket=BUCKET, Key=name)["Body"].read())


@contextlib.contextmanager
def running_s3(folder: Path) -> Iterator[Bucket]:
    port = free_port()
    with (folder / "s3.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, (folder / "s3.log").read_text()
            assert time.monotonic() < deadline, "The store did not start."
            time.sleep(0.02)
        yield Bucket(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=10)
