#!/bin/sh
# A backup at once and then one every day at BACKUP_AT (UTC; 19:20 is 03:20 in Shanghai), into
# TONGTU_BACKUP_DIR. A night that fails is told in the log; `doctor` warns after 26 hours.
set -eu
at=${BACKUP_AT:-19:20} keep=${BACKUP_KEEP:-14}
trap 'exit 0' TERM INT
while :; do
    flask --app wsgi backup --keep "$keep" || echo "nightly-backup: no backup was taken, see above" >&2
    now=$(date -u +%s)
    next=$(date -u -d "$at" +%s)
    [ "$next" -gt "$now" ] || next=$((next + 86400))
    sleep $((next - now)) &
    wait $!
done
