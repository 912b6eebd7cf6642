"""Dashboard and alerts ask for nothing that no program gives, and leave out nothing that programs give."""
import json
import re

import pytest

from renhe import CHECKOUT

FOLDER = CHECKOUT / "deploy" / "monitoring"
# Prometheus' own, and words of its language.
OF_PROMETHEUS = {"up"}
NAME = r"\b((?:renhe|process)_[a-z0-9_]+)"
# Told to operators by other means: a test of the reveal quota and broken lines of a feed are no trend.
NOT_SHOWN = {"renhe_reveal_quota_refused_total", "renhe_gateway_feed_refused_total", "renhe_events_retries_total", "renhe_transactions_retried_total",
             "renhe_outbox_sent_total", "renhe_outbox_failed_total", "renhe_outbound_breaker", "renhe_outbound_microseconds_total",
             "process_resident_memory_bytes"}


def given():
    """Names that stand in the sources where a metric is made."""
    found = set()
    for folder in ("services", "gateway"):
        for file in (CHECKOUT / folder).rglob("*.c"):
            found |= set(re.findall(r'"((?:renhe|process)_[a-z0-9_]+)"', file.read_text()))
    return {n for n in found if n not in ("renhe_app",)}


def asked():
    board = json.loads((FOLDER / "dashboard.json").read_text())
    exprs = [t["expr"] for p in board["panels"] for t in p["targets"]] + [(FOLDER / "alerts.yml").read_text()]
    names = {n for e in exprs for n in re.findall(NAME, re.sub(r'"[^"]*"', '""', e))}
    return {re.sub(r"(_seconds)_(bucket|sum|count)$", r"\1", n) for n in names}


def test_nothing_is_asked_for_that_nobody_gives():
    assert asked() - given() == set()


def test_what_is_given_is_shown():
    metrics = {n for n in given() if not n.startswith("renhe_test")}
    unknown = {n for n in metrics - asked() - NOT_SHOWN if re.search(r"_(total|seconds|ms|bytes|lag|depth|up|waiting|letters|events|overdue|jobs)$", n)}
    assert unknown == set()


@pytest.mark.parametrize("rule", re.findall(r"- alert: \w+\n(?:        .*\n|          .*\n)+", (FOLDER / "alerts.yml").read_text()),
                         ids=lambda r: re.search(r"alert: (\w+)", r).group(1))
def test_each_alert_says_what_to_do(rule):
    assert re.search(r"severity: (page|ticket)\b", rule) and re.search(r"summary: .* · ", rule) and "next: " in rule and "expr: " in rule


def test_each_program_is_scraped():
    text = (FOLDER / "prometheus.yml").read_text()
    programs = {line.split()[0] for line in (CHECKOUT / "scripts/lib/services.txt").read_text().splitlines() if line and line[0] != "#"}
    assert set(re.findall(r"program: (\w+)", text)) == programs | {"gateway"}


def test_no_panel_lies_over_another():
    places = [tuple(p["gridPos"][k] for k in ("x", "y")) for p in json.loads((FOLDER / "dashboard.json").read_text())["panels"]]
    assert len(set(places)) == len(places)
