"""What the guides tell people to type does what they say."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from agents.tool_context import ToolContext
from asgiref.sync import async_to_sync
from cryptography.fernet import Fernet
from django import forms
from django.db.models.signals import post_delete, post_save
from django.test import RequestFactory
from pytest_django import Settings

from accounts.models import EndUser
from chat import actions
from chat.client_options import client_options
from chat.entities import kinds
from chat.knowledge.loaders import records
from chat.models import Attachment, Thread
from chat.tools.registry import REGISTRY, Command
from chat.widgets import forms as widget_forms
from chatplatform.lib.embedded_postgres import MAJOR, ROLE, SUPERUSER, EmbeddedPostgres
from chatplatform.lib.postgres_wheel import programs
from tenants.guardrail_options import validate_guardrails
from tenants.knowledge_options import validate_knowledge
from tenants.models import Assistant, AssistantVersion, HttpTool, McpServer
from tenants.scope import tenant_scope
from tests.conftest import Browse
from tests.support import databases
from tests.support.blocks import block
from tests.support.cast import Cast
from tests.support.documents import pdf
from tests.support.environment import PROJECT, variables_of_settings
from tests.support.hosts import SECRET, site_of
from tests.support.servers import ServerProcess


def run(code: str, folder: Path = PROJECT, **variables: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def python(document: str, *beginnings: str, **names: Any) -> dict[str, Any]:
    """Run blocks of a document one after the other, beside these names; returns all names."""
    for beginning in beginnings:
        exec(compile(block(document, "python", beginning), document, "exec"), names)
    return names


@pytest.fixture
def registries() -> Iterator[None]:
    """What is registered meanwhile is forgotten again."""
    all_of_them: list[dict[str, Any]] = [
        REGISTRY,
        actions._HANDLERS,
        kinds.KINDS,
        records.REGISTRY,
        widget_forms._FORMS,
    ]
    before = [dict(registry) for registry in all_of_them]
    yield
    for registry, entries in zip(all_of_them, before, strict=True):
        registry.clear()
        registry.update(entries)


# ---- the shell


@pytest.mark.parametrize("document", ["README.md", "docs/guides/first-assistant.md"])
def test_a_shell_can_talk_to_an_assistant(cast: Cast, live_server_process: ServerProcess, document: str) -> None:
    code = re.sub(r"base=\S+", f"base={live_server_process.url}", block(document, "sh", "base="))
    said = run(code)
    assert '"type":"thread.created"' in said
    assert '"type":"thread.item.done"' in said
    assert '"type":"error"' not in said


def test_a_shell_can_send_a_file(
    cast: Cast, live_server_process: ServerProcess, browse: Browse, tmp_path: Path
) -> None:
    (tmp_path / "map.pdf").write_bytes(pdf("The way up"))
    secret = browse(server=live_server_process).mint(credential="client_secret").json()["client_secret"]
    code = block("docs/guides/attachments.md", "sh", "curl")
    said = json.loads(run(code, tmp_path, base=live_server_process.url, secret=secret))
    assert Attachment.objects.for_tenant(cast.acme).get().public_id == said["id"]


def test_an_assistant_is_given_a_model(cast: Cast) -> None:
    code = block("docs/guides/first-assistant.md", "sh", "DEBUG=true .venv/bin/python manage.py shell")
    run(code.replace(".venv/bin/python", sys.executable), DATABASE_URL=databases.url_of())
    version = AssistantVersion.objects.for_tenant(cast.acme).get(number=100)
    assert Assistant.objects.for_tenant(cast.acme).get(slug="guide").published_version == version
    assert version.provider == "openai_compatible"


def test_the_secrets_of_a_deployment_are_good_ones(tmp_path: Path) -> None:
    run(block("docs/guides/deploy.md", "sh", "host="), tmp_path)
    for_compose, values = (_variables(tmp_path / name) for name in (".env", "platform.env"))
    compose = (PROJECT / "compose.yaml").read_text()
    assert set(for_compose) == set(re.findall(r"\$\{(\w+):\?\}", compose))
    assert set(values) <= {*variables_of_settings()}
    Fernet(values["ENCRYPTION_KEYS"].partition(":")[2])
    assert len(values["SECRET_KEY"]) >= 50


def _variables(file: Path) -> dict[str, str]:
    assert file.stat().st_mode & 0o077 == 0
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_a_key_for_stored_secrets_is_one() -> None:
    code = block("docs/guides/providers.md", "sh", ".venv/bin/python -c")
    Fernet(run(code.replace(".venv/bin/python", sys.executable)).strip().partition(":")[2])


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="Which pg_dump fits a server of one's own is not known here.")
def test_a_backup_brings_back_every_tenant_and_its_files(cast: Cast, tmp_path: Path) -> None:
    postgres, restored = EmbeddedPostgres(), f"restored_{os.getpid()}"
    files = tmp_path / "before", tmp_path / "after"
    for folder in files:
        folder.mkdir()
    (files[0] / "map.pdf").write_bytes(b"The way up")
    names = {"PATH": f"{programs(MAJOR)}:{os.environ['PATH']}", "ATTACHMENTS_FOLDER": str(files[0])}
    run(block("docs/guides/backup.md", "sh", "PGOPTIONS"), tmp_path, DATABASE_OWNER_URL=databases.url_of(), **names)
    with psycopg.connect(postgres.superuser_dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {restored} OWNER {ROLE}")
        try:
            url = postgres.url_of(restored)
            names |= {"ATTACHMENTS_FOLDER": str(files[1]), "DATABASE_URL": url}
            code = block("docs/guides/backup.md", "sh", "pg_restore").replace(".venv/bin/python", sys.executable)
            code = code.replace("manage.py", str(PROJECT / "manage.py"))
            said = run(code, tmp_path, SUPERUSER_URL=url.replace(f"//{ROLE}@", f"//{SUPERUSER}@"), **names)
            with psycopg.connect(url.replace(f"//{ROLE}@", f"//{SUPERUSER}@")) as found:
                slugs = {slug for (slug,) in found.execute("SELECT slug FROM tenants_assistant")}
        finally:
            connection.execute(f"DROP DATABASE {restored} WITH (FORCE)")
    assert {"guide", "ledger"} <= slugs
    assert (files[1] / "map.pdf").read_bytes() == b"The way up"
    assert re.search(r"^database +ok$", said, re.MULTILINE)


# ---- pages


def test_a_page_of_ones_own_shows_the_chat(cast: Cast, settings: Settings, tmp_path: Path) -> None:
    guide = "docs/guides/django-pages.md"
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "help.html").write_text(block(guide, "html", "{% load chatkit %}"))
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    view = python(guide, "from django.http")["help_page"]
    shown = view(RequestFactory().get("/help/", headers={"host": "127.0.0.1"})).content.decode()
    assert '<openai-chatkit id="chatkit" class="chatkit">' in shown
    assert '"assistant": "guide"' in shown


# ---- Python


def test_tools_of_ones_own(cast: Cast, registries: None) -> None:
    orders = {(cast.acme.pk, "7"): SimpleNamespace(state="It is on its way.")}
    python(
        "docs/guides/tools.md",
        "from chat.tools.base",
        "@tool(asks",
        find_order=lambda tenant, _person, number: orders.get((tenant, number)),
    )
    tool = REGISTRY["order_state"].execute
    assert tool is not None
    assert "number" in tool.params_json_schema["properties"]
    context = SimpleNamespace(request_context=cast.context(cast.alice, cast.guide))

    def answer(arguments: str) -> Any:
        call = ToolContext(context, tool_name=tool.name, tool_call_id="call_1", tool_arguments=arguments)
        return async_to_sync(tool.on_invoke_tool)(call, arguments)

    assert answer('{"number": "7"}') == "It is on its way."
    assert answer('{"number": "8"}') == "There is no such order."
    assert REGISTRY["cancel_order"].ends_turn


def test_tools_of_a_tenant(cast: Cast) -> None:
    names = {"HttpTool": HttpTool, "McpServer": McpServer, "tenant": cast.acme, "tenant_scope": tenant_scope}
    python("docs/guides/tools.md", "tool = HttpTool(", "server = McpServer(", **names)
    assert HttpTool.objects.for_tenant(cast.acme).get().name == "order"
    assert McpServer.objects.for_tenant(cast.acme).get().name == "shop"


def test_widgets_actions_and_forms(registries: None) -> None:
    class RequestForm(forms.Form):
        text = forms.CharField()

    from chatkit.widgets import DynamicWidgetRoot

    names = {"DynamicWidgetRoot": DynamicWidgetRoot, "RequestForm": RequestForm}
    python("docs/guides/widgets.md", "DynamicWidgetRoot.", "from chat.actions", "from chat.widgets.forms", **names)
    assert "order.follow" in actions._HANDLERS
    assert "request" in widget_forms._FORMS


def test_mentions_and_commands(cast: Cast, registries: None) -> None:
    from chat.tools.base import ToolCall, tool

    kind = {"register": kinds.register, "EntityKind": kinds.EntityKind, "Order": Thread}
    python("docs/guides/mentions.md", "ORDERS =", **kind)
    assert list(kinds.KINDS["order"].rows(cast.context(cast.alice, cast.guide))) == []
    python("docs/guides/mentions.md", "@tool(command", Command=Command, ToolCall=ToolCall, tool=tool)
    command = REGISTRY["search_threads"].command
    assert command is not None
    assert command.label == "Search"


def test_records_of_ones_own(registries: None) -> None:
    python("docs/guides/knowledge.md", "# apps.py", Entry=Assistant)["ready"](None)
    for signal, what in ((post_save, "save"), (post_delete, "delete")):
        assert signal.disconnect(sender=Assistant, dispatch_uid=f"knowledge-{what}-faq")
    entry = SimpleNamespace(question="May I?", answer="You may.", get_absolute_url=lambda: "/faq/1/")
    assert records.REGISTRY["faq"].document(entry) == records.Record("May I?", "You may.", "/faq/1/")


def test_a_site_says_who_somebody_is(cast: Cast, live_server_process: ServerProcess, browse: Browse) -> None:
    site = site_of(cast.guide)
    names = {"EMBED_ID": site.id, "SECRET": SECRET, "KEY_ID": site.key.key_id}
    sign = python("docs/guides/embed.md", "import time", **names)["chat_identity"]
    token = sign(SimpleNamespace(id=7, name="Ada", email="ada@shop.example", plan="gold"))
    said = {"embed": site.id, "credential": "client_secret", "identity": token}
    assert browse(server=live_server_process).http.post("/api/chatkit/session", json=said).status_code == 201
    ada = EndUser.objects.for_tenant(cast.acme).get()
    assert (ada.external_id, ada.display_name, ada.traits) == ("7", "Ada", {"plan": "gold"})


# ---- what is stored as JSON


def test_stored_options_are_valid() -> None:
    def told(document: str) -> Any:
        return json.loads(block(document, "json").replace("ks_…", f"ks_{'0' * 32}"))

    validate_guardrails(told("docs/guides/guardrails.md"))
    validate_knowledge(told("docs/guides/knowledge.md"))
    options = told("docs/guides/attachments.md")
    assert client_options(options) == options
