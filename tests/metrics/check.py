#!/usr/bin/env python3
"""Metrics as others see them: check.py text|rules|names SAMPLE FOLDER

text    promtool finds nothing to say about the text that SAMPLE writes
rules   promtool takes packaging/prometheus/eniflow.rules.yml, and its alerts fire when they should
names   docs/metrics.md tells of every family, its type and labels; the dashboard and the alerts ask only for what there is

Status 77 without promtool, where it is needed."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

RULES = "packaging/prometheus/eniflow.rules.yml"
RULES_TEST = "tests/metrics/alerts.yml"
DASHBOARD = "packaging/grafana/eniflow.json"
PAGE = "docs/metrics.md"


def fail(*faults):
    print("\n".join(faults))
    sys.exit(1)


def promtool(*arguments, text=None):
    if not shutil.which("promtool"):
        print("skipped: promtool is not installed (Debian: prometheus)")
        sys.exit(77)
    ran = subprocess.run(["promtool", *map(str, arguments)], input=text, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    said = ran.stdout.decode()
    print(said)
    if ran.returncode:
        fail("promtool: status %d" % ran.returncode)
    return said


def check_text(sample, _):
    text = subprocess.run([sample], stdout=subprocess.PIPE, check=True).stdout
    if promtool("check", "metrics", text=text).strip():
        fail("promtool has something to say")


def check_rules(_, root):
    promtool("check", "rules", "--lint-fatal", root / RULES)
    promtool("test", "rules", root / RULES_TEST)


def families_of(sample):
    """name: (type, labels, help), in their order."""
    lines = subprocess.run([sample, "families"], stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    parts = [line.split("\t") for line in lines]
    return {name: (kind, labels.split(",") if labels else [], help) for name, kind, labels, help in parts}


def check_page(families, root):
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \|([^|]*)\| (.+) \|$", (root / PAGE).read_text(), re.M)
    told = [(name, kind, re.findall(r"`(\w+)`", labels)) for name, kind, labels, _ in rows]
    there = [(name, kind, labels) for name, (kind, labels, _) in families.items()]
    yield from ("%s: no row %s" % (PAGE, row) for row in there if row not in told)
    yield from ("%s: the row %s is of no family" % (PAGE, row) for row in told if row not in there)
    if sorted(told) == sorted(there) and told != there:
        yield "%s: the families are in another order" % PAGE


# Labels that Prometheus itself gives.
SCRAPED = {"job", "instance"}


def asked(families, where, query):
    """Faults of a query: names and labels that are not exported."""
    names = re.findall(r"\beniflow_\w+", query)
    labels = {label for name in names if name in families for label in families[name][1]} | SCRAPED
    used = re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"", query)
    for group in re.findall(r"\b(?:by|on|ignoring|without)\s*\(([^)]*)\)", query):
        used += re.findall(r"\w+", group)
    yield from ("%s: %s is not exported: %s" % (where, name, query) for name in names if name not in families)
    yield from ("%s: there is no label %s: %s" % (where, label, query) for label in used if label not in labels)
    if not names:
        yield "%s: asks for nothing of eniflow's: %s" % (where, query)


def check_dashboard(families, root):
    board = json.loads((root / DASHBOARD).read_text())
    variables = {variable["name"] for variable in board["templating"]["list"]}
    texts, ids = [], []
    for panel in board["panels"]:
        ids.append(panel["id"])
        for target in panel.get("targets", []):
            labels = {label for name in re.findall(r"\beniflow_\w+", target["expr"]) if name in families
                      for label in families[name][1]} | SCRAPED
            texts.append(target["expr"])
            yield from asked(families, "%s, %s" % (DASHBOARD, panel["title"]), target["expr"])
            yield from ("%s, %s: the legend has {{%s}}" % (DASHBOARD, panel["title"], label)
                        for label in re.findall(r"{{\s*(\w+)\s*}}", target["legendFormat"]) if label not in labels)
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            texts.append(variable["definition"])
            name, label = re.fullmatch(r"label_values\((\w+)(?:{.*})?, (\w+)\)", variable["definition"]).groups()
            if variable["query"]["query"] != variable["definition"]:
                yield "%s: the query of $%s differs from its definition" % (DASHBOARD, variable["name"])
            if name not in families or label not in families[name][1] + list(SCRAPED):
                yield "%s: $%s asks for what is not exported" % (DASHBOARD, variable["name"])
    if len(set(ids)) != len(ids) or not texts:
        yield "%s: panels without queries, or with the same id" % DASHBOARD
    known = variables | {"__rate_interval", "__range", "__all"}
    yield from ("%s: there is no variable $%s" % (DASHBOARD, name)
                for name in re.findall(r"\$\{?(\w+)", json.dumps(board)) if name not in known)


def check_alerts(families, root):
    expressions = re.findall(r"^\s+expr: (.+)$", (root / RULES).read_text(), re.M)
    if not expressions:
        yield "%s: no expressions found" % RULES
    for expression in expressions:
        yield from asked(families, RULES, expression)


def check_names(sample, root):
    families = families_of(sample)
    faults = [fault for check in (check_page, check_dashboard, check_alerts) for fault in check(families, root)]
    if faults:
        fail(*faults)
    print("%d families" % len(families))


def main():
    what, sample, root = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    {"text": check_text, "rules": check_rules, "names": check_names}[what](sample, root)


if __name__ == "__main__":
    main()
