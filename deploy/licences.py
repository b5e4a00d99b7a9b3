"""Writes docs/licences.md from a bill of materials: `python licences.py BILL.cdx.json PAGE.md` (`make release`).

Belongs here: how the licences of a bill are told. It is run by the tools' own Python, so it imports nothing of ours.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HEAD = """# Licences

What the image of deploy/ holds beside the project itself (Apache-2.0), as each package declares it. `make release`
writes this page and, with more in it, `dist/genesys-assets-VERSION.cdx.json`, from an environment of
`deploy/requirements.lock`.

| package | version | licence |
|---|---|---|
"""
LONGEST_NAME = 80
"""Of a name: a text may be all that a package gives."""


def named(component: Mapping[str, Any]) -> Iterator[str]:
    """Yield the licences that a component declares: identifier, expression or name, or else the text's first line."""
    for each in component.get("licenses", ()):
        licence = each.get("license", {})
        name = each.get("expression") or licence.get("id") or licence.get("name") or ""
        if name.startswith(
            "declared license"
        ):  # the tool's own words: the package gives a text where a name is asked for
            name = licence.get("text", {}).get("content", "")
        first = next(iter(name.splitlines()), "").removeprefix("License :: OSI Approved :: ").strip()
        if first:
            yield first[:LONGEST_NAME]


def page(bill: Mapping[str, Any]) -> str:
    """Return the page: one line for each package but ours, by name."""
    components = sorted(bill["components"], key=lambda each: each["name"].lower())
    rows = [
        f"| {each['name']} | {each['version']} | {'; '.join(dict.fromkeys(named(each))) or 'in its own files'} |"
        for each in components
        if each["name"] != "genesys-assets"
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    bill_file, page_file = map(Path, sys.argv[1:])
    page_file.write_text(page(json.loads(bill_file.read_text(encoding="utf-8"))), encoding="utf-8")
