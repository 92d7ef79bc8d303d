"""The documents are true: what they name exists, and what exists is named."""

import ast
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from dotenv import dotenv_values
from PIL import Image
from pydantic import SecretStr

from bot.__main__ import app
from bot.rules.catalogue import load_catalogue
from bot.rules.model_spec import ModelSpec
from bot.services.servers.setting_values import NAMES as SERVER_SETTINGS
from bot.setting_examples import EXAMPLES
from bot.settings import Settings, load_settings
from bot.ui.texts import sources_of

ROOT = Path(__file__).parent.parent
PAGES = ("members", "moderators", "managers", "operating", "errors", "models", "privacy")
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
COMPOSE_ONLY = {
    "COMPOSE_PROFILES",
    "POSTGRES_PASSWORD",
    "LITESTREAM_REPLICA_URL",
    "LITESTREAM_ACCESS_KEY_ID",
    "LITESTREAM_SECRET_ACCESS_KEY",
}
KNOWN_HOSTS = re.compile(
    r"(discord\.com|keepachangelog\.com|semver\.org|localhost|127\.0\.0\.1|([\w-]+\.)*example(\.\w+)?)"
)
README_LINES = 150
PICTURE_BYTES = 160_000
RECORD_PARTS = ["Context", "Decision", "Consequence", "What would change our mind"]


@dataclass(frozen=True)
class Language:
    """One language's documents, and the words of its tables."""

    suffix: str
    empty: str
    required: str
    none: str
    frames: dict[str, str]
    billing: dict[str, str]

    @property
    def readme(self) -> str:
        return f"README{self.suffix}"

    def page(self, name: str) -> str:
        return f"docs/{name}{self.suffix}"

    @property
    def documents(self) -> list[str]:
        return [self.readme, *(self.page(name) for name in PAGES)]

    def rows(self) -> list[list[str]]:
        """The table rows of all documents."""
        return [row for name in self.documents for row in table_rows(name)]


ENGLISH = Language(
    ".md",
    empty="empty",
    required="required",
    none="none",
    frames={
        "no": "none",
        "single": "either or both",
        "first": "first, or both",
        "pair": "both together",
    },
    billing={"task": "video", "second": "second", "second_by_resolution": "second, by resolution"},
)
CHINESE = Language(
    ".zh-CN.md",
    empty="空",
    required="必填",
    none="无",
    frames={"no": "无", "single": "任一或两者", "first": "首帧，或两者", "pair": "两者一起"},
    billing={"task": "每个视频", "second": "每秒", "second_by_resolution": "每秒，按分辨率"},
)
PAIRS = list(zip(ENGLISH.documents, CHINESE.documents, strict=True))

