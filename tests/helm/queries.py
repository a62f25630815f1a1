"""The PromQL of the chart, and the metrics that it names."""
import json
import re

import yaml

from rendered import chart

# What Prometheus adds by itself.
synthetic = {"up", "ALERTS"}
words = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool", "inf", "nan"}


def alerts():
    return [r for g in yaml.safe_load((chart / "files/alerts.yaml").read_text())["groups"] for r in g["rules"]]


def dashboards():
    return {f.name: json.loads(f.read_text()) for f in sorted((chart / "files/dashboards").glob("*.json"))}


def panels(dashboard):
    return [p for p in dashboard["panels"] if p["type"] != "row"]


def queries():
    """(where it stands, PromQL); the variables of dashboards are filled in."""
    for rule in alerts():
        yield f"alert {rule['alert']}", rule["expr"]
    for name, dashboard in dashboards().items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}", filled(target["expr"])
        for annotation in dashboard["annotations"]["list"]:
            yield f"{name}: annotation", filled(annotation["expr"])
        for variable in dashboard["templating"]["list"]:
            found = re.fullmatch(r"label_values\((.*), \w+\)", variable["query"]["query"]) if variable["type"] == "query" else None
            if found:
                yield f"{name}: variable {variable['name']}", filled(found.group(1))


def filled(expression):
    for variable, value in (("$__rate_interval", "5m"), ("$namespace", "ota"), ("$service", "otagw"), ("$route", ".*")):
        expression = expression.replace(variable, value)
    return expression


def metrics_of(expression):
    """The names of series in it: what is left of the identifiers without labels, functions and words."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\{[^}]*\}", "{}", bare)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\[[^\]]*\]", "", bare)
    return {m.group(1) for m in re.finditer(r"(?<![\w.$])([a-zA-Z_:][\w:]*)(?!\w|\s*\()", bare)} - words
