"""Writes record_fields.json from a description of the SDK's models: field names, types and sets of values, no texts.

    python -m genesys_assets_tests.tables.derive_record_fields MODELS.JSON

MODELS.JSON: {"classes": {class: {"fields": {wire name: {"type": ..., "enum": [...]}}}}}. To be run by hand when a new
SDK brings new fields; the schema tests then tell what the tables lack.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = "AnalyticsConversation"
METRIC_NAMES = ("ConversationDetailQueryPredicate", "metric")
RESULT = Path(__file__).with_name("record_fields.json")


def reachable(classes: dict[str, Any], name: str) -> set[str]:
    """The class and all classes that its fields lead to."""
    types = " ".join(told["type"] for told in classes[name]["fields"].values())
    inner = {word for word in re.findall(r"\w+", types) if word in classes}
    return {name}.union(*(reachable(classes, each) for each in inner))


def fields(classes: dict[str, Any], name: str) -> dict[str, list[str]]:
    """The type of each field, and after it the values that are documented for it."""
    told = sorted(classes[name]["fields"].items())
    return {field: [kind["type"], *sorted(kind.get("enum") or ())] for field, kind in told}


def main(models: Path) -> None:
    """Writes the fixture beside this file."""
    classes = json.loads(models.read_text())["classes"]
    owner, field = METRIC_NAMES
    derived = {
        "classes": {name: fields(classes, name) for name in sorted(reachable(classes, ROOT))},
        "metric_names": sorted(classes[owner]["fields"][field]["enum"]),
    }
    lines = json.dumps(derived).replace("]], ", "]],\n  ").replace("}, ", "},\n ").replace("], ", "],\n   ")
    RESULT.write_text(lines + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
