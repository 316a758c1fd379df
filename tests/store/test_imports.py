"""Opening and answering must not wait for what only migrations and statistics need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.store.surroundings import with_root

ANSWER = """
import sys
from pathlib import Path
from studytui.domain.queue import Limits
from studytui.store import Store
from tests.store.learner import DAY, new_learner, compiled
learner = new_learner(Path(sys.argv[1]), [compiled(0), compiled(1)])
learner.store.counts(1, DAY, limits=Limits())
learner.store.done_today(1, DAY)
learner.answer(0, 4)
learner.undo()
learner.store.daily_backup()
learner.store.close()
heavy = {"sqlmodel", "sqlalchemy", "alembic", "pydantic", "platformdirs"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


def test_answering_imports_no_mapper_and_no_migrations(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ANSWER, str(path)], check=False, capture_output=True, text=True, env=with_root()
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
