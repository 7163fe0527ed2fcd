"""Social cards, drawn: values in, PNG out. Pure."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw

from comparisons.palette import Theme
from comparisons.social.lettering import Block, fitted, font, width

SIZE = (1200, 630)
DESIGN = "2"  # goes up when the drawing changes, so that kept pictures are drawn again
EDGE, GUTTER = 64, 48
COLUMN = (SIZE[0] - 2 * EDGE - GUTTER) // 2
LEFT, RIGHT = EDGE, EDGE + COLUMN + GUTTER
END = SIZE[0] - EDGE
SHIP_FROM = 60


@dataclass(frozen=True, slots=True)
class Side:
    name: str
    call: str = ""  # "ship", "skip", "split" or "none"; "" before anybody spoke
    ships: int = 0
    n: int = 0
    score: float | None = None  # median of 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the card of a pairing says; letters the font has, see lettering."""

    site: str
    day: str  # "Verdict of July 2, 2026", "" when there is none
    a: Side
    b: Side
    side: str  # whom the answer is for: "a", "b" or ""
    lead: str
    because: str
    foot: str


@dataclass(frozen=True, slots=True)
class Plate:
    """A card of words alone: a model's, or the site's own."""

    site: str
    kicker: str
    title: str
    text: str
    foot: str


class Pen(ImageDraw.ImageDraw):
    """Draws on `image` in the colors of `theme`."""

    def __init__(self, image: Image.Image, theme: Theme) -> None:
        super().__init__(image)
        self.image, self.theme = image, theme

    def side(self, letter: str) -> str:
        return self.theme.a if letter == "a" else self.theme.b


