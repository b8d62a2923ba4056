"""Strings that have broken pages, mails and documents: markup, addresses, headers."""

from __future__ import annotations

MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "<!--[if mso]><script>alert(1)</script><![endif]-->",
    "--><iframe src=//evil.example>",
    "{{ 7*7 }}{% raw %}${7*7}#{7*7}",
    "{{ ''.__class__.__mro__ }}",
    "]]><x/><![CDATA[",
    "&lt;script&gt;&amp;&#60;b&#62;",
    "<style>*{display:none}</style>",
    "\u202egpj.exe\u2066",
    "a\x00b\x0bc\x1bd\x85e\u2028f\ufffeg\ud800h",
    "=HYPERLINK(0)",
)
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "//evil.example/x",
    "/x",
    "x",
    "mailto:a@b.example",
    "https://",
    "https:///x",
    "https://[::1",
    'https://a.example/"onmouseover="alert(1)',
    "https://a.example/'x",
    "https://a.example/<script>",
    "https://a.example/ x",
    "https://a.example/\r\nX: y",
    "https://bao.example@evil.example/",
    "https:\\\\evil.example",
    "http://a.example/\u2028",
)
BREAKS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
#: Each with each break: 99 forms, and one more below.
INJECTED = (
    "{0}Bcc: x@evil.example",
    "Rác{0}Subject: khác",
    "Rác{0}{0}<script>alert(1)</script>",
    "{0}{0}Thân thư giả",
    "Rác{0}\tX-Evil: 1",
    "Rác{0} X-Evil: 1",
    "=?utf-8?q?Rác?={0}X-Evil: 1",
    "x" * 70 + "{0}X-Evil: 1",
    "Rác{0}.{0}QUIT{0}",
)
HEADER_BREAKS = (
    *(form.format(mark) for form in INJECTED for mark in BREAKS),
    "\r\n.\r\nMAIL FROM:<x@evil.example>\r\nX-Evil: 1",
)
