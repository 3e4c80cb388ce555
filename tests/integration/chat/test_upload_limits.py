"""A link to upload by is no way to keep the server busy: what it takes is counted, and what fails too often is refused for good."""

from typing import Any

import httpx
import pytest

from chat.models import Attachment
from tests.conftest import Browse, StartServer
from tests.support.browsing import Browser, refusal
from tests.support.cast import Cast
from tests.support.documents import png

BROKEN = png()[:60]


@pytest.fixture
def dave(browse: Browse) -> Browser:
    return browse().open()


def announce(browser: Browser, size: int) -> dict[str, Any]:
    return dict(browser.ask("attachments.create", {"name": "a.png", "size": size, "mime_type": "image/png"}))


def put(attachment: dict[str, Any], content: bytes) -> httpx.Response:
    return httpx.put(attachment["upload_descriptor"]["url"], content=content, timeout=30, trust_env=False)


def test_each_content_counts_against_the_rate_of_its_owner(
    start_server: StartServer, browse: Browse, cast: Cast
) -> None:
    server = start_server(CHAT_UPLOAD_RATE_LIMIT="2/hour")
    dave, other = browse(server=server).open(), browse(server=server).open()
    announced, foreign = announce(dave, len(BROKEN)), announce(other, len(png()))
    assert refusal(put(announced, BROKEN)) == (422, "file_unreadable")
    refused = put(announced, BROKEN)
    assert refusal(refused) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    assert put(foreign, png()).status_code == 200  # another person's rate


def test_three_unreadable_contents_are_the_end_of_an_attachment(dave: Browser, cast: Cast) -> None:
    announced = announce(dave, len(BROKEN))
    for _ in range(3):
        assert refusal(put(announced, BROKEN)) == (422, "file_unreadable")
    assert refusal(put(announced, BROKEN)) == (409, "attachment_refused")
    row = Attachment.objects.for_tenant(cast.acme).get(public_id=announced["id"])
    assert (row.state, row.failures) == ("pending", 3)
    assert dave.ask("attachments.delete", {"attachment_id": announced["id"]}) == {}


def test_a_content_of_another_size_is_not_looked_into_and_counts_for_nothing(dave: Browser) -> None:
    announced = announce(dave, len(png()))
    for _ in range(4):
        assert refusal(put(announced, BROKEN)) == (415, "file_mismatch")
    assert put(announced, png()).status_code == 200


def test_the_third_content_may_be_the_good_one(dave: Browser) -> None:
    announced = announce(dave, len(png()))
    for _ in range(2):
        assert refusal(put(announced, bytes(len(png())))) == (415, "file_mismatch")
    assert put(announced, png()).status_code == 200