def draw(picture: Comparison | Plate, theme: Theme) -> bytes:
    image = Image.new("RGB", SIZE, theme.paper)
    pen = Pen(image, theme)
    if isinstance(picture, Comparison):
        _comparison(pen, picture)
    else:
        _plate(pen, picture)
    # Flat colors and the edges of letters: a palette says the same in a third of the bytes.
    file = io.BytesIO()
    image.quantize(colors=64, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _comparison(pen: Pen, card: Comparison) -> None:
    heard = card.a.call or card.b.call
    _masthead(pen, card.site, card.day)
    for letter, side, x in (("a", card.a, LEFT), ("b", card.b, RIGHT)):
        pen.rectangle((x, 118, x + COLUMN - 1, 125), fill=pen.side(letter))
        sizes, lines = ((54, 46, 40, 34, 30), 2) if heard else ((76, 64, 54, 46, 38), 3)
        name = fitted(side.name, room=COLUMN - 72, sizes=sizes, lines=lines)
        _mark(pen, letter, (x + 24, 148 + name.leading // 2), 24)
        _lines(pen, name, (x + 72, 148), pen.side(letter), bold=True)
        if side.call:
            _call(pen, side, (x + 72, 318))
    if heard:
        _scale(pen, card)
    top = 458 if heard else 446
    pen.rectangle((EDGE, top, END - 1, top + 2), fill=pen.theme.ink)
    room = END - EDGE - (60 if card.side else 0)
    answer = fitted(f"{card.lead}: {card.because}.", room=room, sizes=(36, 32, 28), lines=2)
    x = EDGE
    if card.side:
        _mark(pen, card.side, (EDGE + 20, top + 42), 20)
        x += 60
    _answer(pen, answer, card.lead, (x, top + 42 - answer.leading // 2))
    _text(pen, card.foot, (EDGE, 594), 22, pen.theme.quiet)


def _plate(pen: Pen, plate: Plate) -> None:
    _masthead(pen, plate.site, "")
    pen.rectangle((EDGE, 118, END - 1, 120), fill=pen.theme.ink)
    _text(pen, plate.kicker, (EDGE, 176), 26, pen.theme.quiet)
    title = fitted(plate.title, room=END - EDGE, sizes=(84, 72, 62, 52), lines=2)
    _lines(pen, title, (EDGE, 208), pen.theme.ink, bold=True)
    text = fitted(plate.text, room=END - EDGE - 80, sizes=(36, 32), lines=3)
    _lines(pen, text, (EDGE, 208 + title.height + 28), pen.theme.soft)
    _text(pen, plate.foot, (EDGE, 594), 22, pen.theme.quiet)


def _masthead(pen: Pen, site: str, day: str) -> None:
    _shape(pen, "a", (EDGE + 17, 66), 17)
    _shape(pen, "b", (EDGE + 53, 66), 16)
    name = fitted(site, room=620, sizes=(34, 28), lines=1)
    _text(pen, name.lines[0], (EDGE + 84, 66), name.size, pen.theme.ink, bold=True)
    _text(pen, day, (END, 66), 24, pen.theme.quiet, anchor="rm")


def _call(pen: Pen, side: Side, at: tuple[int, int]) -> None:
    """Ship and skip by word and shape, then of how many."""
    word = {"ship": "Ship", "skip": "Skip", "split": "Split"}.get(side.call, "No verdict")
    x, y = at
    right = x + round(width(word, 28)) + 40
    box = (x, y - 23, right, y + 23)
    if side.call == "ship":
        pen.rounded_rectangle(box, 23, fill=pen.theme.ink)
    else:
        color = pen.theme.ink if side.call in ("skip", "split") else pen.theme.line
        pen.rounded_rectangle(box, 23 if side.call == "split" else 3, outline=color, width=3)
    color = (
        pen.theme.paper
        if side.call == "ship"
        else pen.theme.ink
        if side.call in ("skip", "split")
        else pen.theme.quiet
    )
    _text(pen, word, ((x + right) // 2, y), 28, color, bold=side.call != "none", anchor="mm")
    said = f"{side.ships} of {side.n} would ship" if side.n else "nobody could score it"
    _text(pen, said, (right + 18, y), 28, pen.theme.soft)


def _scale(pen: Pen, card: Comparison) -> None:
    """Both medians on one line from 0 to 100."""
    y, start, end = 394, EDGE + 84, END - 84

    def place(score: float) -> int:
        return round(start + (end - start) * score / 100)

    pen.rectangle((start, y - 1, end, y), fill=pen.theme.line)
    for score, word in ((0, "0"), (SHIP_FROM, f"ships from {SHIP_FROM}"), (100, "100")):
        pen.rectangle((place(score) - 1, y - 9, place(score), y + 9), fill=pen.theme.line)
        _text(pen, word, (place(score), y + 34), 20, pen.theme.quiet, anchor="mm")
    both = (("a", card.a.score), ("b", card.b.score))
    scored = [(letter, score) for letter, score in both if score is not None]
    if len(scored) == 2 and scored[0][1] > scored[1][1]:
        scored.reverse()  # numbers stand on the outer sides
    places = [place(score) for _, score in scored]
    if len(places) == 2 and places[1] - places[0] < 44:  # they would cover each other: side by side
        places = [sum(places) // 2 - 22, sum(places) // 2 + 22]
    for position, (letter, points) in enumerate(scored):
        x = places[position]
        _mark(pen, letter, (x, y), 20)
        outer = (x - 30, "rm") if position == 0 and len(scored) == 2 else (x + 30, "lm")
        number = f"{points:g}"
        pen.rectangle(_around(outer, number, y), fill=pen.theme.paper)
        _text(pen, number, (outer[0], y), 28, pen.theme.ink, bold=True, anchor=outer[1])


def _around(outer: tuple[int, str], number: str, y: int) -> tuple[int, int, int, int]:
    """The paper behind a number, so that the line does not strike it through."""
    x, anchor = outer
    w = round(width(number, 28)) + 2
    return (x - w - 6, y - 16, x + 4, y + 16) if anchor == "rm" else (x - 4, y - 16, x + w + 6, y + 16)


def _answer(pen: Pen, block: Block, lead: str, at: tuple[int, int]) -> None:
    """The sentence with its lead in bold, however it broke into lines."""
    x: float
    x, y = at
    bold = len(lead) + 1  # letters still to be set bold, its colon among them
    for line in block.lines:
        heavy, light = line[: max(bold, 0)], line[max(bold, 0) :]
        middle = y + block.leading // 2
        _text(pen, heavy, (x, middle), block.size, pen.theme.ink, bold=True)
        _text(
            pen,
            light,
            (x + width(heavy, block.size) + (2 if heavy else 0), middle),
            block.size,
            pen.theme.ink,
        )
        bold -= len(line) + 1
        y += block.leading


def _lines(pen: Pen, block: Block, at: tuple[int, int], color: str, *, bold: bool = False) -> None:
    x, y = at
    for line in block.lines:
        _text(pen, line, (x, y + block.leading // 2), block.size, color, bold=bold)
        y += block.leading


def _text(
    pen: Pen,
    text: str,
    at: tuple[float, float],
    size: int,
    color: str,
    *,
    bold: bool = False,
    anchor: str = "lm",
) -> None:
    # One weight ships with Pillow; a thin stroke of the same color makes the second.
    stroke = max(size / 48, 0.5) if bold else 0
    pen.text(at, text, fill=color, font=font(size), anchor=anchor, stroke_width=stroke, stroke_fill=color)


def _mark(pen: Pen, letter: str, middle: tuple[int, int], radius: int) -> None:
    """The letter in its shape: A round, B square."""
    _shape(pen, letter, middle, radius)
    _text(pen, letter.upper(), middle, round(radius * 1.15), pen.theme.paper, bold=True, anchor="mm")


def _shape(pen: Pen, letter: str, middle: tuple[int, int], radius: int) -> None:
    # Pillow does not smooth shapes, so this one is drawn four times as large.
    edge = 2 * radius
    mask = Image.new("L", (4 * edge, 4 * edge))
    stencil = ImageDraw.Draw(mask)
    if letter == "a":
        stencil.ellipse((0, 0, 4 * edge - 1, 4 * edge - 1), fill=255)
    else:
        stencil.rounded_rectangle((4, 4, 4 * edge - 5, 4 * edge - 5), 12, fill=255)
    at = (middle[0] - radius, middle[1] - radius)
    pen.image.paste(pen.side(letter), at, mask.resize((edge, edge), Image.Resampling.LANCZOS))
