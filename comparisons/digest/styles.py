"""The look of a mail: styles written into the tags, because mail programs drop style sheets.

The colors are those of the pages, see comparisons/palette.py. Classes are for the dark block alone.
"""

from __future__ import annotations

from django.conf import settings

_L = settings.PALETTE.light
_SERIF = "font-family:Charter,'Bitstream Charter',Georgia,'Times New Roman',serif;"
_SANS = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;"
_INK, _SOFT, _QUIET = f"color:{_L.ink};", f"color:{_L.soft};", f"color:{_L.quiet};"
_SMALL = f"font-size:13px;line-height:20px;{_SOFT}"
_MARK = (
    f"display:inline-block;width:20px;height:20px;color:{_L.paper};{_SANS}font-size:12px;line-height:20px;"
    "font-weight:700;text-align:center;vertical-align:2px;"
)

STYLES = {
    "body": f"margin:0;padding:0;background-color:{_L.paper};{_SANS}{_INK}",
    "paper": f"background-color:{_L.paper};",
    "frame": f"width:100%;max-width:600px;margin:0 auto;text-align:left;{_SANS}{_INK}",
    "pad": "padding:24px 20px 40px 20px;",
    "wordmark": f"margin:0;{_SERIF}font-size:19px;line-height:24px;font-weight:600;{_INK}",
    "kicker": f"margin:4px 0 0 0;font-size:13px;line-height:20px;{_QUIET}",
    "h1": f"margin:28px 0 0 0;{_SERIF}font-size:30px;line-height:35px;font-weight:600;{_INK}",
    "standfirst": f"margin:12px 0 0 0;{_SERIF}font-size:18px;line-height:27px;{_SOFT}",
    "h2": f"margin:40px 0 0 0;padding:10px 0 0 0;border-top:2px solid {_L.ink};{_SERIF}font-size:22px;"
    f"line-height:28px;font-weight:600;{_INK}",
    "item": f"margin:14px 0 0 0;padding:14px 0 0 0;border-top:1px solid {_L.hair};",
    "first": "margin:10px 0 0 0;",
    "name": f"margin:0;{_SERIF}font-size:18px;line-height:26px;font-weight:600;{_INK}",
    "link": f"{_INK}text-decoration:underline;",
    "call": f"margin:4px 0 0 0;font-size:16px;line-height:24px;font-weight:600;{_INK}",
    "text": f"margin:4px 0 0 0;font-size:16px;line-height:24px;{_INK}",
    "quote": f"margin:6px 0 0 0;{_SERIF}font-size:17px;line-height:26px;{_INK}",
    "small": f"margin:4px 0 0 0;font-size:14px;line-height:21px;{_SOFT}",
    "mark_a": f"{_MARK}border-radius:10px;background-color:{_L.a};",
    "mark_b": f"{_MARK}border-radius:2px;background-color:{_L.b};",
    "side_a": f"color:{_L.a};",
    "side_b": f"color:{_L.b};",
    "button": f"display:inline-block;padding:12px 20px;border-radius:3px;background-color:{_L.ink};"
    f"color:{_L.paper};font-size:16px;line-height:20px;font-weight:600;text-decoration:none;",
    "foot": f"margin:48px 0 0 0;padding:16px 0 0 0;border-top:1px solid {_L.hair};{_SMALL}",
    "foot_more": f"margin:10px 0 0 0;{_SMALL}",
}
