"""The house: what is committed names no machine and no download address, and the texts hold true."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from caudal.cli import COMMANDS
from caudal.core.files import data_path
from caudal.evidence.registry import levers
from caudal.simulate.scenario import load

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = {"README.md": "en", "README.es.md": "es"}
READMES = tuple(LANGUAGE)
SKIPPED = {".git", ".venv", "build", "dist", "out", "site", "node_modules"}
LOCKS = {
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
}

FOLDERS = ("work", "home", "root", "Users", "tmp", "var", "opt", "mnt", "srv")
MACHINE = re.compile(r"(?<![\w.:/%~-])/(?:" + "|".join(FOLDERS) + r")/\w|\b[A-Z]:\\\w")
"""A path of one machine; part of an address does not count."""

HOSTS = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("anaconda", "org"), ("crates", "io"))
REGISTRY = re.compile("|".join(r"\b" + r"\.".join(host) + r"\b" for host in HOSTS))


def kept_files():
    """Return the files that are, or would be, committed."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
        found = [ROOT / name for name in done.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):  # a copy without git
        found = [
            path
            for path in ROOT.rglob("*")
            if not SKIPPED & set(path.relative_to(ROOT).parts) and "__pycache__" not in path.parts
        ]
    return [path for path in found if path.is_file()]


def read(path):
    """Return the text of a file, empty when it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@pytest.fixture(scope="module")
def kept():
    return {path.relative_to(ROOT).as_posix(): read(path) for path in kept_files()}


def lines_with(pattern, kept):
    """Return file:line for every line that matches."""
    return [
        f"{name}:{number}"
        for name, content in kept.items()
        if pattern.search(content)
        for number, line in enumerate(content.splitlines(), start=1)
        if pattern.search(line)
    ]


def block(page, mark):
    """Return what stands between two marks of a page."""
    found = re.search(f"<!-- {mark} -->\n(.*?)<!-- /{mark} -->", page, re.DOTALL)
    assert found, mark
    return found[1]


def fenced(page, kind=""):
    """Return the fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def commands(page, name):
    """Return the words that follow a command in code, inline or fenced."""
    inline = re.findall(rf"`(?:\.venv/bin/)?{name} ([a-z]+)", page)
    return {*inline, *re.findall(rf"^{name} ([a-z]+)", "\n".join(fenced(page)), re.MULTILINE)}


def headings(page):
    """Return the levels of the headings, outside fenced blocks."""
    return re.findall(
        r"^(#+) ", re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE), re.MULTILINE
    )


def test_no_machine_path(kept):
    assert lines_with(MACHINE, kept) == []


def test_no_registry_host(kept):
    assert lines_with(REGISTRY, kept) == []


def without_funding(lock):
    """Return a lock file's JSON without the pages at which its packages ask for support."""
    if isinstance(lock, dict):
        return {key: without_funding(value) for key, value in lock.items() if key != "funding"}
    return [without_funding(one) for one in lock] if isinstance(lock, list) else lock


def test_no_lock_file_with_addresses(kept):
    locks = {name: kept[name] for name in kept if Path(name).name in LOCKS}
    json_locks = {
        n: json.dumps(without_funding(json.loads(t))) for n, t in locks.items() if n.endswith(".json")
    }
    assert [name for name, words in (locks | json_locks).items() if "://" in words] == []


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt"])
def test_requirements_are_pinned_by_hash_without_addresses(name):
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    pins = "\n".join(lines).replace("\\\n", " ").splitlines()
    assert pins
    pin = re.compile(r"[a-z0-9._-]+(\[[a-z0-9,_-]+\])?==\S+( ; .+?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    assert [line for line in pins if line.strip() and not pin.fullmatch(line.strip())] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links|^-", "\n".join(lines), re.MULTILINE)


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "docs/architecture.md", "docs/errors.md"])
def test_commands_in_the_texts_exist(name):
    page = (ROOT / name).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert commands(page, "make") <= targets
    assert commands(page, "caudal") <= set(COMMANDS)


@pytest.mark.parametrize("name", READMES)
def test_readme_shows_both_commands(name):
    assert {"run", "test"} <= commands((ROOT / name).read_text(encoding="utf-8"), "make")


def test_readmes_have_the_same_structure():
    english, spanish = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    assert headings(english) == headings(spanish)
    assert commands(english, "caudal") == commands(spanish, "caudal")
    assert fenced(english, "yaml") == fenced(spanish, "yaml")


@pytest.mark.parametrize("name", READMES)
def test_scenario_in_the_readme_loads(name, tmp_path):
    (example,) = fenced((ROOT / name).read_text(encoding="utf-8"), "yaml")
    path = tmp_path / "record.yaml"
    path.write_text(example, encoding="utf-8")
    written = load(path).document.levers["manual_eradication"]
    source = yaml.safe_load(data_path("scenarios", "eradication-led.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(example)["levers"]["manual_eradication"] == source["levers"]["manual_eradication"]
    assert len(written) == 1


@pytest.mark.parametrize("name", READMES)
def test_readme_says_what_informs_each_lever(name):
    page = (ROOT / name).read_text(encoding="utf-8")
    names = {"data": "data|datos", "literature": "literature|literatura", "judgement": "judgement|juicio"}
    for grade, word in names.items():
        row = re.search(rf"^\| (?:{word}): [^|]*\|(.*)\|$", page, re.MULTILINE)
        assert row, grade
        told = set(re.findall(r"`(\w+)`", row[1]))
        assert told == {lever for lever, record in levers().items() if record.evidence == grade}


@pytest.mark.parametrize("name", READMES)
def test_readme_quotes_the_stored_fit(name):
    from caudal.cli.calibrate import area_line
    from caudal.simulate.posterior import fitted

    line = area_line(fitted()["national_area"], LANGUAGE[name])
    shown = block((ROOT / name).read_text(encoding="utf-8"), "fit")
    assert shown.strip() == f"> {line}", f"after a new fit, write this between the fit marks:\n> {line}"


@pytest.mark.parametrize("name", ["README.md", "README.es.md"])
def test_readme_quotes_the_stored_scores(name):
    from caudal.calibrate.results import stored

    page = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    told = {"README.md": "skill {}", "README.es.md": "destreza {}"}[name]
    for scope, words in (("all", told), ("without_boom", "({})"), ("held_out", "({})")):
        shown = f"{stored().summary('model', 'area', scope).skill.value:.2f}"
        assert words.format(shown if name == "README.md" else shown.replace(".", ",")) in page
    assert all(str(year) in page for year in stored().scopes["all"])


def test_links_lead_somewhere(kept):
    broken = []
    for name, page in kept.items():
        if name.endswith(".md"):
            for link in re.findall(r"\]\(([^)\s]+)\)", page):
                target = link.partition("#")[0]
                if target and "://" not in target and not (ROOT / name).parent.joinpath(target).exists():
                    broken.append(f"{name}: {link}")
    assert broken == []
