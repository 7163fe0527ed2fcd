"""The look of a mail: styles written into the tags, because mail programs drop style sheets.

The colors are those of reviewsite/static/site.css in sRGB. Classes are for the dark block alone.
"""

from __future__ import annotations

_SERIF = "font-family:Charter,'Bitstream Charter',Georgia,'Times New Roman',serif;"
_SANS = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;"
_INK, _SOFT, _QUIET = "color:#1e1a14;", "color:#534f49;", "color:#67635c;"
_SMALL = f"font-size:13px;line-height:20px;{_SOFT}"
_MARK = (
    f"display:inline-block;width:20px;height:20px;color:#fbfaf6;{_SANS}font-size:12px;line-height:20px;"
    "font-weight:700;text-align:center;vertical-align:2px;"
)

STYLES = {
    "body": f"margin:0;padding:0;background-color:#fbfaf6;{_SANS}{_INK}",
    "paper": "background-color:#fbfaf6;",
    "frame": f"width:100%;max-width:600px;margin:0 auto;text-align:left;{_SANS}{_INK}",
    "pad": "padding:24px 20px 40px 20px;",
    "wordmark": f"margin:0;{_SERIF}font-size:19px;line-height:24px;font-weight:600;{_INK}",
    "kicker": f"margin:4px 0 0 0;font-size:13px;line-height:20px;{_QUIET}",
    "h1": f"margin:28px 0 0 0;{_SERIF}font-size:30px;line-height:35px;font-weight:600;{_INK}",
    "standfirst": f"margin:12px 0 0 0;{_SERIF}font-size:18px;line-height:27px;{_SOFT}",
    "h2": f"margin:40px 0 0 0;padding:10px 0 0 0;border-top:2px solid #1e1a14;{_SERIF}font-size:22px;"
    f"line-height:28px;font-weight:600;{_INK}",
    "item": "margin:14px 0 0 0;padding:14px 0 0 0;border-top:1px solid #d7d4cd;",
    "first": "margin:10px 0 0 0;",
    "name": f"margin:0;{_SERIF}font-size:18px;line-height:26px;font-weight:600;{_INK}",
    "link": f"{_INK}text-decoration:underline;",
    "call": f"margin:4px 0 0 0;font-size:16px;line-height:24px;font-weight:600;{_INK}",
    "text": f"margin:4px 0 0 0;font-size:16px;line-height:24px;{_INK}",
    "quote": f"margin:6px 0 0 0;{_SERIF}font-size:17px;line-height:26px;{_INK}",
    "small": f"margin:4px 0 0 0;font-size:14px;line-height:21px;{_SOFT}",
    "mark_a": f"{_MARK}border-radius:10px;background-color:#006364;",
    "mark_b": f"{_MARK}border-radius:2px;background-color:#905100;",
    "side_a": "color:#006364;",
    "side_b": "color:#905100;",
    "button": "display:inline-block;padding:12px 20px;border-radius:3px;background-color:#1e1a14;"
    "color:#fbfaf6;font-size:16px;line-height:20px;font-weight:600;text-decoration:none;",
    "foot": f"margin:48px 0 0 0;padding:16px 0 0 0;border-top:1px solid #d7d4cd;{_SMALL}",
    "foot_more": f"margin:10px 0 0 0;{_SMALL}",
}
