"""Look into a Word document, refuse what can act, and write it anew without marks of origin."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

from langnghe.docxlinks import ACTS, BROKEN, SWOLLEN, check_relations, check_types
from langnghe.refused import AttachmentRefused

_MOST_PARTS = 2000
_MOST_UNPACKED = 80 * 2**20
#: Text packs by ten to twenty times; what packs by far more was made to fill a disk.
_MOST_RATIO = 200
_NEEDED = {"[Content_Types].xml", "word/document.xml"}
_BAD_PART = re.compile(r"vba|macro|activex|oleobject|/embeddings/|\.(bin|exe|dll|js|vbs|html?)$")
_PICTURE = re.compile(r"word/media/[^/]+\.(jpe?g|png|webp)$", re.IGNORECASE)
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_EXTENDED = "http://schemas.openxmlformats.org/officeDocument/2006/{}-properties"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: Who wrote a document, where and when is not ours to keep.
_EMPTIED = {
    "docProps/core.xml": f'{_HEAD}<cp:coreProperties xmlns:cp="{_CORE}"/>',
    "docProps/app.xml": f'{_HEAD}<Properties xmlns="{_EXTENDED.format("extended")}"/>',
    "docProps/custom.xml": f'{_HEAD}<Properties xmlns="{_EXTENDED.format("custom")}"/>',
}


def clean_docx(content: bytes, picture: Callable[[bytes], bytes]) -> bytes:
    """Return the document written anew: properties emptied, its pictures through `picture`.

    Raises `AttachmentRefused` for what is no document, can act, or unpacks to more than it
    should.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            names = _checked(source)
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
                for name, part in _parts(source, names):
                    target.writestr(zipfile.ZipInfo(name), _part(name, part, picture))
    except AttachmentRefused:
        raise
    except Exception as error:
        # A broken archive can make zipfile raise anything: zlib.error, struct.error, ValueError.
        raise AttachmentRefused(BROKEN) from error
    return out.getvalue()


def _checked(source: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    found = [info for info in source.infolist() if not info.is_dir()]
    names = [info.filename for info in found]
    # To Word "A.xml" and "a.XML" are one part: of two such ones only one would be looked at.
    different = {name.lower() for name in names}
    if not set(names) >= _NEEDED:
        raise AttachmentRefused("Tệp nén không nhận; chỉ nhận ảnh, PDF và Word (.docx).")
    if any(_BAD_PART.search(name.lower()) for name in names):
        raise AttachmentRefused(ACTS)
    packed = sum(info.compress_size for info in found)
    unpacked = sum(info.file_size for info in found)
    if (
        len(names) > _MOST_PARTS
        or len(different) != len(names)
        or unpacked > min(_MOST_UNPACKED, max(packed, 4096) * _MOST_RATIO)
    ):
        raise AttachmentRefused(SWOLLEN)
    return found


def _parts(source: zipfile.ZipFile, found: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    """Unpack one part after the other; what a part says of its own size is not believed."""
    left = _MOST_UNPACKED
    for info in found:
        with source.open(info) as stream:
            part = stream.read(left + 1)
        left -= len(part)
        if left < 0:
            raise AttachmentRefused(SWOLLEN)
        yield info.filename, part


def _part(name: str, part: bytes, picture: Callable[[bytes], bytes]) -> bytes:
    if name in _EMPTIED:
        return _EMPTIED[name].encode()
    if name == "[Content_Types].xml":
        check_types(part)
    if name.lower().endswith(".rels"):
        check_relations(part)
    return picture(part) if _PICTURE.fullmatch(name) else part