in_both_languages = pytest.mark.parametrize(
    "language", [ENGLISH, CHINESE], ids=["English", "Chinese"]
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


def anchors(name: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for _, title in headings(name)}


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


@in_both_languages
def test_every_setting_is_in_the_table_with_its_default(language: Language) -> None:
    words = {language.empty: "", language.required: ""}
    rows = table_rows(language.page("operating"))
    table = {
        cells[0].strip("`"): words.get(cells[1], cells[1].strip("`"))
        for cells in rows
        if cells[0].strip("`") in EXAMPLES
    }
    assert sorted(table) == sorted(EXAMPLES)
    assert settings_of(table) == settings_of({})
    required = [cells[0].strip("`") for cells in rows if cells[1] == language.required]
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


@in_both_languages
def test_every_setting_of_a_server_is_in_the_managers_table_in_order(language: Language) -> None:
    named = [cells[0].strip("`") for cells in table_rows(language.page("managers"))]
    assert [name for name in named if name in SERVER_SETTINGS] == list(SERVER_SETTINGS)


@in_both_languages
def test_every_slash_command_and_option_is_there_and_no_other(language: Language) -> None:
    texts = "\n".join(sources_of("en-US").values())
    paths = {
        tuple(key.split("-"))
        for key in re.findall(r"^command-([a-z]+(?:-[a-z]+)*) =", texts, re.MULTILINE)
    }
    groups = {path[:length] for path in paths for length in range(1, len(path))}
    commands = {f"/{' '.join(path)}" for path in paths - groups}
    rows = {
        cells[0].strip("`"): cells
        for page in ("members", "moderators", "managers", "operating")
        for cells in table_rows(language.page(page))
        if cells[0].startswith("`/")
    }
    assert {
        row for row in rows if row.startswith(("/video", "/cast", "/owner", "/quota"))
    } == commands
    mentioned = {
        command
        for name in language.documents
        for command in re.findall(
            r"`(/(?:video|cast|videomod|videoadmin|owner|quota)\b[ \w]*)`", read(name)
        )
    }
    assert mentioned <= commands | {f"/{' '.join(group)}" for group in groups}
    options = set(re.findall(r"^option-([a-z_]+) =", texts, re.MULTILINE))
    named = {
        option.rstrip("0123456789")
        for command in commands
        for option in re.findall(r"`([a-z_]+\d*)`", " ".join(rows[command][2:]))
    }
    assert named == options


@in_both_languages
def test_every_command_of_the_command_line_is_there(language: Language) -> None:
    there = {command.name or command.callback.__name__ for command in app.registered_commands}  # type: ignore[union-attr]
    in_table = {
        name
        for cells in table_rows(language.page("operating"))
        for name in re.findall(r"^`video-bot ([a-z]+)", cells[0])
    }
    assert in_table == there
    for name in language.documents:
        assert set(re.findall(r"video-bot ([a-z]+)", read(name))) <= there, name


def error_classes() -> set[str]:
    """Every descendant of BotError in the code, and the two that end a start."""
    parents: dict[str, set[str]] = {}
    for package in ("bot", "cogs", "storage"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                    parents.setdefault(node.name, set()).update(bases)
    found, before = {"BotError"}, 0
    while len(found) > before:
        before = len(found)
        found |= {name for name, bases in parents.items() if bases & found}
    return found | {"SettingsError", "CatalogueError"}


@in_both_languages
def test_every_error_class_is_in_the_table_and_no_other(language: Language) -> None:
    first_cells = [cells[0] for cells in table_rows(language.page("errors"))]
    named = {cell.strip("`") for cell in first_cells if re.fullmatch(r"`[A-Z]\w+`", cell)}
    assert named == error_classes()


@in_both_languages
def test_every_metric_is_there_and_no_other(language: Language) -> None:
    code = "".join(map(read, ("bot/web/status.py", "bot/web/figures.py", "bot/metrics.py")))
    metrics = set(re.findall(r'"(video_bot_\w+)"', code))
    assert set(re.findall(r"`(video_bot_\w+)`", read(language.page("operating")))) == metrics


def model_row(spec: ModelSpec, language: Language) -> list[str]:
    """What the models' table says of a model."""
    output = spec.output.fixed or ", ".join(spec.output.resolutions)
    counts = [str(rule.max or language.none) for rule in (spec.images, spec.videos, spec.audios)]
    return [
        f"`{spec.name}`",
        f"{spec.duration.min}–{spec.duration.max} s",
        output,
        *counts,
        language.frames[spec.frames.takes],
        language.billing[spec.billing.by],
    ]


@in_both_languages
def test_every_model_is_in_the_table_with_what_it_takes(language: Language) -> None:
    rows = [row for row in table_rows(language.page("models")) if len(row) == 8]
    assert rows[1:] == [model_row(spec, language) for spec in load_catalogue()]


@in_both_languages
def test_the_example_of_a_models_file_can_be_used(language: Language, tmp_path: Path) -> None:
    blocks = re.findall(
        r"^```toml\n(.*?)^```", read(language.page("models")), re.MULTILINE | re.DOTALL
    )
    assert blocks
    for number, block in enumerate(blocks):
        file = tmp_path / f"models{number}.toml"
        file.write_text(block, encoding="utf-8")
        models = load_catalogue(file)
        assert set(tomllib.loads(block)["models"]) <= set(models.names)


def test_every_make_target_is_there_and_no_other_is_named() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", read("Makefile"), re.MULTILINE))
    assert {"demo", "test", "lint"} <= targets
    for name in DOCUMENTS:
        assert set(re.findall(r"`make ([a-z]+)", read(name))) <= targets, name
    for name in (ENGLISH.readme, CHINESE.readme):
        assert set(re.findall(r"(?:`|^)make ([a-z]+)", read(name), re.MULTILINE)) == targets


@in_both_languages
def test_the_install_link_asks_for_exactly_the_permissions_of_the_table(language: Language) -> None:
    bits = {
        "View Channel": 10,
        "Send Messages": 11,
        "Embed Links": 14,
        "Attach Files": 15,
        "Read Message History": 16,
        "Send Messages in Threads": 38,
    }
    rows = {cells[0] for cells in table_rows(language.readme)}
    english = {row.partition("（")[2].rstrip("）") or row for row in rows}
    assert set(bits) <= english
    total = sum(1 << bit for bit in bits.values())
    link = re.search(r"https://discord\.com/oauth2/authorize\S+", read(language.readme))
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
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), target
        if anchor:
            linked = file.resolve().relative_to(ROOT).as_posix()
            assert anchor in anchors(linked), target


def test_every_picture_is_used_described_and_small() -> None:
    used: set[Path] = set()
    for name in DOCUMENTS:
        for description, target in re.findall(r"!\[(.*?)\]\((.*?)\)", read(name)):
            assert len(description) > 5, target
            used.add(((ROOT / name).parent / target).resolve())
    pictures = set((ROOT / "docs/images").iterdir())
    assert used == {path.resolve() for path in pictures}
    for path in pictures:
        assert path.stat().st_size <= PICTURE_BYTES, path
        with Image.open(path) as picture:
            assert picture.width >= 300, path


def test_the_pages_are_those_that_are_under_test() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md")}
    assert found == {language.page(name) for name in PAGES for language in (ENGLISH, CHINESE)}
    for language in (ENGLISH, CHINESE):
        for name in PAGES:
            assert f"]({language.page(name)}" in read(language.readme), name


@in_both_languages
def test_the_readme_is_short(language: Language) -> None:
    assert len(read(language.readme).splitlines()) <= README_LINES


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_both_languages_have_the_same_shape(english: str, chinese: str) -> None:
    assert f"]({Path(chinese).name})" in read(english).splitlines()[2]
    assert f"]({Path(english).name})" in read(chinese).splitlines()[2]
    assert [level for level, _ in headings(english)] == [level for level, _ in headings(chinese)]
    assert [len(row) for row in table_rows(english)] == [len(row) for row in table_rows(chinese)]
    codes = [
        [row[0] for row in table_rows(name) if row[0].startswith("`")]
        for name in (english, chinese)
    ]
    assert codes[0] == codes[1]
    for pattern in (r"^```(?:.|\n)*?^```", r"!\[.*\]\((.*)\)", r"^(\s*(?:-|\d\.) )"):
        ours, theirs = (
            [
                re.sub(r"#.*", "", block).split()
                for block in re.findall(pattern, read(name), re.MULTILINE)
            ]
            for name in (english, chinese)
        )
        assert ours == theirs


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "DECISIONS.md"])
def test_every_path_that_is_named_exists(name: str) -> None:
    """Paths in backquotes, and those of the picture in ARCHITECTURE.md."""
    text = read(name)
    folders = r"(?:bot|cogs|storage|tests|docs|\.ci|\.github)/"
    paths = set(re.findall(rf"`({folders}[\w./*-]*|[\w-]+\.(?:md|toml|lock|yaml))`", text))
    paths |= set(re.findall(rf"[\[>(\"]({folders}[\w./-]*\.py)", text))
    assert paths
    for path in paths:
        assert list(ROOT.glob(path.rstrip("/"))), path


