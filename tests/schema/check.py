#!/usr/bin/env python3
"""Holds reports in JSON to their schema: check.py SAMPLE DOCS

SAMPLE writes reports, of the case it is given. DOCS has the schema, compare.schema.json, and compare.md, which shows an
example and the names of members. The schema allows members that it does not name, for it may grow; here none may be
without its name. Status 77: python3-jsonschema is missing."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)


def no_others(schema):
    """The same schema, in which every object has the members that it names, all of them, and no others."""
    if isinstance(schema, list):
        return [no_others(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: no_others(part) for name, part in schema.items()}
    if isinstance(schema.get("properties"), dict):
        strict["additionalProperties"] = False
        strict["required"] = sorted(schema["properties"])
    return strict


def members(schema):
    """Every name of a member in a schema."""
    if isinstance(schema, list):
        return set().union(*map(members, schema))
    if not isinstance(schema, dict):
        return set()
    named = schema.get("properties", {})
    return set(named).union(*map(members, schema.values()))


def written(sample, case):
    return json.loads(subprocess.run([sample, case], check=True, capture_output=True).stdout.decode("utf-8"))


def changed(report, path, value):
    """The report with another value at a path, or without it (value: Ellipsis)."""
    report = copy.deepcopy(report)
    at = report
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return report


# What no report may say: the schema must notice it.
FAULTS = [
    (["eniflow_compare"], 2),
    (["agrees"], "no"),
    (["offset", "seconds"], "1.5"),
    (["offset", "source"], "guessed"),
    (["interfaces", 0, "end"], ...),
    (["interfaces", 0, "flows", "agree"], -1),
    (["interfaces", 0, "packets", "log"], 2**64),
    (["interfaces", 0, "intervals", 0, "missing"], 1),
    (["findings", 0, "verdict"], "edge"),
    (["findings", 0, "cause"], "Not a name"),
    (["findings", 0, "srcport"], 65536),
    (["findings", 0, "log", "reject", "bytes"], ...),
    (["findings", 0, "compared"], None),
    (["remarks", 0], None),
]


def faults(sample, docs):
    schema = json.loads((docs / "compare.schema.json").read_text(encoding="utf-8"))
    page = (docs / "compare.md").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator.check_schema(schema)
    strict, plain = jsonschema.Draft202012Validator(no_others(schema)), jsonschema.Draft202012Validator(schema)
    reports = {case: written(sample, case) for case in ("all", "none")}
    example = re.search(r"```json\n(.*?)```", page, re.S)
    if example:
        reports["the example in compare.md"] = json.loads(example.group(1))
    else:
        yield "compare.md: no example in JSON"
    for name, report in reports.items():
        for error in strict.iter_errors(report):
            yield "%s: %s: %s" % (name, error.json_path, error.message)
    for path, value in FAULTS:
        if plain.is_valid(changed(reports["all"], path, value)):
            yield "the schema lets %s be %r" % (path, value)
    causes = [finding["cause"] for finding in reports["all"]["findings"]]
    for cause in causes:
        if "`%s`" % cause not in page:
            yield "compare.md does not tell of the cause `%s`" % cause
        if causes.count(cause) > 1:
            yield "two causes are called %s" % cause
    for name in sorted(members(schema)):
        if not re.search(r"[`\"]%s[`\"]" % re.escape(name), page):
            yield "compare.md does not tell of the member `%s`" % name


def main():
    found = list(faults(sys.argv[1], Path(sys.argv[2])))
    print("\n".join(found) or "reports are as the schema says, and the schema as the page")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
