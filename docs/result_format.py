"""The page of the result's JSON, from its schema."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

_HEAD = """# The result, as JSON

*For engineers who read results in other programs.* Every analysis writes `NAME.json`, and `--json` prints the same.
{said}

The schema itself (JSON Schema 2020-12) is `speechcoach/schema/result-{version}.json` in the package. `sc.load(path)`
reads a result back, and refuses one that is damaged or of an unknown version in one sentence. The key `schema` is
{version} as long as no key is renamed or dropped.
"""


def pages(version: int = 1) -> dict[str, str]:
    """The one page."""
    schema = json.loads((resources.files("speechcoach") / "schema" / f"result-{version}.json").read_text("utf-8"))
    tables = [_table("Top", schema), *(_table(name, record) for name, record in schema["$defs"].items())]
    return {"reference/result.md": "\n".join([_HEAD.format(said=schema["description"], version=version), *tables])}


def _table(name: str, record: dict[str, Any]) -> str:
    rows = [f"| `{key}` | {kind(of)} |" for key, of in record["properties"].items()]
    said = " ".join(record.get("description", "").split()) if name != "Top" else "What the file holds."
    return "\n".join([f"## {name}\n", f"{said}\n" if said else "", "| key | type |", "|---|---|", *rows, ""])


def kind(of: dict[str, Any]) -> str:
    """A type in words, with a link where it is a record."""
    if "$ref" in of:
        name = of["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in of:
        return " or ".join(map(kind, of["anyOf"]))
    if "enum" in of:
        return "one of " + ", ".join(f"`{json.dumps(value)}`" for value in of["enum"])
    if of.get("type") == "array":
        return _array(of)
    if of.get("type") == "object":
        return f"object of {kind(of['additionalProperties'])}"
    return str(of.get("type", "anything"))


def _array(of: dict[str, Any]) -> str:
    if "prefixItems" in of:
        return f"[{', '.join(map(kind, of['prefixItems']))}]"
    return f"array of {kind(of['items'])}" if of.get("items") else "array"
