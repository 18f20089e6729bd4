"""What can be taken beside tables and charts, for whoever looks."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import open_page


def offered(app: AppTest) -> list[tuple[str, dict[str, list[str]]]]:
    """Every link to a file: its key and what it asks for."""
    links = [urlsplit(element.proto.url) for element in app.get("link_button")]
    return [(link.path.removeprefix("/files/"), parse_qs(link.query)) for link in links if "/files/" in link.path]


def test_each_chart_of_the_overview_can_be_taken_as_it_stands_on_its_day(sample: Path) -> None:
    found = offered(open_page("overview", asof="2016-01-31"))
    charts = {(query["name"][0], query["format"][0]) for key, query in found if key == "chart"}
    assert charts == {
        (name, form) for name in ("gantt", "quota", "separations", "pace", "reports") for form in ("png", "svg")
    }
    assert {query["asof"][0] for _key, query in found} == {"2016-01-31"}
    assert {query["name"][0] for key, query in found if key == "table"} >= {"dues", "phases", "quota", "reports"}


def test_the_file_of_a_list_keeps_its_filters(sample: Path) -> None:
    found = offered(open_page("registry", unit="市科委", category="商会"))
    assert {query["format"][0] for _key, query in found} == {"xlsx", "csv"}
    for key, query in found:
        assert (key, query["sheet"], query["unit"], query["category"]) == (
            "records", ["associations"], ["市科委"], ["商会"]
        )  # fmt: skip
