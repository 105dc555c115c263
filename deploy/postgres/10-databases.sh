#!/usr/bin/env bash
# Gives metrics, actions and notify a database each, owned by a role of its own. The image runs this once, on an empty volume.
set -euo pipefail

database() { # name password
  psql --no-psqlrc --set ON_ERROR_STOP=1 --set name="$1" --set password="$2" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

database oversight_metrics "${METRICS_DB_PASSWORD:?METRICS_DB_PASSWORD must be set}"
database oversight_actions "${ACTIONS_DB_PASSWORD:?ACTIONS_DB_PASSWORD must be set}"
database oversight_notify "${NOTIFY_DB_PASSWORD:?NOTIFY_DB_PASSWORD must be set}"
