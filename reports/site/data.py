"""A report as plain JSON, free of language, and the key that says when it must be built again."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from reports.metrics.dealer import DealerReport


def values_of(report: DealerReport) -> dict[str, Any]:
    """Return all figures of the report as JSON values: months as YYYY-MM, dates as ISO dates."""
    values = asdict(report)
    values["months"] = [
        {**asdict(month), "month": month.month.isoformat()[:7]} for month in report.months
    ]
    values["mix"] = [asdict(row) for row in report.mix]
    values["first_sold_on"] = report.first_sold_on and report.first_sold_on.isoformat()
    values["facts_until"] = report.facts_until.isoformat()
    return values


def to_json(values: dict[str, Any]) -> bytes:
    """Return the values as readable UTF-8 JSON, always in the same order."""
    return (json.dumps(values, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def key_of(
    report: DealerReport, *, languages: Sequence[str], home_url: str | None, engine: str
) -> str:
    """Return a digest of all that the report's files depend on.

    The version of the facts is left out on purpose: it changes with every import, and a dealer
    whose figures did not change keeps the report, which names the version it was computed from.
    """
    values = values_of(report)
    del values["facts_version"]
    everything = [values, list(languages), home_url, engine]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
