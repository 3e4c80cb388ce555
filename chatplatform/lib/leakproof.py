"""What searches by words call.

Row-level security lets PostgreSQL use their indexes only where a superuser vouches that these functions tell nothing of rows that
they are not asked for; without that, a search reads all of a tenant's rows.  `deploy/postgres/roles.sh` says so, too.
"""

from typing import Final

LEAKPROOF: Final = (
    "pg_catalog.ts_match_vq(tsvector, tsquery)",
    "pg_catalog.to_tsvector(regconfig, jsonb)",
    "pg_catalog.jsonb_path_query_array(jsonb, jsonpath, jsonb, boolean)",
    "pg_catalog.array_to_tsvector(text[])",
    "pg_catalog.tsvector_concat(tsvector, tsvector)",
    "pg_catalog.textanycat(text, anynonarray)",
    "pg_catalog.textcat(text, text)",
    "pg_catalog.int8out(bigint)",
    "pg_catalog.int8shr(bigint, integer)",
    "pg_catalog.textin(cstring)",
)
