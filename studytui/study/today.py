"""What the learner chose for one day: fewer new cards, more, none; and new cards that wait after a break.

Kept with the learner's state, by the key of the course. Settings hold for all days; these for theirs alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from studytui.domain.queue import Limits
from studytui.domain.settings import Settings
from studytui.store.records import uid_at

if TYPE_CHECKING:
    from studytui.domain.clock import Clock
    from studytui.store import Stamp, Store, Undone
    from studytui.study.workspace import Workspace

Read = TypeVar("Read")

TODAY: Final = "today"
NEW_WAIT: Final = "new-cards-wait"
SPREADS: Final = "spread"
TOGETHER: Final = "together-"
"""How the session of an act on several cards begins: what stands under it in the log is taken back as one."""


def together_uid(clock: Clock) -> str:
    """A session for one act on several cards."""
    return f"{TOGETHER}{uid_at(clock.now())}"


@dataclass(frozen=True, slots=True)
class TodayChoice:
    """How many new and due cards a study day brings, whatever the settings say; None leaves it to them."""

    day: date
    new: int | None = None
    due: int | None = None

    @classmethod
    def read(cls, noted: Any) -> Self:
        """A choice from its JSON; raises ValueError, KeyError or TypeError if it is none."""
        new, due = noted["new"], noted["due"]
        return cls(
            date.fromisoformat(noted["day"]),
            None if new is None else max(0, int(new)),
            None if due is None else max(0, int(due)),
        )

    def to_json(self) -> dict[str, Any]:
        """What `read` reads."""
        return asdict(self) | {"day": self.day.isoformat()}


def choice_of(store: Store, course_no: int, day: date) -> TodayChoice | None:
    """What was chosen for a study day; None where nothing was.

    Raises:
        StoreError: the database cannot be read.
    """
    found = _state(store, TODAY, course_no, TodayChoice.read)
    return found if found is not None and found.day == day else None


def choose_today(workspace: Workspace, *, new: int | None = None, due: int | None = None) -> TodayChoice:
    """Let this study day bring so many new and due cards; what is None is as the settings have it again.

    Raises:
        StoreError: it cannot be kept.
    """
    choice = TodayChoice(workspace.today(), new, due)
    workspace.store.put_state(TODAY, workspace.course.id, choice.to_json(), at=workspace.clock.now())
    return choice


def new_wait_until(store: Store, course_no: int) -> date | None:
    """The first day on which new cards come again after a break; None where they do not wait.

    Raises:
        StoreError: the database cannot be read.
    """
    return _state(store, NEW_WAIT, course_no, lambda noted: date.fromisoformat(noted["until"]))


def let_new_wait(workspace: Workspace, until: date | None) -> None:
    """Hold new cards back until a day; None lets them come.

    Raises:
        StoreError: it cannot be kept.
    """
    name = workspace.course.id
    if until is None:
        workspace.store.delete_state(NEW_WAIT, name)
    else:
        workspace.store.put_state(NEW_WAIT, name, {"until": until.isoformat()}, at=workspace.clock.now())


def forget_spread(store: Store, course_no: int) -> None:
    """Let new cards come again, once what was spread has its days back.

    Raises:
        StoreError: it cannot be written.
    """
    key = store.course_key(course_no)
    store.delete_state(NEW_WAIT, key)
    store.delete_state(SPREADS, key)


def undo_newest(store: Store, course_no: int, stamp: Stamp) -> Undone | None:
    """Take back the course's last act, all of it where it was done to several cards at once; None where there is none.

    Raises:
        StoreError: nothing was changed.
    """
    newest = store.last_act(course_no)
    if newest is None:
        return None
    session, last = newest
    was_spread = session == _state(store, SPREADS, course_no, lambda noted: str(noted["uid"]))
    is_together = was_spread or session.startswith(TOGETHER)
    if last.action == "move":
        store.move_back(store.moves(last.review_id, session if is_together else ""))
    if not is_together:
        return store.undo(course_no, stamp)
    count = store.undo_session(session, stamp)
    if was_spread:
        forget_spread(store, course_no)
    return replace(last, cards=count, was_spread=was_spread)


def limits_on(store: Store, course_no: int, day: date, settings: Settings) -> Limits:
    """What a study day may bring: as the settings say, but for what was chosen for it.

    Raises:
        StoreError: the database cannot be read.
    """
    return day_limits(settings, day, choice_of(store, course_no, day), new_wait_until(store, course_no))


def day_limits(settings: Settings, day: date, choice: TodayChoice | None, until: date | None) -> Limits:
    """`limits_on`, of what was chosen for the day and the day until which new cards wait."""
    limits = settings.limits_on(day)
    if choice is not None and (choice.new is not None or choice.due is not None):
        return replace(
            limits,
            new_per_day=limits.new_per_day if choice.new is None else choice.new,
            reviews_per_day=limits.reviews_per_day if choice.due is None else choice.due,
            cards_per_day=None,
        )
    return replace(limits, new_per_day=0) if until is not None and day < until else limits


def _state(store: Store, scope: str, course_no: int, read: Callable[[Any], Read]) -> Read | None:
    """A small state; one that cannot be read is none."""
    try:
        return store.state(scope, store.course_key(course_no), read)
    except ValueError:
        return None


# A reminder once a day


_REMINDER: Final = """\
studytui due --exit-code ends with 0 when something is due and with 1 when nothing is.
Below, a message comes once a day at {hour:02}:{minute:02} when something is due. Take the one of your system;
where the command is not found, write its whole path (command -v studytui).

