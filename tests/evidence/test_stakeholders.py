"""The parties are cited and bilingual, and their weights say that they are placeholders."""

import pytest

from caudal.core.errors import CaudalError
from caudal.core.files import data_path
from caudal.evidence.source import sources
from caudal.evidence.stakeholders import Party, Statement, read_stakeholders, stakeholders


def statements(record):
    """Return every statement below a record."""
    if isinstance(record, Statement):
        return [record]
    inner = record if isinstance(record, tuple) else vars(record).values()
    return [s for item in inner if isinstance(item, tuple | Statement) for s in statements(item)]


def test_both_governments_and_the_other_parties_are_there():
    parties = stakeholders().parties
    assert len(parties) == 17
    assert {"colombia-petro", "us-trump", "us-biden", "us-congress", "colombia-after-2026"} <= parties.keys()
    assert {"growers", "armed-groups", "unodc", "peru", "mexico", "ecuador", "europe"} <= parties.keys()


def test_every_statement_is_cited_and_bilingual():
    told = [s for party in stakeholders().parties.values() for s in statements(party)]
    told += statements(stakeholders().weights)
    assert len(told) > 60
    for statement in told:
        assert set(statement.cites) <= sources().keys()
        assert all(name.startswith("clm.") for name in statement.cites)
        assert statement.text.en != statement.text.es
        assert '"' not in statement.text.en + statement.text.es


def test_every_party_has_a_name_in_both_languages_and_its_profile_exists():
    for name, party in stakeholders().parties.items():
        assert isinstance(party, Party)
        assert party.id == name
        assert party.name.en.strip()
        assert party.name.es.strip()
        assert party.cites
        assert party.profile is None or data_path("profiles", f"{party.profile}.yaml").exists()


def test_weights_are_placeholders_with_a_range_inside_the_scale():
    weights = stakeholders().weights
    assert weights.placeholder is True
    assert (weights.scale, weights.range) == ((0, 5), 1)
    assert len(weights.outcomes) == 12
    assert weights.of("us-trump")["sovereignty"] == (0, 0, 1)
    assert weights.of("colombia-petro")["cocaine_out"] == (4, 5, 5)
    assert [name for name, weight in weights.outcomes.items() if weight.inferred] == ["political"]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("values: [2, 5, 3, 5]", "values: [2, 5, 3]", r"coca_area needs one value"),
        ("values: [2, 5, 3, 5]", "values: [2, 6, 3, 5]", r"coca_area has a value outside 0 to 5"),
        ("placeholder: true", "placeholder: false", r"weights\.placeholder"),
        ("parties: [us-trump]", "parties: [us-nobody]", r"us-nobody"),
        ("kind: armed", "kind: army", r"parties\.armed-groups\.kind"),
        ("cites: [clm.S76]", "cites: []", r"parties\.colombia-petro\.aims\.1\.cites"),
        ("cites: [clm.S76]", "cites: [clm.S9999]", r"parties\.colombia-petro\.aims\.1\.cites.*clm\.S9999"),
    ],
)
def test_what_is_wrong_is_told_with_the_file(tmp_path, old, new, where):
    content = data_path("stakeholders.yaml").read_text(encoding="utf-8")
    assert old in content
    path = tmp_path / "stakeholders.yaml"
    path.write_text(content.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CaudalError, match=rf"CAU-204: stakeholders\.yaml, line \d+, .*{where}"):
        read_stakeholders(path)
