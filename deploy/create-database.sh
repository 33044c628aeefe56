#!/bin/sh
# Run once by the database image: a role that owns its database and nothing more.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$DATABASE_PASSWORD" -U "${POSTGRES_USER:-postgres}" <<'SQL'
CREATE ROLE tongtu LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE tongtu OWNER tongtu ENCODING 'UTF8' TEMPLATE template0;
SQL
