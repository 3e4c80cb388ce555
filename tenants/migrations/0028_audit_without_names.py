"""The audit log keeps kinds and ids: names and what people wrote are taken out of the events that are there."""

from django.db import migrations, models

# What stays of an event's values: numbers, flags, empty texts, times, and the texts of these columns. The list is this migration's own: it
# says what was recorded until now, and does not change with the models.
KEPT = [
    "access", "action", "algorithm", "as_of", "audience", "changed", "code", "embedding_provider", "factor", "generation", "identity",
    "is_verified", "key_id", "kind", "language", "method", "outcome", "position", "provider", "public_id", "removed", "role", "slug",
    "state", "status", "tenant", "thread", "what", "words_language",
]  # fmt: skip
KEPT_OF = {
    "assistant": ["name"],
    "assistantversion": ["model"],
    "domain": ["host", "since"],
    "embed": ["name", "allowed_origins", "launcher_text", "accent", "on_accent", "greeting"],
    "httptool": ["name", "description", "url_template", "parameters"],
    "knowledgebase": ["embedding_model"],
    "knowledgesource": ["url", "records"],
    "mcpserver": ["name", "url", "allowed_tools"],
    "providerkey": ["last_four", "base_url"],
    "quota": ["plan"],
    "signin": ["last_four", "name", "issuer", "client_id", "allowed_domains", "why"],
    "tenant": ["name"],
    "": ["path"],
}
# Rows that are known by a public id from now on: the table of each kind.
PUBLIC_IDS = {
    "embed": "tenants_embed",
    "enduser": "accounts_enduser",
    "chatsession": "accounts_chatsession",
    "thread": "chat_thread",
    "attachment": "chat_attachment",
    "run": "chat_run",
    "knowledgesource": "chat_knowledgesource",
    "document": "chat_document",
}
TABLES = {"tenants_auditevent": "auditevent_append_only", "tenants_platformevent": "platformevent_append_only"}

_CLEANED = r"""(
    SELECT coalesce(jsonb_object_agg(each.key, CASE
        WHEN jsonb_typeof(each.value) IN ('number', 'boolean', 'null') OR each.value IN ('""', '[]', '{}', '"(not shown)"')
            OR each.value #>> '{}' ~ '^\d{4}-\d\d-\d\d([T ][0-9:.]+(Z|[+-][0-9:]+)?)?$'
            OR each.key = ANY(%(kept)s) OR target_type || '.' || each.key = ANY(%(kept_of)s)
        THEN each.value ELSE '"(not shown)"' END), '{}')
    FROM jsonb_each(COLUMN) each)"""
_CLEAN = """
    UPDATE TABLE SET target = '', before = BEFORE, after = AFTER,
        reason = CASE WHEN target_type IN ('enduser', 'thread') THEN '' ELSE reason END,
        request_id = CASE WHEN request_id ~ '^req_[0-9a-f]{32}$' THEN request_id ELSE '' END"""
_NAME = """
    UPDATE tenants_auditevent e SET target_id = r.public_id FROM TABLE r
     WHERE e.target_type = %s AND r.tenant_id = e.tenant_id AND e.target_id = r.id::text"""
_COLUMNS = "actor_kind, actor, before, reason, target_type, target_id, target, request_id, action, created_at, after"
_VALUES = "'command', 'migrate', '{}'::jsonb, '', '', '', '', '', 'auditevent.clean', now()"
_RECORD = f"""
    INSERT INTO tenants_auditevent ({_COLUMNS}, tenant_id)
    SELECT {_VALUES}, jsonb_build_object('changed', count(*)), tenant_id FROM tenants_auditevent GROUP BY tenant_id"""  # noqa: S608
_RECORD_ALL = f"INSERT INTO tenants_platformevent ({_COLUMNS}) SELECT {_VALUES}, jsonb_build_object('changed', %s::int)"


def clean(_apps, schema_editor):
    """Rewrite the events, as the owner of the tables and with all of it in one transaction, and record that it was done."""
    values = {"kept": KEPT, "kept_of": [f"{kind}.{name}" for kind, names in KEPT_OF.items() for name in names]}
    changed = 0
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('chatplatform.tenant', '*', true)")
        for table, trigger in TABLES.items():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            statement = _CLEAN.replace("TABLE", table)
            for column in ("BEFORE", "AFTER"):
                statement = statement.replace(column, _CLEANED.replace("COLUMN", column.lower()))
            cursor.execute(statement, values)
            changed += cursor.rowcount
        for kind, table in PUBLIC_IDS.items():
            # Tables of other apps are there wherever there is something to clean.
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone() != (None,):
                cursor.execute(_NAME.replace("TABLE", table), [kind])
        # Nothing may be left to check when a table is changed.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, trigger in TABLES.items():
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
        if changed:
            cursor.execute(_RECORD)
            cursor.execute(_RECORD_ALL, [changed])
        cursor.execute("SELECT set_config('chatplatform.tenant', '', true)")


# Servers of the version before go on while this one starts, and write what a row was called: the column stays for them, and stays
# empty. A later version drops it.
NO_TARGET = """
CREATE FUNCTION keep_no_target() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.target := ''; RETURN NEW; END $$;
CREATE TRIGGER auditevent_no_target BEFORE INSERT ON tenants_auditevent FOR EACH ROW EXECUTE FUNCTION keep_no_target();
CREATE TRIGGER platformevent_no_target BEFORE INSERT ON tenants_platformevent FOR EACH ROW EXECUTE FUNCTION keep_no_target();
"""
TARGET = """
DROP TRIGGER auditevent_no_target ON tenants_auditevent;
DROP TRIGGER platformevent_no_target ON tenants_platformevent;
DROP FUNCTION keep_no_target();
"""
# Emptying a table passes by the triggers of its rows.
REFUSE_TRUNCATE = """
CREATE TRIGGER auditevent_no_truncate BEFORE TRUNCATE ON tenants_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_events();
CREATE TRIGGER platformevent_no_truncate BEFORE TRUNCATE ON tenants_platformevent
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_events();
"""
UNDO = """
DROP TRIGGER auditevent_no_truncate ON tenants_auditevent;
DROP TRIGGER platformevent_no_truncate ON tenants_platformevent;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0027_domain_record"),
    ]

    operations = [
        migrations.RunPython(clean, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(NO_TARGET, TARGET)],
            [
                migrations.RemoveField(model_name="auditevent", name="target"),
                migrations.RemoveField(model_name="platformevent", name="target"),
            ],
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="target_id",
            field=models.CharField(blank=True, help_text="The public id, of rows that have one.", max_length=70),
        ),
        migrations.AlterField(
            model_name="platformevent",
            name="target_id",
            field=models.CharField(blank=True, help_text="The public id, of rows that have one.", max_length=70),
        ),
        migrations.RunSQL(REFUSE_TRUNCATE, UNDO),
    ]
