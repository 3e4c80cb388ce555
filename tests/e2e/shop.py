"""A page of another site with an embed in it, as a visitor meets it."""

import re
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tenants.models import Assistant, Tenant
from tests.e2e.conftest import Serve
from tests.support.hosts import Site, Website, site_of


def place(website: Website, demo: dict[str, Tenant], serve: Serve, **about: Any) -> Site:
    guide = Assistant.objects.for_tenant(demo["acme"]).get(slug="guide")
    values = {"name": "Shop help", "launcher_text": "Ask us", "allowed_origins": [website.origin], **about}
    website.site = site_of(guide, **values)
    website.script = f"{serve().url}/embed.js"
    website.attributes = website.html = website.who = ""
    return website.site


class Shop:
    """A tab at the site."""

    def __init__(self, page: Page, website: Website) -> None:
        self.page, self.website = page, website

    def open(self, path: str = "/") -> "Shop":
        self.page.goto(self.website.origin + path)
        return self

    @property
    def launcher(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("Open chat: Ask us"))

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog", name="Shop help")

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("chatplatform-embed iframe")

    @property
    def message(self) -> Locator:
        return self.frame.get_by_role("textbox", name="Message", exact=True)

    @property
    def answers(self) -> Locator:
        return self.frame.get_by_role("group", name="Answer")

    @property
    def questions(self) -> Locator:
        return self.frame.get_by_role("group", name="You said")

    def ask(self, text: str) -> Locator:
        before = self.answers.count()
        self.message.fill(text)
        self.message.press("Enter")
        expect(self.answers).to_have_count(before + 1)
        expect(self.frame.get_by_role("button", name="Stop answering")).to_have_count(0)
        return self.answers.last

    def call(self, *command: Any) -> None:
        self.page.evaluate("(command) => chatplatform(...command)", list(command))
