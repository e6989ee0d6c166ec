"""The message catalogue: both languages say the same, and nothing is said outside it."""

import ast
import re
from collections import defaultdict
from pathlib import Path
from string import Formatter

import pytest

from caudal.core.files import data_path, read_yaml
from caudal.core.messages import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src" / "caudal").rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
WORD = re.compile(r"[^\W\d_]{2,}")


def catalogue(language):
    """Return area.name -> text of a language."""
    return {
        f"{path.stem}.{name}": text
        for path in sorted(data_path("messages", language).glob("*.yaml"))
        for name, text in read_yaml(path).items()
    }


CATALOGUES = {language: catalogue(language) for language in LANGUAGES}
ENGLISH = CATALOGUES["en"]


def fields(text):
    """Return the names that a message is filled with."""
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name}


def calls(name):
    """Return (where, call) for every call of a function or class by its plain name."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


def literal(node):
    """Return the text of a string literal, else None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def pattern(node):
    """Return a pattern for the keys that an f-string can form, else None."""
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = (re.escape(literal(part)) if literal(part) is not None else ".+" for part in node.values)
    return "".join(parts)


def given(call):
    """Return the names a call passes, or None when it unpacks a mapping."""
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else set(names)


def short_of(call, text):
    """Return the fields of a message that a call does not pass."""
    names = given(call)
    return set() if names is None else fields(text) - names


def errors_raised():
    """Return (where, code, key) for every coded error; ``unknown`` itself is handed its code."""
    found = []
    for where, call in calls("CaudalError"):
        if len(call.args) == 2:
            found.append((where, literal(call.args[0]), literal(call.args[1])))
    for where, call in calls("unknown"):
        code = literal(call.args[3]) if len(call.args) == 4 else None
        found.append((where, code, "unknown"))
    return [item for item in found if "core/errors.py" not in item[0]]


def test_both_languages_hold_the_same_areas():
    areas = [{path.name for path in data_path("messages", code).glob("*")} for code in LANGUAGES]
    assert all(found == areas[0] for found in areas)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_both_languages_hold_the_same_keys_and_fields(language):
    other = CATALOGUES[language]
    assert set(other) == set(ENGLISH)
    assert {k: fields(other[k]) for k in other} == {k: fields(ENGLISH[k]) for k in ENGLISH}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_is_empty_in_both_languages_or_in_none(language):
    silent = {key for key, text in ENGLISH.items() if not str(text).strip()}
    assert {key for key, text in CATALOGUES[language].items() if not str(text).strip()} == silent


def test_every_message_used_exists():
    missing = []
    for where, call in calls("text"):
        key, shape = literal(call.args[0]), pattern(call.args[0])
        if key is not None and key not in ENGLISH:
            missing.append((where, key))
        if shape is not None and not any(re.fullmatch(shape, known) for known in ENGLISH):
            missing.append((where, shape))
    for where, _, key in errors_raised():
        if key is not None and f"errors.{key}" not in ENGLISH:
            missing.append((where, key))
    for where, call in calls("unknown"):
        kind = literal(call.args[0])
        if kind is not None and f"kinds.{kind}" not in ENGLISH:
            missing.append((where, kind))
    for where, call in calls("_violation"):
        rule = literal(call.args[0])
        if rule is not None and f"evidence.check_{rule}" not in ENGLISH:
            missing.append((where, rule))
    assert missing == []


def test_every_message_used_is_given_its_fields():
    wrong = []
    for where, call in calls("text"):
        key = literal(call.args[0])
        if key in ENGLISH and short_of(call, ENGLISH[key]):
            wrong.append((where, key, short_of(call, ENGLISH[key])))
    for where, call in calls("CaudalError"):
        key = f"errors.{literal(call.args[1])}" if len(call.args) == 2 else ""
        if key in ENGLISH and short_of(call, ENGLISH[key]):
            wrong.append((where, key, short_of(call, ENGLISH[key])))
    assert wrong == []


def spoken(node):
    """Return the words written in an expression, except those compared or passed to another call."""
    if isinstance(node, ast.Call | ast.Compare):
        return []
    own = [literal(node)] if literal(node) is not None and WORD.search(literal(node)) else []
    children = [node.value] if isinstance(node, ast.FormattedValue) else ast.iter_child_nodes(node)
    return own + [word for child in children for word in spoken(child)]


def said():
    """Return (where, expression) for everything the command line prints."""
    for path, tree in TREES.items():
        if "cli" not in path.parts:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            if name in ("click.echo", "click.secho", "print", "sys.stdout.write", "sys.stderr.write"):
                for argument in node.args:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", argument


def test_nothing_is_printed_outside_the_catalogue():
    assert [(where, words) for where, argument in said() if (words := spoken(argument))] == []


def test_help_is_in_the_catalogue():
    """Options and commands take their help from the catalogue; a docstring is English only."""
    wrong = []
    for path, tree in TREES.items():
        if "cli" not in path.parts:
            continue
        for node in ast.walk(tree):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call):
                written = [k.value for k in node.keywords if k.arg in ("help", "short_help", "epilog")]
                wrong += [(where, words) for value in written if (words := spoken(value)) != []]
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
                for mark in node.decorator_list:
                    name = ast.unparse(mark.func) if isinstance(mark, ast.Call) else ast.unparse(mark)
                    told = isinstance(mark, ast.Call) and any(k.arg in ("help", "cls") for k in mark.keywords)
                    if re.search(r"\.(command|group)$", name) and not told:
                        wrong.append((where, node.name))
    wrong = [f"{where} {words}" for where, words in wrong if words != ["en | es"]]
    assert not wrong, "\n".join(wrong)


def test_every_error_code_means_one_thing():
    meanings = defaultdict(set)
    for where, code, key in errors_raised():
        assert code is not None, f"{where}: an error code must be written out"
        assert key is not None, f"{where}: a message key must be written out"
        assert re.fullmatch(r"CAU-\d{3}", code), where
        meanings[code].add(key)
    assert {code: keys for code, keys in meanings.items() if len(keys) > 1} == {}


def test_every_error_is_documented_in_the_words_it_uses():
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (CAU-\d{3}) \| (.+?) \|", page, re.MULTILINE))
    raised = {code: key for _, code, key in errors_raised()}
    assert set(rows) == set(raised)
    for code, key in raised.items():
        if key == "unknown":
            assert re.fullmatch(r"unknown [a-z ]+ '\{name\}'\.", rows[code]), code
        else:
            assert rows[code] == ENGLISH[f"errors.{key}"], code
