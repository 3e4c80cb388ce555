from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

#: The words of messages; the tenant is one of them, so that a search reads only what is its own.  Unfinished answers stay out: they
#: are written again every second.
WORDS = """
CREATE INDEX CONCURRENTLY threaditem_words ON chat_threaditem USING gin (
    (array_to_tsvector(ARRAY['tenant:' || tenant_id]) || to_tsvector('simple', jsonb_path_query_array(data, '$.content[*].text')))
) WHERE type IN ('user_message', 'assistant_message') AND NOT is_hidden AND NOT data ? 'interrupted'"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("chat", "0007_review_note"),
    ]

    operations = [
        migrations.RunSQL(WORDS, "DROP INDEX CONCURRENTLY threaditem_words"),
        AddIndexConcurrently(
            "feedback", models.Index(fields=["tenant", "updated_at", "kind"], name="feedback_of_tenant")
        ),
        AddIndexConcurrently(
            "run",
            models.Index(
                fields=["tenant", "state", "thread"],
                condition=models.Q(state__in=["cancelled", "failed", "lost"]),
                name="run_ended_badly",
            ),
        ),
        AddIndexConcurrently("thread", models.Index(fields=["assistant", "id"], name="thread_of_assistant")),
        AddIndexConcurrently("thread", models.Index(fields=["tenant", "created_at"], name="thread_by_day")),
        AddIndexConcurrently(
            "thread",
            models.Index(
                fields=["tenant", "id"],
                condition=models.Q(metadata__has_key="waiting_for_human"),
                name="thread_waiting",
            ),
        ),
        AddIndexConcurrently(
            "thread",
            models.Index(fields=["tenant", "id"], condition=~models.Q(status="active"), name="thread_ended"),
        ),
        migrations.AlterField(
            "thread",
            "assistant",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=models.deletion.DO_NOTHING,
                related_name="+",
                to="tenants.assistant",
            ),
        ),
    ]