Linux, systemd (a desktop with notify-send)
  ~/.config/systemd/user/studytui-due.service
    [Unit]
    Description=Say when flashcards are due
    [Service]
    Type=oneshot
    SuccessExitStatus=1
    ExecStart=/bin/sh -c 'studytui due --exit-code >/dev/null && notify-send studytui "$$(studytui due)"'
  ~/.config/systemd/user/studytui-due.timer
    [Unit]
    Description=Every day at {hour:02}:{minute:02}
    [Timer]
    OnCalendar=*-*-* {hour:02}:{minute:02}:00
    Persistent=true
    [Install]
    WantedBy=timers.target
  then: systemctl --user enable --now studytui-due.timer

macOS, launchd
  ~/Library/LaunchAgents/studytui.due.plist
    <?xml version="1.0" encoding="UTF-8"?>
    <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
    <plist version="1.0"><dict>
      <key>Label</key><string>studytui.due</string>
      <key>ProgramArguments</key><array>
        <string>/bin/sh</string><string>-lc</string>
        <string>studytui due --exit-code &gt;/dev/null &amp;&amp;
          osascript -e 'display notification "Cards are due" with title "studytui"'</string>
      </array>
      <key>StartCalendarInterval</key><dict>
        <key>Hour</key><integer>{hour}</integer><key>Minute</key><integer>{minute}</integer>
      </dict>
    </dict></plist>
  then: launchctl load ~/Library/LaunchAgents/studytui.due.plist

cron (crontab -e); cron mails what is printed
  {minute} {hour} * * * studytui due --prompt --exit-code

A shell prompt (bash or zsh, in ~/.bashrc or ~/.zshrc); it is asked at most every ten minutes
  studytui_due() {{
    local file="${{TMPDIR:-/tmp}}/studytui-due-$(id -u)"
    if [ ! -f "$file" ] || [ -n "$(find "$file" -mmin +10)" ]; then studytui due --prompt > "$file" 2>/dev/null; fi
    cat "$file"
  }}
  bash: PS1='$(studytui_due) '"$PS1"
  zsh:  setopt PROMPT_SUBST; PROMPT='$(studytui_due) '"$PROMPT"
"""


def reminder_text(hour: int, minute: int) -> str:
    """How to be reminded at a time of day."""
    return _REMINDER.format(hour=hour, minute=minute).rstrip()
