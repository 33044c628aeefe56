#!/bin/sh
# Pin every package with its hashes. Needs uv (pip install uv). No header and no annotations, so that no address of an index is recorded.
set -eu
cd "$(dirname "$0")/.."
options="--quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11"
# shellcheck disable=SC2086
uv pip compile $options pyproject.toml --output-file requirements/run.txt >/dev/null
# shellcheck disable=SC2086
uv pip compile $options --extra dev pyproject.toml --output-file requirements/test.txt >/dev/null
