#!/bin/sh
# Two roles, when the database is made: the owner of the tables, for `manage.py migrate`, and the server, which row-level security holds.
# Searches by words use their indexes under row-level security only where a superuser vouches for the functions behind them.
set -eu
# Each password is in a file that a variable names, or in a variable.
CHAT_OWNER_DB_PASSWORD="${CHAT_OWNER_DB_PASSWORD:-$(cat "$CHAT_OWNER_DB_PASSWORD_FILE")}"
CHAT_DB_PASSWORD="${CHAT_DB_PASSWORD:-$(cat "$CHAT_DB_PASSWORD_FILE")}"
psql --set ON_ERROR_STOP=1 --username postgres \
     --set owner_password="$CHAT_OWNER_DB_PASSWORD" --set password="$CHAT_DB_PASSWORD" <<'SQL'
CREATE ROLE chat_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE chat LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE chat OWNER chat_owner;
\connect chat
CREATE EXTENSION vector;
ALTER SCHEMA public OWNER TO chat_owner;
ALTER FUNCTION pg_catalog.ts_match_vq(tsvector, tsquery) LEAKPROOF;
ALTER FUNCTION pg_catalog.to_tsvector(regconfig, jsonb) LEAKPROOF;
ALTER FUNCTION pg_catalog.jsonb_path_query_array(jsonb, jsonpath, jsonb, boolean) LEAKPROOF;
ALTER FUNCTION pg_catalog.array_to_tsvector(text[]) LEAKPROOF;
ALTER FUNCTION pg_catalog.tsvector_concat(tsvector, tsvector) LEAKPROOF;
ALTER FUNCTION pg_catalog.textanycat(text, anynonarray) LEAKPROOF;
ALTER FUNCTION pg_catalog.textcat(text, text) LEAKPROOF;
ALTER FUNCTION pg_catalog.int8out(bigint) LEAKPROOF;
ALTER FUNCTION pg_catalog.int8shr(bigint, integer) LEAKPROOF;
ALTER FUNCTION pg_catalog.textin(cstring) LEAKPROOF;
SQL
