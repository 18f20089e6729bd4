"""The result as others read it: by the documented schema, by DuckDB, by SQL that can reach nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from pyarrow import parquet

from lib.rollup.folder import NoResult
from lib.rollup.result import Result, open_result
from lib.rollup.rows import DATASETS, KEY, STATE_WORDS, Figure, Phase, State
from lib.rollup.tables import schema
from tests.rollup.conftest import books, rolled

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "rollup.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def result(nation_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return rolled(nation_once, tmp_path_factory.mktemp("read") / "out")


def documented(name: str) -> list[tuple[str, str, bool]]:
    """Column, type and whether it may be null, as the document has them."""
    part = DOCUMENT.split(f"### `{name}`\n", 1)[1].split("\n### ", 1)[0]
    return [(m[1], m[2], m[3] == "是") for m in re.finditer(r"(?m)^\| `(\w+)` \| (\S+) \| (是|) ?\|", part)]


@pytest.mark.parametrize("name", DATASETS)
def test_the_document_the_schema_and_the_files_say_the_same(name: str, result: Result) -> None:
    wanted = [(field.name, str(field.type), field.nullable) for field in schema(DATASETS[name])]
    assert documented(name) == wanted
    for file in (result.folder / name).rglob("*.parquet"):
        found = [(field.name, str(field.type), field.nullable) for field in parquet.read_schema(file)]
        assert [(KEY, "string", False), *found] == wanted


def test_every_dataset_and_state_is_documented() -> None:
    assert set(re.findall(r"(?m)^### `(\w+)`$", DOCUMENT)) == set(DATASETS)
    assert set(STATE_WORDS) == set(State)
    assert all(f"`{state.value}`" in DOCUMENT for state in State)


def test_every_figure_is_documented_and_is_n_of_n(result: Result) -> None:
    figures = result.rows(Figure)
    assert all(f"`{figure.figure}`" in DOCUMENT for figure in figures)
    assert all(figure.n >= 0 for figure in figures)
    assert all(figure.n <= figure.of for figure in figures if figure.figure not in ("recommended", "selected"))


def test_the_query_of_the_document_runs(result: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    out = result.folder.parent
    query = re.search(r"```sql\n(.*?)```", DOCUMENT, re.DOTALL)
    assert query is not None
    monkeypatch.chdir(out.parent)
    (out.parent / "汇总").symlink_to(out)
    found = duckdb.connect().execute(query[1]).fetchall()
    assert len({place for place, _word, _n in found}) == 3
    assert sum(n for _place, _word, n in found) == len(result.rows(Phase))


def test_the_lines_of_python_in_the_document_run(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert lines is not None
    monkeypatch.chdir(tmp_path)
    Path("汇总").symlink_to(result.folder.parent)
    exec(compile(lines[1], "docs/rollup.md", "exec"), {})
    assert len(set(re.findall("示例.{3}市", capsys.readouterr().out))) == 3


def test_sql_sees_every_dataset_and_nothing_else(result: Result, nation_once: Path) -> None:
    for name, model in DATASETS.items():
        assert result.sql(f"SELECT count(*) FROM {name}") == [(len(result.rows(model)),)]
    assert result.sql("SELECT sum(n) FROM figures WHERE figure = ?", "checklist") == [
        (result.totals()["checklist", ""][0],)
    ]
    file = next(nation_once.rglob("*.plan.yaml"))
    for query in (
        f"SELECT * FROM read_text('{file}')",
        f"COPY places TO '{file}.csv'",
        "SET enable_external_access=true",
    ):
        with pytest.raises(duckdb.Error):
            result.sql(query)
    assert not Path(f"{file}.csv").exists()


def test_a_folder_without_a_result_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoResult, match="rollup"):
        open_result(tmp_path)


def test_places_by_phases(result: Result, nation_once: Path) -> None:
    table = result.phases()
    assert len(table) == len(books(nation_once))
    assert all(list(phases) == [f"P{n}" for n in range(1, 8)] for phases in table.values())
