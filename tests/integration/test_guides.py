"""What the guides tell people to type does what they say."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from asgiref.sync import async_to_sync
from cryptography.fernet import Fernet
from django.db.models.signals import post_delete, post_save

from accounts.models import EndUser
from chat.client_options import client_options
from chat.knowledge.loaders import records
from chat.models import Attachment
from chatplatform.lib.embedded_postgres import MAJOR, ROLE, SUPERUSER, EmbeddedPostgres
from chatplatform.lib.postgres_wheel import programs
from tenants.guardrail_options import validate_guardrails
from tenants.knowledge_options import validate_knowledge
from tenants.models import Assistant, HttpTool, McpServer
from tests.conftest import Browse
from tests.support import databases
from tests.support.blocks import block
from tests.support.cast import ALL_TOOLS, Cast
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


# ---- the shell


@pytest.mark.parametrize("document", ["README.md", "docs/guides/first-assistant.md"])
def test_a_shell_can_talk_to_an_assistant(cast: Cast, live_server_process: ServerProcess, document: str) -> None:
    code = re.sub(r"base=\S+", f"base={live_server_process.url}", block(document, "sh", "base="))
    said = run(code)
    assert '"type":"thread.created"' in said
    assert '"type":"thread.item.done"' in said
    assert '"type":"error"' not in said


def test_a_shell_can_send_a_file(cast: Cast, live_server_process: ServerProcess, tmp_path: Path) -> None:
    code = re.sub(r"base=\S+", f"base={live_server_process.url}", block("docs/guides/attachments.md", "sh", "base="))
    said = run(code, tmp_path)
    assert Attachment.objects.for_tenant(cast.acme).get().data["name"] == "way.md"
    assert "At the chapel keep left" in said
    assert '"filename":"way.md"' in said


def test_a_shell_can_teach_an_assistant(cast: Cast, tmp_path: Path) -> None:
    code = block("docs/guides/knowledge.md", "sh", "mkdir -p handbook").replace(".venv/bin/python", sys.executable)
    said = run(code.replace("manage.py", str(PROJECT / "manage.py")), tmp_path, DATABASE_URL=databases.url_of())
    assert "is answered from 1 document now." in said


def test_an_assistant_is_given_a_model(cast: Cast) -> None:
    """As often as somebody likes, and the next `make run` leaves it so."""
    code = block("docs/guides/first-assistant.md", "sh", "DEBUG=true .venv/bin/python manage.py shell")
    for each in (code, code, ".venv/bin/python manage.py seed_demo"):
        run(each.replace(".venv/bin/python", sys.executable), DATABASE_URL=databases.url_of())
    version = Assistant.objects.for_tenant(cast.acme).get(slug="guide").published_version
    assert version is not None
    assert (version.number, version.provider) == (3, "openai_compatible")
    assert (version.instructions, version.tools) == ("You are guide.", list(ALL_TOOLS))


def test_the_secrets_of_a_deployment_are_good_ones(tmp_path: Path) -> None:
    run(block("docs/guides/deploy.md", "sh", "host="), tmp_path)
    for_compose, values = (_variables(tmp_path / name) for name in (".env", "platform.env"))
    compose = (PROJECT / "compose.yaml").read_text()
    required = set(re.findall(r"\$\{(\w+):\?\}", compose))
    assert required <= set(for_compose) <= set(re.findall(r"\$\{(\w+)", compose))
    assert set(values) <= {*variables_of_settings()}
    folder = tmp_path / "secrets"
    # The folder keeps others out; what Docker mounts of it is read by users of the containers.
    assert folder.stat().st_mode & 0o077 == 0
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}
    secrets = {file.name: file.read_text().strip() for file in folder.iterdir()}
    assert {f"secrets/{name}" for name in secrets} == set(re.findall(r"file: (\S+)}", compose))
    Fernet(secrets["encryption_keys"].partition(":")[2])
    assert len(secrets["secret_key"]) >= 50
    for role in ("chat", "chat_owner"):
        url = secrets["database_url" if role == "chat" else "database_owner_url"]
        assert url == f"postgresql://{role}:{secrets[f'{role}_db_password']}@db/chat"


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


# ---- Python


def test_tools_of_a_tenant(cast: Cast) -> None:
    python("docs/guides/tools.md", "from tenants.models import HttpTool", "from tenants.models import McpServer")
    assert HttpTool.objects.for_tenant(cast.acme).get().name == "order"
    assert McpServer.objects.for_tenant(cast.acme).get().name == "shop"


def test_an_mcp_server_to_try() -> None:
    server = python("docs/guides/tools.md", "# orders_server.py", __name__="orders_server")["server"]
    (tool,) = async_to_sync(server.list_tools)()
    assert (tool.name, tool.description) == ("order_state", "How far an order is.")


def test_records_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "REGISTRY", {})
    python("docs/guides/knowledge.md", "# assistant.py", Entry=Assistant)
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
