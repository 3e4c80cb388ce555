from django.db import migrations

#: The words of messages; the tenant is one of them, and the block of 16,384 keys that a message is in, so that a search reads what is
#: its own, from the newest on (`chat.stores.word_search`).  Unfinished answers stay out: they are written again every second.
WORDS = """
CREATE INDEX CONCURRENTLY threaditem_found ON chat_threaditem USING gin (
    (array_to_tsvector(ARRAY['tenant:' || tenant_id, 'block:' || (id >> 14)])
     || to_tsvector('simple', jsonb_path_query_array(data, '$.content[*].text')))
) WHERE type IN ('user_message', 'assistant_message') AND NOT is_hidden AND NOT data ? 'interrupted'"""
FORMER = """
CREATE INDEX CONCURRENTLY threaditem_words ON chat_threaditem USING gin (
    (array_to_tsvector(ARRAY['tenant:' || tenant_id]) || to_tsvector('simple', jsonb_path_query_array(data, '$.content[*].text')))
) WHERE type IN ('user_message', 'assistant_message') AND NOT is_hidden AND NOT data ? 'interrupted'"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("chat", "0011_attachment_room"),
    ]

    operations = [
        migrations.RunSQL(WORDS, "DROP INDEX CONCURRENTLY threaditem_found"),
        migrations.RunSQL("DROP INDEX CONCURRENTLY threaditem_words", FORMER),
    ]
