"""`manage.py seed_load`: fill a development database with so much that slow pages show."""

from __future__ import annotations

import sys
import time
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from tqdm import tqdm

from tenants.scope import cross_tenant

#: Conversations of one statement.
BATCH: Final = 5_000
_DAYS: Final = 90

_TENANTS = """
INSERT INTO tenants_tenant (slug, name, status, access, created_at)
SELECT 'load-' || lpad(g::text, 4, '0'),
       (ARRAY['North','South','Blue','Green','Silver','Old','New','Little','Grand','Open'])[1 + g %% 10] || ' '
       || (ARRAY['Harbour','Mill','Orchard','Bakery','Garage','Library','Clinic','Forge','Garden','Theatre'])[1 + g / 10 %% 10]
       || ' ' || g, 'active', 'anonymous', now() - interval '100 days'
  FROM generate_series(%(first)s, %(last)s) g"""
_ASSISTANTS = """
WITH a AS (
    INSERT INTO tenants_assistant (tenant_id, slug, name, is_enabled, is_default, created_at)
    SELECT t.id, 'guide', 'Guide', true, true, now() FROM tenants_tenant t WHERE t.slug = ANY(%(slugs)s) RETURNING id, tenant_id)
SELECT tenant_id, id FROM a"""
_PEOPLE = """
INSERT INTO accounts_enduser (tenant_id, public_id, kind, external_id, display_name, email, traits, created_at)
SELECT t.id, 'eu_' || replace(gen_random_uuid()::text, '-', ''), CASE WHEN p %% 3 = 0 THEN 'anonymous' ELSE 'external' END,
       CASE WHEN p %% 3 > 0 THEN 'customer-' || p END,
       CASE WHEN p %% 3 > 0 THEN (ARRAY['Ada','Ben','Cleo','Dan','Eve','Finn','Gus','Hana'])[1 + p %% 8] || ' ' || p ELSE '' END,
       CASE WHEN p %% 3 > 0 THEN 'customer-' || p || '@example.com' ELSE '' END, '{}', now() - interval '95 days'
  FROM tenants_tenant t, generate_series(1, %(each)s) p WHERE t.slug = ANY(%(slugs)s)"""
# Some tenants have much more than others.
_NUMBERED = """
CREATE TEMPORARY TABLE load_people AS
SELECT row_number() OVER (ORDER BY e.tenant_id, e.id) AS n, e.tenant_id, e.id, e.public_id, a.id AS assistant_id
  FROM accounts_enduser e JOIN tenants_tenant t ON t.id = e.tenant_id
  JOIN tenants_assistant a ON a.tenant_id = e.tenant_id AND a.is_default
 WHERE t.slug LIKE 'load-%%'"""
