"""An application of one's own, written as the guides say: what they promise of it is there, at a real server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection

from chatplatform.lib.env import Env
from tests.conftest import Browse, StartServer
from tests.support import databases
from tests.support.blocks import all_blocks, block
from tests.support.browsing import Browser, items_of
from tests.support.cast import ALL_TOOLS, Cast, assistant_of
from tests.support.environment import PROJECT

#: In the order in which the guides send their readers on.
GUIDES = [f"docs/guides/{name}.md" for name in ("your-application", "tools", "widgets", "mentions", "django-pages")]
TOOLS = ["place_order", "order_state", "cart", "my_orders", "return_form", "last_order"]
#: Files whose blocks cannot name them.
OTHERS = {
    "shop/static/shop/help.css": ("docs/guides/django-pages.md", "css"),
    "shop/static/shop/help.js": ("docs/guides/django-pages.md", "js"),
    "shop/widgets/order.widget": ("docs/guides/widgets.md", "json"),
}
#: ``# shop/models.py``: the file that a block belongs into.
_FILE = re.compile(r"(?:# |\{# )(shop/\S+)")


def manage(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *arguments],
        cwd=folder,
        env={**os.environ, "DATABASE_URL": databases.url_of(), "PYTHONPATH": str(folder), "EXTRA_APPS": "shop"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def shop(committed_database: None, tmp_path: Path) -> Iterator[Path]:
    """The folder with the application of the guides, its tables in the test database."""
    (tmp_path / "shop").mkdir()
    call_command("startapp", "shop", str(tmp_path / "shop"))
    for each in [each for guide in GUIDES for each in all_blocks() if each.document == guide]:
        if found := _FILE.match(each.code):
            _write(tmp_path / found[1], each.code)
    for name, (guide, language) in OTHERS.items():
        _write(tmp_path / name, block(guide, language))
    tables = "from django.core.management import call_command as c; c('makemigrations', 'shop'); c('migrate', 'shop')"
    said = manage(tmp_path, "shell", "-c", tables)
    assert "+ Create model Order" in said
    assert "Applying shop.0001_initial... OK" in said
    yield tmp_path
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE shop_order; DELETE FROM django_migrations WHERE app = 'shop'")
    ContentType.objects.filter(app_label="shop").delete()


def _write(file: Path, code: str) -> None:
    """In the place of what is there; what assistants can do is added to."""
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text() if file.name == "assistant.py" and file.exists() else ""
    file.write_text(f"{before}\n{code}")


def test_what_the_guides_promise_of_an_application(
    shop: Path, cast: Cast, start_server: StartServer, browse: Browse
) -> None:
    """One after the other, since server and tables cost more than all of it."""
    assert "Nothing came through." in manage(shop, "check_isolation", "--tables-only")
    assistant_of(cast.acme, "clerk", tools=[*ALL_TOOLS, *TOOLS])
    server = start_server(EXTRA_APPS="shop", PYTHONPATH=str(shop))
    dave, stranger = browse(server=server).open("clerk"), browse(server=server).open("clerk")
    boots, socks = order(dave, "Hiking boots"), order(dave, "Wool socks")
    see_tools(dave, stranger, boots)
    see_mentions_and_commands(dave, stranger, boots)
    see_widgets(dave, socks)
    see_forms(dave, boots)
    see_pages(dave)


def order(dave: Browser, title: str) -> str:
    """Order something by the tool that asks first; its number."""
    turn = dave.say(f"place_order {title}")
    (card,) = items_of(turn.frames, "widget")
    assert f"Order “{title}”?" in str(card)
    confirm = card["widget"]["confirm"]["action"]
    frames = dave.act(turn, card, confirm["type"], confirm["payload"])
    found = re.search(r"under the number ([0-9a-f]{8})", str(items_of(frames, "assistant_message")))
    assert found is not None, frames
    return found[1]


def see_tools(dave: Browser, stranger: Browser, boots: str) -> None:
    for call in (f"order_state {boots}", f'order_state number="{boots}"'):
        assert dave.say(call).text == "The tool answered: Hiking boots: being packed."
    assert stranger.say(f"order_state {boots}").text == "The tool answered: There is no such order."
    (asked,) = items_of(dave.say("cart").frames, "client_tool_call")
    assert (asked["name"], asked["arguments"]) == ("cart", {})


def see_mentions_and_commands(dave: Browser, stranger: Browser, boots: str) -> None:
    def orders(who: Browser) -> list[tuple[str, str]]:
        answer = who.http.get("/api/chatkit/entities", params={"q": "boots", "tenant": "acme"})
        return [(one["id"], one["title"]) for one in answer.json()["entities"] if one["group"] == "Orders"]

    assert (orders(dave), orders(stranger)) == ([(boots, "Hiking boots")], [])
    assert "being packed" in dave.http.get(f"/api/chatkit/entities/order/{boots}/preview?tenant=acme").text
    (command,) = dave.http.get("/api/chatkit/commands", params={"q": "last", "tenant": "acme"}).json()["commands"]
    assert dave.say(command["prompt"]).text == "The tool answered: Wool socks: being packed."


def see_widgets(dave: Browser, socks: str) -> None:
    turn = dave.say("my_orders")
    (card,) = items_of(turn.frames, "widget")
    frames = dave.act(turn, card, "order.cancel", {"order": socks})
    (changed,) = items_of(frames, "widget")
    assert changed["id"] == card["id"]
    assert (str(card).count("'Button'"), str(changed).count("'Button'")) == (2, 1)
    assert f"The order {socks} is cancelled." in str(items_of(frames, "assistant_message"))


def see_forms(dave: Browser, boots: str) -> None:
    turn = dave.say("return_form")
    (card,) = items_of(turn.frames, "widget")

    def send(reason: str) -> dict[str, Any]:
        payload = {**card["widget"]["confirm"]["action"]["payload"], "fields": {"number": boots, "reason": reason}}
        return items_of(dave.act(turn, card, "form.submit", payload), "widget")[0]

    assert "at least 10 characters" in str(send("Tight"))
    asked = send("They are too small for me.")
    confirm = asked["widget"]["confirm"]["action"]
    assert "Your return is noted." in str(dave.act(turn, asked, confirm["type"], confirm["payload"]))
    assert dave.say(f"order_state {boots}").text == "The tool answered: Hiking boots: coming back."


def see_pages(dave: Browser) -> None:
    page = dave.http.get("/help/").text
    assert '<openai-chatkit id="chatkit" class="chatkit">' in page
    assert '"assistant": "guide"' in page
    files = re.findall(r'(?:href|src)="(/static/shop/[^"]+)"', page)
    assert [dave.http.get(file).status_code for file in files] == [200, 200]


def test_an_application_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRA_APPS", "nowhere_to_be_found")
    with pytest.raises(ImproperlyConfigured, match=r"^EXTRA_APPS names 'nowhere_to_be_found', but"):
        Env().packages("EXTRA_APPS")