def test_every_decision_is_a_record_of_four_parts_and_no_number_is_lost() -> None:
    records = re.split(r"(?m)^## ", read("DECISIONS.md"))
    numbers = []
    for record in records[1:]:
        number, title = re.match(r"(\d+)\. (.+)", record).groups()  # type: ignore[union-attr]
        numbers.append(int(number))
        assert re.findall(r"^\*\*(.+)\.\*\*", record, re.MULTILINE) == RECORD_PARTS, title
    assert numbers == sorted(set(numbers))
    moved = re.search(r"^Moved to the code.*$", records[0], re.MULTILINE)
    assert moved is not None
    missing = set(range(1, max(numbers) + 1)) - set(numbers)
    assert {int(number) for number in re.findall(r"\b\d+\b", moved[0])} == missing


def test_the_version_has_a_dated_section_in_the_changelog() -> None:
    version = tomllib.loads(read("pyproject.toml"))["project"]["version"]
    released = re.findall(
        r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", read("CHANGELOG.md"), re.MULTILINE
    )
    assert released[0] == version


def test_the_project_is_never_installed_by_a_name_that_nobody_publishes() -> None:
    """A registry has no `video-bot`: whoever took the name would be installed."""
    sources = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("bot/**/*.py")]
    named = re.compile(r"pip install[^`\n]*video-bot")
    assert [name for name in (*FILES, *sources) if named.search(read(name))] == []
