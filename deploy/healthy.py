"""Whether a container is well, for its health check: exit status 0 or 1, and one line that says why.

``healthy.py server URL`` asks a server whether it serves; ``healthy.py worker URL …`` asks servers, one after the other, whether
the worker keeps up with its queue.
"""

import json
import sys
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 4


def main(kind: str, *urls: str) -> str:
    """What is wrong; empty where nothing is."""
    if kind == "server":
        with urllib.request.urlopen(f"{urls[0]}/healthz", timeout=TIMEOUT_SECONDS):
            return ""
    reasons = []
    for url in urls:
        try:
            status = worker_status(url)
        except OSError as error:
            reasons.append(f"{url}: {error}")
        else:
            return "The worker does not keep up with its queue." if status == "failed" else ""
    return "; ".join(reasons)


def worker_status(url: str) -> str:
    """What a server says of the worker, whatever else is wrong."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=TIMEOUT_SECONDS) as response:
            report = json.load(response)
    except urllib.error.HTTPError as error:
        if error.code != 503:
            raise
        report = json.load(error)
    return str(report["checks"]["worker"]["status"])


if __name__ == "__main__":
    try:
        reason = main(*sys.argv[1:])
    except OSError as error:
        reason = str(error)
    sys.exit(reason or 0)
