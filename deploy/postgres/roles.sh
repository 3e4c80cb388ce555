#!/bin/sh
# Two roles, when the database is made: the owner of the tables, for `manage.py migrate`, and the server, which row-level security holds.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres \
     --set owner_password="$CHAT_OWNER_DB_PASSWORD" --set password="$CHAT_DB_PASSWORD" <<'SQL'
CREATE ROLE chat_owner LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE chat LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE chat OWNER chat_owner;
\connect chat
CREATE EXTENSION vector;
ALTER SCHEMA public OWNER TO chat_owner;
SQL
