"""A field of several lines in a form. Tab leaves it; what is wrong with it stands below."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static, TextArea

from studytui.ui.text import safe


class TextField(Vertical):
    """A title with how the field is written, one line or several to write in, and room for a problem."""

    DEFAULT_CSS = """
    TextField { height: auto; margin-bottom: 1; }
    TextField > .how { height: auto; }
    TextField TextArea { border: none; padding: 0 1; background: $boost; }
    TextField TextArea:focus { border: none; background: $surface-lighten-1; }
    TextField Input { background: $boost; padding: 0 1; }
    TextField Input:focus { background: $surface-lighten-1; }
    TextField > .problem { height: auto; color: $text-error; display: none; }
    """

    def __init__(self, name: str, title: str, how: str = "", text: str = "", *, lines: int = 1) -> None:
        super().__init__(id=f"field-{name}")
        self.field_name = name
        self._title = title
        self._how = how
        self._lines = lines
        self._control: Input | TextArea
        if lines == 1:
            self._control = Input(text, compact=True)
        else:
            self._control = TextArea(text, soft_wrap=True, tab_behavior="focus")
            self._control.styles.height = lines

    def compose(self) -> ComposeResult:
        how = Content.styled(f"  {self._how}" if self._how else "", "$text-muted")
        yield Static(Content.styled(self._title, "bold") + how, classes="how", markup=False)
        yield self._control
        yield Static(classes="problem", markup=False)

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self._control.value if isinstance(self._control, Input) else self._control.text

    @text.setter
    def text(self, text: str) -> None:
        if isinstance(self._control, Input):
            self._control.value = text
        else:
            self._control.text = text

    def enter(self) -> None:
        """Give the keys to the field."""
        self._control.focus()

    def complain(self, text: str) -> None:
        """Show what is wrong; '' when all is well."""
        problem = self.query_one(".problem", Static)
        problem.update(f"✗ {safe(text)}" if text else "")
        problem.display = bool(text)
