"""`genesys-assets compare`: counts how a stored day fits what Genesys Cloud tells of it."""

import json
from datetime import date
from pathlib import Path

import click

from genesys_assets.evidence import Evidence, evidence_of
from genesys_assets.process import organisation_at_hand
from genesys_assets.resources import figures_of, genesys_of, work_of
from genesys_assets.whose import pinned_database_of

SHOWN = 20
"""How many differences are printed; the file has all."""


def run_compare(day: date, out: Path | None) -> int:
    """Compare a day, print a summary and write the file.

    Args:
        day: A day that is stored.
        out: The file to write; None: none.

    Returns:
        The exit status: 0, or 1 when something differs or could not be compared.
    """
    organisation = organisation_at_hand()
    database = pinned_database_of(organisation)
    genesys, figures, work = (
        make(organisation).process_config_and_initialize() for make in (genesys_of, figures_of, work_of)
    )
    with work.scoped_folder() as folder:
        evidence = evidence_of(database, genesys, day, organisation.zone, figures.service_level, folder)
    for line in summary(evidence):
        click.echo(line)
    if out:
        out.write_text(json.dumps(evidence.as_json(), indent=1) + "\n", encoding="utf-8")
        click.echo(f"{out} has all of it: counts, and no id, name or text of a conversation. See docs/verify.md.")
    return 0 if evidence.is_equal else 1


def summary(evidence: Evidence) -> list[str]:
    """Return the evidence in a few lines."""
    whose = "the sandbox's" if evidence.of_sandbox else "Genesys Cloud's"
    lines = [f"{evidence.day}, {evidence.documents} conversations, against {whose} aggregates:"]
    for name, mart in evidence.figures.items():
        if permission := mart.get("permission_missing"):
            lines.append(f"  {name}: not compared, the OAuth client lacks {permission}")
            continue
        compared = sum(part["groups"] * len(part["figures"]) for part in mart["compared"])
        differing = sum(row["groups"] for row in mart["differing"])
        lines.append(f"  {name}: {differing} figures differ of {compared}")
        lines += [_difference(row) for row in mart["differing"][:SHOWN]]
        lines += [_switches(mart["service_level"])] if "service_level" in mart else []
    return [*lines, *_metrics(evidence), *_shapes(evidence)]


def _difference(row: dict[str, object]) -> str:
    where = ", in intervals" if row["in_intervals"] else ""
    totals = f": {row['ours']} here, {row['genesys']} there" if "ours" in row else ""
    return f"    {row['figure']} of {row['media_type']}, {row['groups']} groups{where}{totals} ({row['metric']})"


def _switches(settings: list[dict[str, object]]) -> str:
    fit = [each for each in settings if not each["differing"]]
    own = "among them" if any(each["is_set"] for each in fit) else "not among them"
    return f"    service level: {len(fit)} of the {len(settings)} settings of the switches fit, yours {own}"


def _metrics(evidence: Evidence) -> list[str]:
    if permission := evidence.metrics.get("permission_missing"):
        return [f"  metrics: not compared, the OAuth client lacks {permission}"]
    counts = evidence.metrics["counts"]
    differ = [row for row in counts if row["differs"]]
    shown = [
        f"    {row['metric']} of {row['purpose']}, {row['media_type']}, {row['direction']}: {row['ours']} here, "
        f"{row['genesys']} there"
        for row in differ[:SHOWN]
    ]
    title = f"  metrics by media, purpose and direction: {len(differ)} differ of {len(counts)}"
    return [title, *shown]


def _shapes(evidence: Evidence) -> list[str]:
    unknown = {of: sum(map(len, kinds.values())) for of, kinds in evidence.shapes.items()}
    of_tables, of_sandbox = unknown["unknown_to_tables"], unknown["unknown_to_sandbox"]
    return [f"  shapes of records: {of_tables} unknown to the tables, {of_sandbox} that the sandbox never emits"]
