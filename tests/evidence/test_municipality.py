"""The municipal file is read in whatever number format each column uses, and checked."""

from pathlib import Path

import pytest

from caudal.core.clock import LAST_OBSERVED, START
from caudal.core.errors import CaudalError
from caudal.core.messages import LANGUAGES, catalogue
from caudal.evidence.inputs import inputs
from caudal.evidence.municipality import read_municipal
from caudal.evidence.series import series

HEADER = '"CODDEPTO","DEPARTAMENTO","CODMPIO","MUNICIPIO","2019","2020"\n'
ROWS = '"52","NARIÑO","52001","UNO","1,200.5","1.100,25"\n"86","PUTUMAYO","86001","DOS","- 0","61,5"\n'
PUBLISHED = {2019: 1200.5, 2020: 1161.75}
REAL = (
    Path(__file__).resolve().parents[2].parent
    / "shared/evidence/supply/raw/coca_municipal_2001_2023_datosgov_acs4-3wgp.csv"
)


@pytest.fixture
def write(tmp_path):
    def _write(content, encoding="utf-8"):
        path = tmp_path / "municipal.csv"
        path.write_bytes(content.encode(encoding))
        return path

    return _write


def test_european_column_beside_english_ones(write):
    coca = read_municipal(write(HEADER + ROWS), PUBLISHED)
    assert coca.totals() == {2019: 1200.5, 2020: 1161.75}
    assert coca.codes == ("52001", "86001")
    assert coca.departments == ("NARIÑO", "PUTUMAYO")
    assert coca.area.shape == (2, 2)


def test_semicolons_and_latin_letters(write):
    content = "CODMPIO;MUNICIPIO;DEPARTAMENTO;2020\n52001;UNO;NARIÑO;1.100,25\n86001;DOS;PUTUMAYO;61,5\n"
    coca = read_municipal(write(content, "latin-1"), PUBLISHED)
    assert coca.departments[0] == "NARIÑO"
    assert coca.totals() == {2020: 1161.75}


def test_a_wrong_total_names_file_and_column(write):
    with pytest.raises(CaudalError, match=r"CAU-120.*municipal\.csv.*2020"):
        read_municipal(write(HEADER + ROWS), {2020: 2000})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (HEADER.replace("CODMPIO", "CODE") + ROWS, "CAU-121"),
        ("", "CAU-121"),
        ('"CODMPIO","MUNICIPIO","DEPARTAMENTO"\n', "CAU-121"),
        (HEADER + ROWS.replace("61,5", "n.d."), "CAU-122"),
        (HEADER + ROWS + '"86","PUTUMAYO"\n', "CAU-122"),
    ],
)
def test_broken_files_are_refused(write, content, code):
    with pytest.raises(CaudalError, match=code):
        read_municipal(write(content), PUBLISHED)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(CaudalError, match="CAU-202") as error:
            read_municipal(path)
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content", ["root:x:0:0:root:/root:/bin/bash\nnobody:x:1:1:a,b,c:/:/bin/sh\n", "a,b\n1,2,3\n", "\0\1"]
)
def test_a_foreign_file_is_told_by_its_header(write, content):
    with pytest.raises(CaudalError, match="CAU-121") as error:
        read_municipal(write(content), PUBLISHED)
    for column in ("CODMPIO", "MUNICIPIO", "DEPARTAMENTO"):
        assert column in str(error.value)


def test_years_the_file_lacks_are_declared_as_filled(write):
    national = series("coca_area_unodc").annual("Colombia")
    rows = [f"5200{i},M{i},NARIÑO,{national[2019] / 2},{national[2020] / 2}" for i in (1, 2)]
    path = write("\n".join(["CODMPIO,MUNICIPIO,DEPARTAMENTO,2019,2020", *rows]))
    given = inputs(regions="municipality", coca_file=path)
    fill = next(f for f in given.fills if f.input == "coca area by municipality")
    assert fill.years == tuple(y for y in range(START - 1, LAST_OBSERVED + 1) if y not in (2019, 2020))
    assert (fill.method, fill.parameter) == ("shares_of_nearest_year", "growth_shift_sd")
    assert set(inputs().fills) < set(given.fills)
    for language in LANGUAGES:
        assert catalogue(language, "report")[f"fill_{fill.method}"]
        assert catalogue(language, "report")["input_coca_area_by_municipality"]


@pytest.mark.skipif(not REAL.exists(), reason="the owner's file is not redistributed")
def test_the_owners_file():
    coca = read_municipal(REAL)
    assert coca.totals()[2020] == pytest.approx(142_784, abs=1)
    assert coca.totals()[2001] == pytest.approx(136_919, abs=1)
    assert set(coca.departments) <= set(series("coca_area_department").entities())
