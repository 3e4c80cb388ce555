"""Rows for the walls to hide."""

from __future__ import annotations

import pytest
from django.db import models
from django.utils import timezone

from accounts.models import Block, ChatSession, EndUser, SpentIdentity, User
from chat.models import (
    ActionToken,
    Attachment,
    Chunk,
    Document,
    Embedding,
    EmbeddingIndex,
    Feedback,
    KnowledgeBase,
    KnowledgeSource,
    ReviewNote,
    Run,
    RunTrace,
    Thread,
    ThreadItem,
)
from tenants.models import (
    Assistant,
    AssistantVersion,
    AuditEvent,
    DataKey,
    Domain,
    Embed,
    EmbedSigningKey,
    HttpTool,
    Impersonation,
    Invitation,
    McpServer,
    Membership,
    ProviderKey,
    Quota,
    SignIn,
    Tenant,
    Usage,
    UsageDay,
)
from tests.support.cast import Cast
from tests.support.knowledge import source_of


@pytest.fixture
def rows(cast: Cast) -> dict[tuple[type[models.Model], str], int]:
    """One row of each model for each tenant: (model, slug) -> key."""
    made: dict[tuple[type[models.Model], str], int] = {}
    for tenant, user, assistant in ((cast.acme, cast.alice, cast.guide), (cast.globex, cast.carol, cast.ledger)):
        for model, row in _one_of_each(tenant, user, assistant).items():
            made[model, tenant.slug] = row.pk
    return made


def _one_of_each(tenant: Tenant, user: User, assistant: Assistant) -> dict[type[models.Model], models.Model]:
    now, name = timezone.now(), tenant.slug
    # Numbered for itself, so that no other key is in the way.
    AssistantVersion.objects.for_tenant(tenant).update(number=tenant.pk)
    person = EndUser.objects.create(tenant=tenant, public_id=f"eu_{name}", kind="member", user=user)
    thread = Thread.objects.create(
        tenant=tenant, end_user=person, assistant=assistant, public_id=f"thr_{name}", created_at=now, updated_at=now
    )
    run = Run.objects.create(
        tenant=tenant,
        thread=thread,
        end_user=person,
        public_id=f"run_{name}",
        state=Run.State.COMPLETED,  # no lock of a thread is in the way
        lease_expires_at=now,
        created_at=now,
    )
    item = ThreadItem.objects.create(
        tenant=tenant, thread=thread, run=run, public_id=f"msg_{name}", type="task", data={}, created_at=now
    )
    embed = Embed.objects.create(tenant=tenant, name=name, assistant=assistant)
    session = ChatSession.objects.create(
        tenant=tenant,
        embed=embed,
        end_user=person,
        assistant=assistant,
        public_id=f"cs_{name}",
        chain="00000000-0000-0000-0000-000000000000",
        token_hash=name.encode(),
        last_used_at=now,
        expires_at=now,
        absolute_expires_at=now,
    )
    return {
        Tenant: tenant,
        Assistant: assistant,
        AssistantVersion: assistant.published_version,  # type: ignore[dict-item]
        EndUser: person,
        Thread: thread,
        Run: run,
        ThreadItem: item,
        ChatSession: session,
        Block: Block.objects.create(tenant=tenant, kind="cookie", end_user=person, reason="x", expires_at=now),
        Attachment: Attachment.objects.create(
            tenant=tenant, end_user=person, assistant=assistant, thread=thread, public_id=f"atc_{name}", data={}
        ),
        Usage: Usage.objects.create(
            tenant=tenant,
            assistant=assistant,
            run=f"run_{name}",
            requests=1,
            input_tokens=1,
            cached_tokens=0,
            output_tokens=1,
            reasoning_tokens=0,
            total_ms=1,
            created_at=now,
        ),
        # The trigger of the row of usage made it.
        UsageDay: UsageDay.objects.for_tenant(tenant).get(),
        Quota: Quota.objects.create(tenant=tenant),
        ActionToken: ActionToken.objects.create(
            tenant=tenant,
            thread=thread,
            end_user=person,
            token_hash=name.encode(),
            purpose="x",
            data={},
            created_at=timezone.now(),
            expires_at=timezone.now(),
        ),
        Feedback: Feedback.objects.create(tenant=tenant, item=item, end_user=person, kind="positive"),
        RunTrace: RunTrace.objects.create(tenant=tenant, run=run, context={}, steps=[], events=[]),
        ReviewNote: ReviewNote.objects.create(tenant=tenant, thread=thread, text="x"),
        Embed: embed,
        AuditEvent: AuditEvent.objects.create(tenant=tenant, actor_kind="system", action="x"),
        **_knowledge(tenant),
        EmbedSigningKey: EmbedSigningKey.objects.create(
            tenant=tenant, embed=embed, key_id=name, algorithm="HS256", secret="x"
        ),
        SpentIdentity: SpentIdentity.objects.create(tenant=tenant, embed=embed, jti_hash=name.encode(), expires_at=now),
        Domain: Domain.objects.for_tenant(tenant).get(),
        Invitation: Invitation.objects.create(
            tenant=tenant, email="x@example.com", token_hash=name.encode(), expires_at=now
        ),
        Impersonation: Impersonation.objects.create(tenant=tenant, staff=user, member=user, reason="x", expires_at=now),
        Membership: Membership.objects.for_tenant(tenant).get(user=user),
        ProviderKey: ProviderKey.store(tenant.pk, "openai", "sk-secret"),
        SignIn: SignIn.objects.create(
            tenant=tenant, name="Company", issuer="https://x.example", client_id="x", secret="x"
        ),
        DataKey: DataKey.objects.for_tenant(tenant).get(),
        HttpTool: HttpTool.objects.create(tenant=tenant, name="tool", url_template="https://example.com/"),
        McpServer: McpServer.objects.create(tenant=tenant, name="server", url="https://example.com/"),
    }


def _knowledge(tenant: Tenant) -> dict[type[models.Model], models.Model]:
    index = EmbeddingIndex.objects.create(tenant=tenant, provider="offline", model=tenant.slug, dimensions=2)
    source = source_of(tenant)
    document = Document.objects.create(
        tenant=tenant, source=source, public_id=f"doc_{tenant.slug}", key=tenant.slug, seen_at=timezone.now()
    )
    chunk = Chunk.objects.create(
        tenant=tenant, source=source, document=document, version=1, position=tenant.pk, start=0, end=1, sha256=b"x"
    )
    embedding = Embedding.objects.create(
        tenant=tenant, index=index, source=source, chunk=chunk, dimensions=2, vector=[1.0, 0.0]
    )
    return {
        KnowledgeBase: KnowledgeBase.objects.create(tenant=tenant, index=index),
        EmbeddingIndex: index,
        KnowledgeSource: source,
        Document: document,
        Chunk: chunk,
        Embedding: embedding,
    }
