"""What may be passed on of a run: its pages, as a folder, a zip file or one HTML file; never ids or rows."""

from __future__ import annotations

import base64
import html
import re
import shutil
import zipfile
from pathlib import Path

from seglib.errors import RunError, listing
from seglib.project.store import Store, read_frame
from seglib.report import page

#: What is packed: pages, the decision as a table, the hand-over. All else of a run stays.
_PACKED = ("*.html", "segments/*.html", "decision.csv", "handover.md")
_KINDS = ("folder", "zip", "html")
#: Ids that are searched for in pages; shorter ones would be found by chance.
_LONG = 5


def packed_files(store: Store) -> list[Path]:
    """List the files of a run that may be passed on: pages, and no table of customers.

    Raises
    ------
    RunError
        If there is no page, or one of them holds a customer's id, an e-mail address or a pseudonym.
    """
    files = sorted({path for pattern in _PACKED for path in store.root.glob(pattern) if path.is_file()})
    if not any(path.name == "index.html" for path in files):
        raise RunError(f"{store.title}: it has no decision page yet; run it to the end first")
    _refuse_ids(store, files)
    return files


def _refuse_ids(store: Store, files: list[Path]) -> None:
    """Stop if a file names a customer, whether by id, by pseudonym or by e-mail address."""
    path = store.root / "tables" / "ids.parquet"
    known: set[str] = set()
    if path.is_file():
        ids = read_frame(path)
        known = {k for k in ids.key.astype(str) if len(k) >= _LONG} | set(ids.customer.astype(str))
    for file in files:
        text = html.unescape(
            re.sub(r"<style.*?</style>|<svg.*?</svg>", "", file.read_text("utf-8"), flags=re.S)
        )
        text = re.sub(r"<[^>]*>", " ", text)
        words = set(re.findall(r"[^\s<>\"',;:()]+", text))
        found = {w for w in (words | {w.strip(".") for w in words}) if w in known and not _plain_number(w)}
        mails = re.findall(r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}", text)
        if found or mails:
            what = f"{len(found)} ids of customers" if found else f"{len(mails)} e-mail addresses"
            raise RunError(
                f"{store.title}: {file.name} holds {what}, so that nothing was packed; look at the cells of its "
                "notebook that show rows, take them out, and run the stage again"
            )


def _plain_number(word: str) -> bool:
    """Tell a number that a page can hold as a count from an id."""
    return word.isdecimal() and len(word) < 9


def pack(store: Store, kind: str, out: Path | None = None) -> Path:
    """Pack the pages of a run; what was packed before is replaced whole.

    Parameters
    ----------
    store
        The run's folder.
    kind
        folder, zip or html (all pages in one file that needs no other).
    out
        Where to; beside the run if absent.

    Raises
    ------
    RunError
        If a page holds an id, or the target is inside the run or is something else.
    """
    if kind not in _KINDS:
        raise RunError(f"--as: found '{kind}'; allowed: {listing(_KINDS)}")
    files = packed_files(store)
    name = f"{store.root.parent.name}-{store.root.name}"
    target = out or store.root.parent / (name if kind == "folder" else f"{name}.{kind}")
    if target.resolve().is_relative_to(store.root.resolve()):
        raise RunError(f"--out: {target} is inside the run; name a place outside it")
    temporary = target.with_name(f".{target.name}.new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.unlink(missing_ok=True) if temporary.is_file() else None
    if kind == "folder":
        if target.exists() and not (target / "index.html").is_file():
            raise RunError(f"--out: {target} is there and holds something else; name another place")
        for file in files:
            place = temporary / file.relative_to(store.root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
        shutil.rmtree(target, ignore_errors=True)
    elif kind == "zip":
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in files:
                packed.write(file, f"{name}/{file.relative_to(store.root)}")
    else:
        temporary.write_text(one_file(store, files), encoding="utf-8")
    temporary.replace(target)
    return target


def one_file(store: Store, files: list[Path]) -> str:
    """Write all pages as one: each page whole in a frame, chosen from a list, without any request."""
    pages = {str(f.relative_to(store.root)): f.read_text("utf-8") for f in files if f.suffix == ".html"}
    order = ["index.html", *sorted(p for p in pages if p != "index.html")]
    title = html.escape(store.title)
    links = "".join(
        f'<button data-page="{html.escape(p)}">{html.escape(_heading(pages[p], p))}</button>' for p in order
    )
    data = "".join(
        f'<script type="text/plain" data-of="{html.escape(p)}">{base64.b64encode(pages[p].encode()).decode()}</script>'
        for p in order
    )
    shell = (page.TEMPLATES / "pack.html.j2").read_text("utf-8")
    return shell.replace("{title}", title).replace("{links}", links).replace("{pages}", data)


def _heading(text: str, name: str) -> str:
    found = re.search(r"<title>(.*?)</title>", text, re.S)
    return re.split(r"[:·]", html.unescape(found[1]))[0].strip() if found else name
