"""The dashboard and the alerts, against what a real scrape of a running bot gives."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from bot.demo.provider.faults import CallName, Drop, TaskPlan
from bot.services.operations.backups import note_backup
from bot.services.requests.failures import OwnFailure
from bot.web.figures import TROUBLES
from storage.records import State
from tests.deploy.promql import selected
from tests.support.bot_env import open_bot_env
from tests.support.classifier import open_classifier
from tests.support.s3 import open_s3
from tests.support.sqlite import new_sqlite
from tests.web.test_server import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
OF_PROMETHEUS = {"up": {"job", "instance"}}
"""Metrics that Prometheus makes of every scrape."""
WORDS: dict[tuple[str, str], set[str]] = {
    ("video_bot_requests", "state"): {str(state) for state in State},
    ("video_bot_provider_trouble", "trouble"): set(TROUBLES),
    ("video_bot_failures_day", "cause"): set(get_args(OwnFailure)),
}
"""Labels whose every value is known, whatever happened before the scrape."""


def alerts() -> dict[str, dict[str, Any]]:
    rules = YAML(typ="safe").load(DEPLOY / "prometheus/alerts.yml")
    return {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"]}


def panels() -> list[dict[str, Any]]:
    dashboard = json.loads((DEPLOY / "grafana/video-bot.json").read_text(encoding="utf-8"))
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str]]:
    for name, rule in alerts().items():
        yield name, rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


async def scraped(folder: Path) -> dict[str, dict[str, set[str]]]:
    """Every metric of a bot that has posted, failed and lost a request: its labels and values."""
    port = free_port()
    async with (
        open_classifier() as classifier,
        open_s3() as s3,
        open_bot_env(
            new_sqlite(folder / "bot.db"), folder, safety_check=classifier.url, **s3.settings
        ) as bot_env,
    ):
        async with bot_env.database.transaction() as tx:
            await note_backup(tx, bot_env.clock())
        async with bot_env.running(http_port=port):
            await (await bot_env.create()).wait_shown()
            await bot_env.until_state(State.POSTED)
            bot_env.provider.faults.next_task(TaskPlan(fails_with="no"))
            await (await bot_env.create()).wait_shown()
            await bot_env.until_state(State.FAILED, number=1)
            bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
            await (await bot_env.create()).wait_shown()
            await bot_env.until_state(State.UNCERTAIN, number=2)
            url = f"http://127.0.0.1:{port}/metrics"
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                text = await response.text()
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)
    return found


async def test_every_query_reads_metrics_and_labels_that_a_scrape_has(tmp_path: Path) -> None:
    found = await scraped(tmp_path)
    # what Prometheus adds to each sample
    known = {name: set(labels) | {"job", "instance"} for name, labels in found.items()}
    known |= OF_PROMETHEUS
    read = set()
    for where, query in queries():
        for each in selected(query):
            assert each.metric in known, f"{where}: there is no metric {each.metric}"
            missing = each.labels - known[each.metric]
            assert not missing, f"{where}: {each.metric} has no label {missing}"
            read.add(each.metric)
            for label, words in each.matched:
                allowed = WORDS.get((each.metric, label))
                if allowed is not None:
                    assert set(words.split("|")) <= allowed, f"{where}: {label} {words}"
    families = {
        name.removesuffix("_bucket").removesuffix("_count").removesuffix("_sum")
        for name in found
        if not name.endswith("_created")
    }
    shown = {name.removesuffix("_bucket").removesuffix("_count") for name in read}
    assert families <= shown, f"no panel shows {families - shown}"
    bounded = {name: labels for name, labels in found.items() if "le" not in labels}
    assert max(len(values) for each in bounded.values() for values in each.values()) <= 20


@pytest.mark.parametrize("query", ["sum(rate(up[5m])", "up{job=}", "rate(up)"])
def test_what_is_no_promql_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        selected(query)


def test_every_alert_says_how_urgent_it_is_and_what_to_do() -> None:
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in {"page", "ticket"}, name
        assert set(rule["annotations"]) == {"summary", "action"}, name
        assert rule["for"], name


def test_panels_lie_beside_one_another_and_choose_their_data_source() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]
