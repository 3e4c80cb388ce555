"""Pages of a website, followed from its first page, or listed by its sitemap.

Every request goes through the one guarded client, so that no address leads into our own network.  Only pages of the address's own
scheme, host and port are read, and none that the website's robots.txt keeps from us.
"""

from __future__ import annotations

import asyncio
import html
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from lxml import etree

from chat.knowledge.documents import READABLE, Loaded
from chat.knowledge.loaders.place import Place
from chat.models import KnowledgeSource
from chatplatform.lib import outbound
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.kinds import plain

AGENT = "chatplatform"
MOST_BYTES = 10_000_000
#: Whatever a source says.
MOST_PAGES, MOST_DEPTH = 10_000, 10
#: Sitemaps that a sitemap may lead to.
_MOST_MAPS = 50
#: Of the rules in a robots.txt: each link is compared with all of them.
_MOST_LINES = 1_000
_LONGEST_URL, _MOST_LINKS = 2_000, 2_000
#: Addresses that are known of a website, and characters of them: they are kept from one turn to the next.
_MOST_FOUND, _MOST_CHARACTERS = 10 * MOST_PAGES, 5_000_000
#: Seconds that a website may ask us to wait between two pages.
_LONGEST_DELAY = 5.0


class Site:
    """A website, as far as it lets itself be read.  Made by `visit`."""

    def __init__(self, root: str, robots: RobotFileParser, *, is_first: bool) -> None:
        self._root = root
        self._robots = robots
        self._delay = min(float(robots.crawl_delay(AGENT) or 0), _LONGEST_DELAY)
        self._is_first = is_first

    @classmethod
    async def visit(cls, url: str, place: Place) -> Site:
        """Read its rules, in the first turn.

        Raises:
            PlatformError: ``page_unreachable``, ``page_refused`` (its rules cannot be read now, so that they may forbid all).
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise PlatformError("page_unreachable")
        root = f"{parts.scheme}://{parts.netloc}"
        robots, is_first = RobotFileParser(), "robots" not in place
        if is_first:
            place["robots"] = await cls._rules(root)
        robots.parse(place["robots"])
        return cls(root, robots, is_first=is_first)

    @staticmethod
    async def _rules(root: str) -> list[str]:
        try:
            answer = await outbound.request("GET", f"{root}/robots.txt", max_bytes=500_000)
        except outbound.OutboundError:
            raise PlatformError("page_unreachable") from None
        if answer.status >= 500:
            raise PlatformError("page_refused")
        return answer.text.splitlines()[:_MOST_LINES] if answer.status == 200 else []

    def allows(self, url: str) -> bool:
        """Whether an address is of this website, and may be read."""
        try:
            parts = urlsplit(url)
        except ValueError:  # as http://[
            return False
        return f"{parts.scheme}://{parts.netloc}" == self._root and self._robots.can_fetch(AGENT, url)

    async def read(self, url: str) -> outbound.Response | None:
        """A page, or None where there is none that can be read."""
        if self._delay and not self._is_first:
            await asyncio.sleep(self._delay)
        self._is_first = False
        try:
            answer = await outbound.request("GET", url, max_bytes=MOST_BYTES)
        except outbound.OutboundError:
            return None
        return answer if answer.status == 200 else None


async def website(source: KnowledgeSource, place: Place) -> AsyncIterator[Loaded | None]:
    """The first page and what it links to, no further away than the source says.

    Raises:
        PlatformError: ``page_unreachable``, ``page_refused``: the first page cannot be read.
    """
    start = urldefrag(source.url).url
    site = await Site.visit(start, place)
    if not site.allows(start):
        raise PlatformError("page_refused")
    # In the order in which they were found, with their distances: so the nearest come first.
    found: list[list[Any]] = place.setdefault("found", [[start, 0]])
    seen = {url for url, _depth in found}
    characters = sum(map(len, seen))
    place.setdefault("next", 0)
    place.setdefault("pages", 0)
    while place["next"] < len(found) and place["pages"] < min(source.max_pages, MOST_PAGES):
        url, depth = found[place["next"]]
        place["next"] += 1
        answer = await site.read(url)
        if answer is None and url == start:
            raise PlatformError("page_unreachable")
        loaded = await _page(site, url, answer) if answer is not None else None
        if loaded is None:
            yield None
            continue
        place["pages"] += 1
        for link in loaded[1] if depth < min(source.max_depth, MOST_DEPTH) else ():
            if link not in seen and len(seen) < _MOST_FOUND and characters < _MOST_CHARACTERS:
                seen.add(link)
                characters += len(link)
                found.append([link, depth + 1])
        yield loaded[0]


async def sitemap(source: KnowledgeSource, place: Place) -> AsyncIterator[Loaded | None]:
    """The pages that a sitemap lists, or that the sitemaps list which it lists.

    Raises:
        PlatformError: ``page_unreachable``, ``page_refused``.
    """
    site = await Site.visit(source.url, place)
    maps: list[str] = place.setdefault("maps", [source.url])
    place.setdefault("read", 0)
    place.setdefault("found", [])
    while maps and place["read"] < _MOST_MAPS and len(place["found"]) < MOST_PAGES:
        answer = await site.read(maps.pop(0))
        place["read"] += 1
        if answer is None and place["read"] == 1:
            raise PlatformError("page_unreachable")
        if answer is not None:
            listed = await asyncio.to_thread(_listed, site, answer.body)
            if b"<sitemapindex" in answer.body:
                maps += listed[:_MOST_MAPS]
            else:
                place["found"] = list(dict.fromkeys([*place["found"], *listed]))[:MOST_PAGES]
        yield None
    place.setdefault("next", 0)
    while place["next"] < min(len(place["found"]), source.max_pages):
        url = place["found"][place["next"]]
        place["next"] += 1
        answer = await site.read(url)
        loaded = await _page(site, url, answer) if answer is not None else None
        yield loaded[0] if loaded is not None else None


def _listed(site: Site, body: bytes) -> list[str]:
    """Which addresses a sitemap lists that may be read, of its first `MOST_PAGES`.  Each byte is looked at once."""
    found = []
    for piece in body.split(b"<loc>", MOST_PAGES)[1:]:
        raw, end, _rest = piece.partition(b"</loc>")
        if not end or len(raw) > _LONGEST_URL:
            continue
        inner = raw.strip().removeprefix(b"<![CDATA[").removesuffix(b"]]>").strip()
        url = html.unescape(inner.decode("utf-8", "replace"))
        if site.allows(url):
            found.append(url)
    return found


async def _page(site: Site, url: str, answer: outbound.Response) -> tuple[Loaded, list[str]] | None:
    """The document at an address, and which it links to that may be read; None when it is nothing that can be read."""
    mime = plain(answer.headers.get("content-type", ""))
    if mime not in READABLE or not answer.body.strip():
        return None
    if mime != "text/html":
        name = urlsplit(url).path.rpartition("/")[2] or url
        return Loaded(url, name, mime, answer.body, url), []
    title, links = await asyncio.to_thread(_outline_of, site, url, answer.text)
    return Loaded(url, title or url, mime, answer.body, url), links


class Outline:
    """The title and the links of a page.

    A target of lxml's parser: Python's own takes minutes for a page of some megabytes of tags that nobody closes.
    """

    def __init__(self) -> None:
        self.title = ""
        self.links: list[str] = []
        #: The pieces of the first title, while it is read.
        self._pieces: list[str] | None = None

    @classmethod
    def of(cls, text: str) -> Outline:
        """The outline of a page's HTML."""
        outline = cls()
        parser = etree.HTMLParser(target=outline, encoding="utf-8", huge_tree=True)
        parser.feed(text.encode("utf-8", "replace"))
        parser.close()
        return outline

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "title" and not self.title:
            self._pieces = []
        if tag == "a" and len(self.links) < _MOST_LINKS and (link := attributes.get("href")):
            self.links.append(link[:_LONGEST_URL])

    def end(self, _tag: str) -> None:
        if self._pieces is not None:
            self.title = " ".join("".join(self._pieces).split())[:300]
            self._pieces = None

    def data(self, data: str) -> None:
        if self._pieces is not None:
            self._pieces.append(data)

    def close(self) -> None:
        """Asked by lxml at the end; there is nothing left to do."""


def _outline_of(site: Site, url: str, text: str) -> tuple[str, list[str]]:
    outline = Outline.of(text)
    links = []
    for link in outline.links:
        try:
            whole = urldefrag(urljoin(url, link)).url
        except ValueError:  # as http://[
            continue
        if site.allows(whole):
            links.append(whole)
    return outline.title, links
