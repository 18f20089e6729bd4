"""模板: the template of a document, for an office that wants its own wording or format (``lib.documents.paper``)."""

from __future__ import annotations

from collections.abc import Mapping

from lib.documents.deliverable import Choice, Deliverable, Wanted
from lib.documents.file import DOCX, File, named
from lib.documents.outline import OUTLINES, template
from lib.domain.ledger import Ledger
from lib.i18n import N_, _
from lib.services.policy import Sight

KEY = "template"


def with_template(documents: tuple[Deliverable, ...]) -> Deliverable:
    """The templates of those documents that have one."""
    labels = {one.key: one.title for one in documents if (OUTLINES / f"{one.key}.txt").exists()}

    def options(ledger: Ledger, sight: Sight) -> Mapping[str, str]:
        return {key: _(label) for key, label in labels.items()}

    def make(ledger: Ledger, sight: Sight, wanted: Wanted) -> File:
        return named(labels[wanted["document"]], DOCX, template(wanted["document"]))

    return Deliverable(
        KEY, N_("模板"), N_("在 Word 里改好，存到工作簿旁的“文件模板”文件夹，文件名不变，下载时就用它"),
        None, make, (Choice("document", N_("文件"), options),),
    )  # fmt: skip