_BATCH = """
WITH drawn AS MATERIALIZED (
    SELECT g, now() - %(days)s * interval '1 day' * (1 - g::float / %(threads)s) AS at, random() AS luck,
           1 + floor(%(people)s * power(random(), 2))::int AS n FROM generate_series(%(first)s, %(last)s) g),
t AS (
    INSERT INTO chat_thread (tenant_id, end_user_id, assistant_id, public_id, title, status, metadata, created_at, updated_at)
    SELECT p.tenant_id, p.id, p.assistant_id, 'thr_' || replace(gen_random_uuid()::text, '-', ''),
           (ARRAY['Opening hours','Where is my order?','A refund for boots','Change of address','Which size fits?','Warranty',
                  'A broken zip','Gift wrapping','Delivery abroad','Invoice for March'])[1 + d.g %% 10],
           CASE WHEN d.luck < 0.02 THEN 'closed' ELSE 'active' END, '{}', d.at, d.at + interval '20 seconds'
      FROM drawn d JOIN load_people p ON p.n = d.n ORDER BY d.g
    RETURNING id, tenant_id, end_user_id, assistant_id, public_id, title, created_at, random() AS luck, random() AS more),
r AS (
    INSERT INTO chat_run (tenant_id, thread_id, end_user_id, public_id, operation, state, owner, lease_expires_at, error_code,
                          created_at, finished_at)
    SELECT tenant_id, id, end_user_id, 'run_' || replace(gen_random_uuid()::text, '-', ''), 'threads.create',
           CASE WHEN luck < 0.92 THEN 'completed' WHEN luck < 0.96 THEN 'cancelled' WHEN luck < 0.995 THEN 'failed' ELSE 'lost' END,
           '', created_at, CASE WHEN luck BETWEEN 0.96 AND 0.995 THEN 'provider_timeout' ELSE '' END, created_at,
           created_at + interval '9 seconds' FROM t
    RETURNING id, tenant_id, thread_id, end_user_id, public_id, state, error_code, created_at),
u AS (
    INSERT INTO tenants_usage (tenant_id, assistant_id, run, end_user, provider, model, requests, input_tokens, cached_tokens,
                               output_tokens, reasoning_tokens, cost, prices, first_token_ms, total_ms, outcome, error_code,
                               created_at)
    SELECT r.tenant_id, t.assistant_id, r.public_id, p.public_id, 'openai', 'gpt-4o-mini', 1, 300 + (t.more * 900)::int, 0,
           80 + (t.more * 300)::int, 0, round((0.0001 + t.more * 0.0004)::numeric, 8), '{}', 350 + (t.more * 900)::int,
           4000 + (t.more * 6000)::int, r.state, r.error_code, r.created_at
      FROM r JOIN t ON t.id = r.thread_id JOIN load_people p ON p.id = r.end_user_id WHERE r.state <> 'lost'),
i AS (
    INSERT INTO chat_threaditem (tenant_id, thread_id, run_id, public_id, type, is_hidden, data, created_at)
    SELECT r.tenant_id, r.thread_id, r.id, m.public_id, m.type, false, jsonb_build_object(
               'id', m.public_id, 'type', m.type, 'thread_id', t.public_id,
               'created_at', to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
               || CASE WHEN m.number = 1 THEN jsonb_build_object('attachments', '[]'::jsonb, 'inference_options', '{}'::jsonb,
                           'content', jsonb_build_array(jsonb_build_object('type', 'input_text', 'text', t.title)))
                       ELSE jsonb_build_object('content', jsonb_build_array(jsonb_build_object(
                           'type', 'output_text', 'annotations', '[]'::jsonb, 'text', 'About "' || t.title || '": we see.')))
                  END, r.created_at + m.number * interval '1 second'
      FROM r JOIN t ON t.id = r.thread_id
      CROSS JOIN LATERAL (SELECT number, (ARRAY['user_message', 'assistant_message'])[number] AS type,
                                 'msg_' || replace(gen_random_uuid()::text, '-', '') AS public_id
                            FROM generate_series(1, %(messages)s) number WHERE r.id > 0) m
    RETURNING id, tenant_id, thread_id, type, created_at),
f AS (
    INSERT INTO chat_feedback (tenant_id, item_id, end_user_id, kind, created_at, updated_at)
    SELECT i.tenant_id, i.id, t.end_user_id, CASE WHEN t.more < 0.12 THEN 'positive' ELSE 'negative' END, i.created_at, i.created_at
      FROM i JOIN t ON t.id = i.thread_id WHERE i.type = 'assistant_message' AND t.more < 0.15)
INSERT INTO tenants_auditevent (tenant_id, actor_kind, actor, action, target_type, target_id, before, after, reason,
                                request_id, created_at)
SELECT tenant_id, 'member', 'owner@example.com', 'reviewnote.add', 'reviewnote', id::text, '{}', '{}', '', '', created_at
  FROM t"""


class Command(BaseCommand):
    """Adds to what is there, in statements of a batch each.  Only in DEBUG: nobody could tell it from real people."""

    help = "Fill the database with tenants and conversations, to see how pages bear them (DEBUG only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenants", type=int, default=100, help="Tenants that are made (default 100).")
        parser.add_argument(
            "--threads", type=int, default=100_000, help="Conversations of all of them (default 100000)."
        )
        parser.add_argument(
            "--messages",
            type=int,
            choices=(0, 2),
            default=2,
            help="0 leaves the messages out, whose index takes longest.",
        )

    def handle(self, *args: Any, tenants: int, threads: int, messages: int, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("seed_load makes up people and conversations; it needs DEBUG=true.")
        if not 1 <= tenants <= 10_000 or not 0 <= threads <= 10_000_000:
            raise CommandError("At most 10000 tenants and 10000000 conversations.")
        began = time.monotonic()
        with cross_tenant("seed_load"), connection.cursor() as cursor:
            people = self._tenants(cursor, tenants, max(1, min(1_000, threads // tenants // 5)))
            with tqdm(total=threads, unit=" conversations", disable=None, file=sys.stderr) as progress:
                for first in range(1, threads + 1, BATCH):
                    last = min(first + BATCH - 1, threads)
                    values = {"first": first, "last": last, "threads": threads, "people": people, "messages": messages}
                    cursor.execute(_BATCH, {**values, "days": _DAYS})
                    progress.update(last - first + 1)
        self.stdout.write(
            self.style.SUCCESS(f"{tenants} tenants, {threads} conversations, in {time.monotonic() - began:.0f} s.")
        )

    @staticmethod
    def _tenants(cursor: Any, count: int, each: int) -> int:
        """Make tenants with an assistant and people; how many people all such tenants have."""
        cursor.execute("SELECT coalesce(max(substr(slug, 6)::int), 0) FROM tenants_tenant WHERE slug ~ '^load-[0-9]+$'")
        first = cursor.fetchone()[0] + 1
        slugs = [f"load-{number:04d}" for number in range(first, first + count)]
        cursor.execute(_TENANTS, {"first": first, "last": first + count - 1})
        cursor.execute(_ASSISTANTS, {"slugs": slugs})
        cursor.execute(_PEOPLE, {"slugs": slugs, "each": each})
        cursor.execute("DROP TABLE IF EXISTS load_people")
        cursor.execute(_NUMBERED, {})
        cursor.execute("CREATE UNIQUE INDEX ON load_people (n)")
        cursor.execute("ANALYZE load_people")
        cursor.execute("SELECT count(*) FROM load_people")
        return int(cursor.fetchone()[0])
