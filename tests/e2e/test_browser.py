"""The browser of the tests: it opens pages, complains loudly, and reaches only this machine."""

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Error, Page

from tests.support.browsers import ConsoleErrors, NewPage
from tests.support.servers import ServerProcess


def test_it_reaches_the_server_by_the_names_of_this_machine(
    live_server_process: ServerProcess, page: Page, console_errors: ConsoleErrors
) -> None:
    console_errors.expect("421")  # whose host it would be is not in the database
    response = page.goto(live_server_process.url_of("acme.localhost") + "/no-such-page")
    assert response is not None
    assert response.status == 421
    assert not get_user_model()._default_manager.exists()


def test_an_uncaught_error_is_seen(page: Page, console_errors: ConsoleErrors) -> None:
    console_errors.expect("broken on purpose")
    page.set_content("<script>throw new Error('broken on purpose')</script>")
    page.wait_for_function("true")
    assert len(console_errors.found) == 1


def test_people_do_not_share_cookies(
    live_server_process: ServerProcess, new_page: NewPage, console_errors: ConsoleErrors
) -> None:
    console_errors.expect(r"404 \(Not Found\)")
    ada = new_page()
    tab, ben = new_page(same_person_as=ada), new_page()
    for page in (ada, tab, ben):
        page.goto(live_server_process.url + "/no-such-page")
    ada.evaluate("document.cookie = 'name=ada'")
    assert tab.evaluate("document.cookie") == "name=ada"
    assert ben.evaluate("document.cookie") == ""


def test_the_internet_is_out_of_reach(page: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("https://example.com/")


async def test_coroutines_run_beside_an_open_browser() -> None:
    """In whatever order the tests run: the browser's own loop does not stand in the way."""
