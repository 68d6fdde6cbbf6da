"""An executed notebook as one self-contained page."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from seglib.catalogue import STAGES
from seglib.catalogue import stage as stage_record
from seglib.report.display import PAGE
from seglib.report.glossary import with_terms
from seglib.report.sentences import sentence
from seglib.report.words import count, plural

TEMPLATES = Path(__file__).parent / "templates"
#: What a piece of a page says of the customers behind it.
_REGISTERED = re.compile(r'<(?:p|div|figure)\b[^<>]* data-customers="(\d+)" data-least="(\d+)"')


def style(*names: str) -> str:
    """Give the style sheet of a page, from the templates."""
    sheets = [(TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", *names)]
    return "\n".join(sheets)


def footer() -> str:
    """State by what a page was made, and when."""
    return sentence("footer", {"made": dt.date.today()}, "decision")


def _code_style() -> str:
    light = HtmlFormatter(style="friendly").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    rules = f"{light}\n@media(prefers-color-scheme:dark){{{dark}}}"
    return re.sub(r"background(-color)?: ?#[0-9a-fA-F]+;?", "", rules)


def links(files: dict[str, str], here: str) -> list[dict[str, Any]]:
    """List the pages of a run for the navigation.

    Parameters
    ----------
    files
        Stage to file name, of the pages that are there.
    here
        The stage that the page is, or 'decision'.
    """
    made = [{"href": "index.html", "text": "Decision", "here": here == "decision", "question": ""}]
    for name in STAGES:
        if name in files:
            record = stage_record(name)
            made.append(
                {"href": files[name], "text": record.title, "here": name == here, "question": record.question}
            )
    return made


def _for_the_page(notebook: nbformat.NotebookNode) -> None:
    """Leave out what only serves whoever works in the notebook, and fold what a page reads and writes."""

    def kept(cell: nbformat.NotebookNode) -> bool:
        if cell.cell_type == "markdown":
            return "notebook" not in cell.metadata.get("tags", [])
        return not all(line.startswith("#") or not line.strip() for line in cell.source.splitlines())

    notebook.cells = [cell for cell in notebook.cells if kept(cell)]
    for cell in notebook.cells[:1]:
        folded = r"<details><summary>What this stage reads and writes</summary>\n\n\1\n\n</details>"
        cell.source = re.sub(r"^(\*\*Reads\*\*.*)$", folded, cell.source, flags=re.M)


def _contents(notebook: nbformat.NotebookNode) -> tuple[str, list[dict[str, str]]]:
    """Anchor the headings and list them; give the title too."""
    heading, entries = "", []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            continue
        title = re.search(r"^# (.+)$", cell.source, flags=re.M)
        section = re.search(r"^## (.+)$", cell.source, flags=re.M)
        heading = title[1] if title and not heading else heading
        if section:
            cell.metadata["anchor"] = f"s{number}"
            entries.append({"anchor": f"s{number}", "text": section[1]})
    return heading, entries


def _lead(notebook: nbformat.NotebookNode) -> None:
    """Show under the provenance of a page what it comes to, its last verdict, and how small its smallest cell is."""
    shown = [o for c in notebook.cells for o in c.get("outputs", []) if "text/html" in o.get("data", {})]
    pieces = [o.data["text/html"] for o in shown]
    verdicts = [piece for piece in pieces if 'class="verdict"' in piece]
    for output in shown:
        if 'class="provenance"' in output.data["text/html"]:
            output.data["text/html"] += "".join(verdicts[-1:]) + published(*pieces)
            return


def published(*pieces: str) -> str:
    """State the smallest group of customers that anything on a page is based on.

    Parameters
    ----------
    pieces
        Of the page, as `display` made them: each says for how many customers it stands at least.

    Returns
    -------
    str
        One paragraph; empty where nothing on the page is based on customers.

    Examples
    --------
    >>> published('<p data-customers="40" data-least="10">a</p>', '<p data-customers="27" data-least="10">b</p>')
    '<p class="least">The smallest published cell is based on 27 customers; at least 10 are required.</p>'
    """
    found = [match for piece in pieces for match in _REGISTERED.findall(piece)]
    if not found:
        return ""
    fewest, least = min(int(n) for n, _ in found), max(int(n) for _, n in found)
    return (
        f'<p class="least">The smallest published cell is based on {plural(fewest, "customer")}; at least '
        f"{count(least)} {'is' if least == 1 else 'are'} required.</p>"
    )


def strange(notebook: nbformat.NotebookNode) -> list[int]:
    """List the code cells (from 1) with output of their own, which reaches no page.

    Warnings and progress bars are not counted, nor what a cell that is tagged `notebook` shows.
    """
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    return [
        n
        for n, cell in enumerate(cells, 1)
        if "notebook" not in cell.metadata.get("tags", []) and any(_own(o) for o in cell.get("outputs", []))
    ]


def _own(output: nbformat.NotebookNode) -> bool:
    """Tell whether an output is neither a piece of a page nor a warning nor an error."""
    if output.output_type == "stream":
        return output.name == "stdout"
    return output.output_type in ("display_data", "execute_result") and PAGE not in output.data


def _guard(notebook: nbformat.NotebookNode) -> None:
    """Leave only what `seglib.report` made, and a line where a cell shows something of its own."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        shown = []
        for output in cell.get("outputs", []):
            if output.output_type == "error" or (
                PAGE in output.get("data", {}) and output.data.get("text/html")
            ):
                shown.append(output)
        if any(_own(o) for o in cell.get("outputs", [])):
            cell.metadata["kept"] = True
            if "notebook" not in cell.metadata.get("tags", []):
                line = '<p class="note kept">The output of this cell stays in the executed notebook.</p>'
                shown.append(nbformat.v4.new_output("display_data", {"text/html": line}))
        cell.outputs = shown


def failure(notebook: nbformat.NotebookNode) -> str:
    """Give the error that a notebook ended with, in a line; empty if it ended well."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return f"{output.ename}: {output.evalue}"
    return ""


def render(notebook: nbformat.NotebookNode, stage: str, facts: dict[str, str], files: dict[str, str]) -> str:
    """Render an executed notebook.

    Parameters
    ----------
    notebook
        With outputs.
    stage
        Which stage it is.
    facts
        The provenance strip.
    files
        Stage to file name, of the pages of this run.

    Returns
    -------
    str
        HTML that asks nothing of any server.
    """
    notebook = nbformat.from_dict(notebook)
    notebook.cells = [
        c for c in notebook.cells if "papermill-error-cell-tag" not in c.metadata.get("tags", [])
    ]
    _guard(notebook)
    _for_the_page(notebook)
    _lead(notebook)
    heading, contents = _contents(notebook)
    page = {
        "heading": heading or stage,
        "contents": contents,
        "facts": facts,
        "failed": failure(notebook),
        "links": links(files, stage),
        "style": style() + _code_style(),
        "footer": footer(),
    }
    exporter = HTMLExporter(
        template_name="seglib",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    body, _ = exporter.from_notebook_node(notebook, resources={"page": page})
    return with_terms(body)
