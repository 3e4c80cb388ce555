"""A real browser: Chromium under Playwright, cut off from the internet."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests.support.environment import PROJECT

ARTIFACTS = PROJECT / "var" / "test-results"

_ONLY_THIS_MACHINE = "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"


def chromium_path() -> str:
    """The browser that scripts/find-chromium finds; it says what to do where there is none."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path:
        return path
    found = subprocess.run([PROJECT / "scripts" / "find-chromium"], capture_output=True, text=True, check=False)
    if found.returncode:
        raise RuntimeError(found.stderr.strip().splitlines()[-1])
    return found.stdout.strip()


@dataclass
class RunningBrowser:
    """One Chromium for all tests of a worker.

    Playwright's synchronous API keeps an event loop marked as running in this thread, in which neither Django's ORM nor
    another loop would work. So the mark is set only while a test uses the browser.
    """

    browser: Browser
    _loop: asyncio.AbstractEventLoop

    @contextmanager
    def in_use(self) -> Iterator[Browser]:
        asyncio._set_running_loop(self._loop)
        try:
            yield self.browser
        finally:
            asyncio._set_running_loop(None)


@contextmanager
def running_browser() -> Iterator[RunningBrowser]:
    arguments = [
        "--disable-gpu",
        "--disable-background-networking",
        "--use-fake-device-for-media-stream",  # A microphone that beeps; whether a page may hear it is the context's matter.
        f"--host-resolver-rules={_ONLY_THIS_MACHINE}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            chromium_sandbox=False,  # It fails for root and in most containers, and only pages of ours are opened.
            args=arguments,
        )
        running = RunningBrowser(browser, asyncio.get_running_loop())
        asyncio._set_running_loop(None)
        yield running
        with running.in_use() as open_browser:
            open_browser.close()
        asyncio._set_running_loop(running._loop)


@dataclass
class ConsoleErrors:
    """What pages complained about. Whatever a test did not expect fails it."""

    found: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Allow complaints that match; each has the form ``text (address)``."""
        self._expected.append(re.compile(pattern))

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.found if not any(pattern.search(text) for pattern in self._expected)]

    def watch(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_page_error(self, error: Error) -> None:
        self.found.append(f"{error.message} (uncaught)\n{error.stack or ''}")


@dataclass
class Pages:
    """Makes pages, each by default for another person: a browser context of its own, without cookies."""

    browser: Browser
    errors: ConsoleErrors
    opened: list[Page] = field(default_factory=list)

    def __call__(self, *, same_person_as: Page | None = None, **context_options: Any) -> Page:
        if same_person_as is not None:
            page = same_person_as.context.new_page()
        else:
            context = self.browser.new_context(**context_options)
            context.set_default_timeout(10_000)
            page = context.new_page()
        self.errors.watch(page)
        self.opened.append(page)
        return page

    def photograph(self, name: str) -> list[Path]:
        """Keep pictures of what is still open, for whoever looks into a failure."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        pictures = []
        for number, page in enumerate(page for page in self.opened if not page.is_closed()):
            path = ARTIFACTS / f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}-{number}.png"
            page.screenshot(path=path)
            pictures.append(path)
        return pictures

    def close(self) -> None:
        for context in {page.context for page in self.opened}:
            context.close()


NewPage = Callable[..., Page]
