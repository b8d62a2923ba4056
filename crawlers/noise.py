"""Take out of a page what is not its article: adverts, related stories, captions, bylines."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

_TAGS = [
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "object",
    "embed",
    "svg",
    "canvas",
    "form",
    "button",
    "input",
    "select",
    "textarea",
    "figure",
    "figcaption",
    "picture",
    "img",
    "video",
    "audio",
    "aside",
    "nav",
    "footer",
    "zone",
]
# Words of class and id, as the Vietnamese newspapers' platforms use them.
_WORDS = re.compile(
    r"(?:^|[\s_-])(?:"
    r"relate[ds]?|related\w*|relatenews\w*|relation|tin-?lien-?quan|lien-?quan|lienquan|box-?tin\w*"
    r"|tin-?moi|tinmoi|tin-?khac|tin-?cung\w*|cung-?chuyen-?muc|other-?news|othernews|news-?other"
    r"|read-?more\w*|readmore\w*|see-?more|xem-?them|doc-?them|doc-?tiep|most-?(?:read|view)\w*"
    r"|recommend\w*|suggest\w*|tindnd|comments?|binh-?luan|box_comment\w*|shar(?:e|ing)\w*|social\w*"
    r"|sharemxh|mxh|toolbar|tool-?box|breadcrumbs?|banner\w*|ads?|adv|advert\w*|ads?-\w+|qc"
    r"|quang-?cao\w*|sponsor\w*|promo\w*|subscri\w*|newsletter|popup|modal|footer\w*|menu\w*|navbar"
    r"|side-?bar\w*|author\w*|tac-?gia|byline|signature|captions?|photo-?caption|tags?|tags?-\w+"
    r"|keywords?|poll|vote|rating|copyright|download-?app|app-?download|tai-?ung-?dung|appstore"
    r"|d-none|hidden|hide|noprint|no-print|print-?none|sr-only|topic-?box|event-?box|box-?event"
    r"|trending|hot-?news|survey|audio\w*|player|podcast|qrcode|google-?news|follow\w*|donate"
    r")(?=$|[\s_-])",
    re.IGNORECASE,
)
_TYPES = re.compile(r"related|photo|album|video|audio|poll|quiz|embed|advert|banner", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LEADS = re.compile(
    r"^(?:>+|»|→|▶|\+|\*|xem thêm|đọc thêm|xem tiếp|đọc tiếp|tham khảo thêm"
    r"|tin liên quan|liên quan|mời bạn đọc)"
    r"[\s:.-]*",
    re.IGNORECASE,
)
_BLOCKS = frozenset(
    ["div", "ul", "ol", "section", "table", "blockquote", "p", "h2", "h3", "h4", "h5", "li", "dl"]
)
_BANNER = re.compile(
    r"(?:tải (?:ngay )?(?:ứng dụng|app)|tải app|quét mã qr|google news"
    r"|theo dõi .{0,30}(?:trên|tại) (?:facebook|fanpage|zalo|google|youtube|tiktok)"
    r"|bản quyền thuộc|ghi rõ nguồn|đăng ký (?:nhận (?:bản )?tin|ngay để)"
    r"|chia sẻ bài viết|in bài viết"
    r"|cỡ chữ|nghe (?:đọc )?(?:bài (?:viết|báo)|tin này|audio)|ý kiến bạn đọc|bình luận \(?\d*\)?$"
    r"|trở lại chủ đề|về trang chủ đề)",
    re.IGNORECASE,
)
_SENTENCE_END = tuple('.!?…:;"”)]')


def strip_noise(root: HtmlElement) -> None:
    """Drop, in place, what never belongs to an article's text.

    An element that holds more than a third of the page's paragraphs, or its main
    heading, stays whatever it is called (VnExpress wraps the article in "sidebar-1").
    """
    total = max(1, _prose(root))
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            _drop(element)
        elif element.getparent() is not None and _is_noise(element):
            keep = _prose(element) * 3 > total or element.find(".//h1") is not None
            if element.tag in _TAGS or not keep:
                _drop(element)


def strip_link_blocks(body: HtmlElement) -> None:
    """Drop, in place, the blocks of an article that are mostly links to other stories."""
    for element in list(body.iter(*_BLOCKS)):
        if element is body or element.getparent() is None:
            continue
        text = " ".join(element.text_content().split())
        linked = sum(len(" ".join(a.text_content().split())) for a in element.iter("a"))
        lead = _LEADS.match(text)
        rest = len(text) - (lead.end() if lead else 0)
        if linked > 20 and (linked * 2 > len(text) if element.tag != "p" else linked >= rest * 0.9):
            _drop(element)


def strip_lines(text: str, title: str) -> str:
    """Drop from extracted text the title, app banners, and the byline at its end."""
    lines = [line for line in text.split("\n") if not _is_banner(line)]
    while lines and _same(lines[0], title):
        lines.pop(0)
    for _ in range(2):
        if len(lines) > 1 and _is_byline(lines[-1]):
            lines.pop()
    return "\n".join(lines)


def _is_noise(element: HtmlElement) -> bool:
    if element.tag in _TAGS:
        return True
    if element.tag in ("html", "body", "article", "main", "h1"):
        return False
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return bool(
        _WORDS.search(named)
        or _TYPES.search(element.get("type") or "")
        or _HIDDEN.search(element.get("style") or "")
        or (element.tag == "p" and _right_aligned(element))
    )


def _right_aligned(element: HtmlElement) -> bool:
    style = (element.get("style") or "").replace(" ", "") + (element.get("align") or "")
    return "right" in style and len(element.text_content()) < 60


def _prose(element: HtmlElement) -> int:
    return sum(len(p.text_content()) for p in element.iter("p"))


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _same(line: str, title: str) -> bool:
    return line.casefold().strip(" .") == title.casefold().strip(" .")


def _is_banner(line: str) -> bool:
    return len(line) < 120 and bool(_BANNER.match(line.strip()))


def _is_byline(line: str) -> bool:
    """A short line of names, without the end of a sentence: "Hà Thu (tổng hợp)", "Theo TTXVN"."""
    words = re.sub(r"\([^)]*\)", "", line).replace("-", " ").replace("/", " ").split()
    if not words:
        return len(line) < 60
    if len(line) > 60 or len(words) > 8 or line.endswith(_SENTENCE_END[:6]):
        return False
    if any(letter.isdigit() for letter in line):
        return False
    capital = sum(word[0].isupper() or word.lower() in ("theo", "và", "ảnh") for word in words)
    return capital >= len(words) - 1
