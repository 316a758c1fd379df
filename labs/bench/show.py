"""What a computation writes down as it goes: shapes, equations, tables, pictures, curves. They become the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.bench.formula import equation
from labs.evidence import shape_text
from labs.protocol import Curve, Evidence, Picture, Progress, Table, Value

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor


class Show:
    """The recorder of one computation. `names` are the numbers of the showing, to work out formulas with."""

    def __init__(self, names: Mapping[str, Any], progress: Progress) -> None:
        self._names = dict(names)
        self._progress = progress
        self.derivation: list[str] = []
        self.tables: list[Table] = []
        self.pictures: list[Picture] = []
        self.curves: list[Curve] = []
        self.facts: dict[str, Value] = {}

    def progress(self, fraction: float, text: str) -> None:
        """Say how far the computation is, from 0 to 1, and what it does."""
        self._progress(fraction, text)

    def line(self, *lines: str) -> None:
        """Sentences of the derivation."""
        self.derivation.extend(lines)

    def shapes(self, text: str, *tensors: Tensor) -> None:
        """`(1, 3, 224, 224) -> (1, 196, 768): what happened`, from the tensors themselves."""
        self.line(f"{' -> '.join(shape_text(tensor.shape) for tensor in tensors)}: {text}")

    def equals(self, formula: str, text: str = "", /, **numbers: float) -> None:
        """A formula worked out on the showing's numbers and these; printed with as many digits as make it true."""
        self.line(f"{equation(formula, {**self._names, **numbers})} {text}".rstrip())

    def fact(self, **measured: Value) -> None:
        """Numbers that were measured beside the value; the slips of the exercise may name them."""
        self.facts |= measured
        self._names |= measured

    def table(self, title: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
        """A table; `columns` are its heads, parted by bars."""
        heads = tuple(head.strip() for head in columns.split("|"))
        self.tables.append(Table(title, heads, tuple(tuple(str(cell) for cell in row) for row in rows)))

    def picture(self, name: str, image: Image.Image, caption: str, alt: str, *, clip: str = "") -> None:
        """A picture, made small enough to be shown; of a `clip`, its next frame."""
        from labs.pictures import to_png

        self.pictures.append(Picture.from_png(name, to_png(image), caption=caption, alt=alt, clip=clip))

    def curve(
        self, title: str, x_label: str, y_label: str, x: Iterable[float], series: Mapping[str, Iterable[float]]
    ) -> None:
        """One or more curves over the same places; the labels carry the units."""
        lines = {name: tuple(float(y) for y in ys) for name, ys in series.items()}
        self.curves.append(Curve(title, x_label, y_label, tuple(float(at) for at in x), lines))

    def evidence(self, value: Value, **more: Any) -> Evidence:
        """All of it, with the value that was measured."""
        return Evidence(
            value,
            derivation=tuple(self.derivation),
            tables=tuple(self.tables),
            pictures=tuple(self.pictures),
            curves=tuple(self.curves),
            facts=self.facts,
            **more,
        )
