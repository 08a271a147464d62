"""The report for a browser: static pages without network, one for each host, and an index.

`site` makes all of it for one conversion. A fleet makes `page` host by host, keeps an `IndexEntry` of each, and ends with `index` and `assets`.
"""

from converter.report.html.data import Excerpt, HostPage, Index, IndexEntry, Note, Question
from converter.report.html.host import page
from converter.report.html.index import index
from converter.report.html.paths import INDEX, page_path
from converter.report.html.rendering import assets
from converter.report.html.site import entry, site

__all__ = [
    "INDEX",
    "Excerpt",
    "HostPage",
    "Index",
    "IndexEntry",
    "Note",
    "Question",
    "assets",
    "entry",
    "index",
    "page",
    "page_path",
    "site",
]
