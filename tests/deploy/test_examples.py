"""The examples for Kubernetes, systemd and Litestream: by schema, and by what they start."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from bot.__main__ import app
from bot.setting_examples import EXAMPLES
from bot.shards import read_shards

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(path.name for path in (DEPLOY / "systemd").iterdir())
DIRECTIVES = {
    "Unit": {"Description", "After", "Wants"},
    "Install": {"WantedBy"},
    "Timer": {"OnCalendar", "RandomizedDelaySec", "Persistent"},
    "Service": {
        *("Type", "DynamicUser", "User", "StateDirectory", "WorkingDirectory", "EnvironmentFile"),
        *("Environment", "ExecStartPre", "ExecStart", "Restart", "RestartPreventExitStatus"),
        *("RestartSec", "TimeoutStopSec", "NoNewPrivileges", "PrivateTmp", "PrivateDevices"),
        *("ProtectSystem", "ProtectHome", "ProtectKernelTunables", "ProtectKernelModules"),
        *("ProtectControlGroups", "RestrictAddressFamilies", "RestrictNamespaces"),
        *("LockPersonality", "CapabilityBoundingSet", "UMask"),
    },
}
"""Directives of systemd.unit(5), systemd.service(5), systemd.exec(5) and systemd.timer(5)."""
BOT = "/opt/video-bot/.venv/bin/video-bot"


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    """A unit's directives by section; each may stand several times."""
    sections: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in (DEPLOY / "systemd" / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert equals, line
            sections.setdefault(section, {}).setdefault(key, []).append(value)
    return sections


def resources() -> list[dict[str, Any]]:
    text = (DEPLOY / "kubernetes/video-bot.yaml").read_text(encoding="utf-8")
    return [dict(each) for each in YAML(typ="safe").load_all(text)]


def require_command(words: list[str]) -> None:
    """Fail unless the command line takes these words."""
    command: Any = get_command(app)
    with command.make_context("video-bot", list(words), resilient_parsing=True) as context:
        name, found, rest = command.resolve_command(context, list(words))
        assert found is not None, name
        found.make_context(name, rest, parent=context)


@pytest.mark.parametrize("name", UNITS)
def test_units_have_known_directives_and_start_what_exists(name: str) -> None:
    sections = unit(name)
    for section, directives in sections.items():
        assert set(directives) <= DIRECTIVES[section], section
    if not name.endswith(".service"):
        assert (DEPLOY / "systemd" / name.replace(".timer", ".service")).is_file()
        return
    (started,) = sections["Service"]["ExecStart"]
    assert BOT in started
    words = shlex.split(re.sub(r"[\"'].*$", "", started.partition(BOT)[2])) or ["run"]
    require_command([*words, "copy.db"] if words == ["backup"] else words)
    for line in sections["Service"].get("Environment", []):
        assert line.partition("=")[0] in EXAMPLES, line


def test_resources_match_the_schemas_of_kubernetes() -> None:
    found = resources()
    for resource in found:
        kubernetes_validate.validate(resource, "1.30", strict=True)
    kinds = {resource["kind"] for resource in found}
    assert {"StatefulSet", "Deployment", "Job"} <= kinds
    for resource in found:
        if resource["kind"] in {"ConfigMap", "Secret"}:
            assert set(resource.get("data") or resource["stringData"]) <= set(EXAMPLES)
        if "template" in resource.get("spec", {}):
            (container,) = resource["spec"]["template"]["spec"]["containers"]
            require_command(container["args"])
            assert container["securityContext"]["readOnlyRootFilesystem"]


def test_the_gateways_of_kubernetes_have_every_shard_once(tmp_path: Path) -> None:
    (gateways,) = [each for each in resources() if each["kind"] == "StatefulSet"]
    (container,) = gateways["spec"]["template"]["spec"]["containers"]
    environment = {each["name"]: each["value"] for each in container["env"]}
    replicas = gateways["spec"]["replicas"]
    assert int(environment["GATEWAYS"]) == replicas
    program = tmp_path / "video-bot"
    program.write_text('#!/bin/sh\necho "$SHARDS $*"\n', encoding="utf-8")
    program.chmod(0o755)
    found: list[int] = []
    totals: set[int] = set()
    for ordinal in range(replicas):
        ran = subprocess.run(
            [*container["command"], *container["args"]],
            env=environment
            | {"HOSTNAME": f"video-bot-gateway-{ordinal}", "PATH": f"{tmp_path}:{os.defpath}"},
            capture_output=True,
            text=True,
            check=True,
        )
        written, _, words = ran.stdout.strip().partition(" ")
        assert words.split() == container["args"]
        shards = read_shards(written)
        assert shards is not None
        found += shards.ids
        totals.add(shards.total)
    assert totals == {len(found)}
    assert sorted(found) == list(range(len(found)))


def test_litestream_copies_the_database_that_the_compose_file_names() -> None:
    compose = YAML(typ="safe").load(ROOT / "compose.yaml")
    (database,) = YAML(typ="safe").load(DEPLOY / "litestream.yml")["dbs"]
    service = compose["services"]["litestream"]
    url = compose["services"]["bot"]["environment"]["DATABASE_URL"]
    assert url == f"sqlite:///{database['path']}"
    assert "./deploy/litestream.yml:/etc/litestream.yml:ro" in service["volumes"]
    assert set(service["volumes"]) >= set(compose["services"]["bot"]["volumes"])
    uses = {
        name
        for replica in database["replicas"]
        for name in re.findall(r"\$\{(\w+)\}", replica["url"])
    }
    assert uses <= set(service["environment"])
    assert service["user"] == "10001:10001"
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
