"""The documents are true: what they name exists, and what exists is named."""

import ast
import re
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr

from bot.__main__ import app
from bot.settings import EXAMPLES, Settings, load_settings
from bot.ui.texts import sources_of

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
)
FILES = [
    *DOCUMENTS,
    ".ci/run",
    ".dockerignore",
    ".env.example",
    ".pre-commit-config.yaml",
    "Dockerfile",
    "Makefile",
    "compose.yaml",
    "pyproject.toml",
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-build.lock",
    ".github/workflows/ci.yml",
    ".github/workflows/release.yml",
]
REQUIRED = ("DISCORD_TOKEN", "SEEDANCE_BASE_URL", "SEEDANCE_API_KEY")
REQUIRED_WORDS = ("required", "必填")
COMPOSE_ONLY = {"COMPOSE_PROFILES", "POSTGRES_PASSWORD"}
KNOWN_HOSTS = re.compile(
    r"(discord\.com|keepachangelog\.com|semver\.org|localhost|127\.0\.0\.1|([\w-]+\.)*example(\.\w+)?)"
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table_rows(name: str) -> list[list[str]]:
    """The cells of every table row of a document."""
    lines = [line for line in read(name).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def headings(name: str) -> list[tuple[int, str]]:
    """Level and text of every heading outside code."""
    text = re.sub(r"^```.*?^```", "", read(name), flags=re.MULTILINE | re.DOTALL)
    return [(len(marks), title) for marks, title in re.findall(r"^(#+) (.+)$", text, re.MULTILINE)]


def settings_of(environment: dict[str, str]) -> Settings:
    """What these settings amount to, with placeholders for the required ones."""
    with pytest.MonkeyPatch.context() as patch:
        for name in EXAMPLES:
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            if name not in REQUIRED:
                patch.setenv(name, value)
        patch.chdir(ROOT / "tests")  # where no .env lies
        secret = SecretStr("placeholder")
        required = {"discord_token": secret, "seedance_api_key": secret}
        return load_settings({**required, "seedance_base_url": "https://p.example"})


@pytest.mark.parametrize("name", READMES)
def test_every_setting_is_in_the_table_with_its_default(name: str) -> None:
    words = {"empty": "", "空": "", "required": "", "必填": ""}
    table = {
        cells[0].strip("`"): words.get(cells[1], cells[1].strip("`"))
        for cells in table_rows(name)
        if cells[0].strip("`") in EXAMPLES
    }
    assert sorted(table) == sorted(EXAMPLES)
    assert settings_of(table) == settings_of({})
    required = [cells[0].strip("`") for cells in table_rows(name) if cells[1] in REQUIRED_WORDS]
    assert sorted(required) == sorted(REQUIRED)


def test_the_example_file_has_every_setting_with_its_default_and_a_comment_line() -> None:
    values = {key: value or "" for key, value in dotenv_values(ROOT / ".env.example").items()}
    assert set(values) == set(EXAMPLES) | COMPOSE_ONLY
    assert settings_of(values) == settings_of({})
    lines = read(".env.example").splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line and not line.startswith("#"):
            assert before.startswith("# "), line
            assert not before.startswith("# --"), line
            assert before.endswith("Required.") == (line.rstrip("=") in REQUIRED), line


@pytest.mark.parametrize("name", READMES)
def test_every_slash_command_and_option_is_there_and_no_other(name: str) -> None:
    texts = "\n".join(sources_of("en-US").values())
    keys = re.findall(r"^command-([a-z]+)(?:-([a-z]+))? =", texts, re.MULTILINE)
    commands = {f"/{first} {second}" for first, second in keys if second} | {"/quota"}
    rows = {cells[0].strip("`"): cells for cells in table_rows(name) if cells[0].startswith("`/")}
    assert {row for row in rows if row.startswith(("/video", "/owner", "/quota"))} == commands
    groups = {first for first, _ in keys}
    mentioned = set(
        re.findall(r"`(/(?:video|videomod|videoadmin|owner|quota)\b[ \w]*)`", read(name))
    )
    assert mentioned <= commands | {f"/{group}" for group in groups}
    options = set(re.findall(r"^option-([a-z_]+) =", texts, re.MULTILINE))
    named = {
        option.rstrip("0123456789")
        for command in commands
        for option in re.findall(r"`([a-z_]+\d*)`", " ".join(rows[command][2:]))
    }
    assert named == options


@pytest.mark.parametrize("name", READMES)
def test_every_command_of_the_command_line_is_there(name: str) -> None:
    there = {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]
    named = set(re.findall(r"`video-bot ([a-z]+)", read(name)))
    assert named == there


def error_classes() -> set[str]:
    """Every descendant of BotError in the code, and the two that end a start."""
    parents: dict[str, set[str]] = {}
    for room in ("bot", "cogs", "storage"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                    parents.setdefault(node.name, set()).update(bases)
    found, before = {"BotError"}, 0
    while len(found) > before:
        before = len(found)
        found |= {name for name, bases in parents.items() if bases & found}
    return found | {"SettingsError", "CatalogueError"}


@pytest.mark.parametrize("name", READMES)
def test_every_class_of_error_is_in_the_table_and_no_other(name: str) -> None:
    named = {
        cells[0].strip("`") for cells in table_rows(name) if re.fullmatch(r"`[A-Z]\w+`", cells[0])
    }
    settings = {cell for cell in named if cell.isupper()}
    assert named - settings == error_classes()


def test_every_metric_is_there() -> None:
    metrics = set(re.findall(r'"(video_bot_\w+)"', read("bot/web/status.py")))
    for name in READMES:
        assert set(re.findall(r"`(video_bot_\w+)`", read(name))) == metrics


def test_every_make_target_is_there_and_no_other_is_named() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", read("Makefile"), re.MULTILINE))
    assert {"demo", "test", "lint"} <= targets
    for name in DOCUMENTS:
        assert set(re.findall(r"`make ([a-z]+)", read(name))) <= targets, name
    for name in READMES:
        assert set(re.findall(r"(?:`|^)make ([a-z]+)", read(name), re.MULTILINE)) == targets


@pytest.mark.parametrize("name", READMES)
def test_the_install_link_asks_for_exactly_the_permissions_of_the_table(name: str) -> None:
    bits = {
        "View Channel": 10,
        "Send Messages": 11,
        "Embed Links": 14,
        "Attach Files": 15,
        "Read Message History": 16,
        "Send Messages in Threads": 38,
    }
    rows = {cells[0] for cells in table_rows(name)}
    english = {row.partition("（")[2].rstrip("）") or row for row in rows}
    assert set(bits) <= english
    total = sum(1 << bit for bit in bits.values())
    link = re.search(r"https://discord\.com/oauth2/authorize\S+", read(name))
    assert link is not None
    assert f"&permissions={total}" in link[0]
    assert "&scope=bot+applications.commands&" in link[0]
    assert "&integration_type=0&" in link[0]


@pytest.mark.parametrize("name", FILES)
def test_no_file_names_a_place_on_somebodys_machine(name: str) -> None:
    found = re.findall(r"(?<![\w.])/(?:home|Users|work|mnt|tmp/\w)[/\w]*", read(name))
    assert found == []


@pytest.mark.parametrize("name", FILES)
def test_every_address_leads_to_a_known_host(name: str) -> None:
    hosts = re.findall(r"(?:https?|wss?)://([\w.-]+)", read(name))
    assert [host for host in hosts if not KNOWN_HOSTS.fullmatch(host)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_inside_the_project_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", read(name)):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        assert (ROOT / (path or name)).exists(), target
        if anchor:
            titles = [title.lower().replace(" ", "-") for _, title in headings(path or name)]
            assert anchor in titles, target


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = (read(name) for name in READMES)
    assert [level for level, _ in headings(READMES[0])] == [
        level for level, _ in headings(READMES[1])
    ]
    assert [len(row) for row in table_rows(READMES[0])] == [
        len(row) for row in table_rows(READMES[1])
    ]
    for pattern in (r"^```(?:.|\n)*?^```", r"!\[.*\]\((.*)\)"):
        ours = [re.sub(r"#.*", "", block) for block in re.findall(pattern, english, re.MULTILINE)]
        theirs = [re.sub(r"#.*", "", block) for block in re.findall(pattern, chinese, re.MULTILINE)]
        assert [block.split() for block in ours] == [block.split() for block in theirs]
