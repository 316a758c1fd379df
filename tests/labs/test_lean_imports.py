"""Importing a lab stays cheap: no compiler, no distributed tensors, no scipy, and nothing broken afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

UNWANTED = ("scipy", "sklearn", "torch._dynamo", "torch._inductor", "torch.distributed.tensor", "sympy")


def run(code: str, **environment: str) -> Any:
    import os

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", **environment},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_labs_import_no_compiler_and_no_scientific_packages(tmp_path: Path) -> None:
    for package in ("scipy", "sklearn"):  # whether or not they are installed here
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("__version__ = '1.0'\n")
        (tmp_path / f"{package}-1.0.dist-info").mkdir()
        (tmp_path / f"{package}-1.0.dist-info" / "METADATA").write_text(f"Name: {package}\nVersion: 1.0\n")
    path = f"{tmp_path}:{Path.cwd()}"
    found = run(
        """
        import json, sys
        from labs import catalog
        from labs.bench.later import load_all
        catalog.exercises()
        load_all()
        print(json.dumps(sorted(sys.modules)))
        """,
        PYTHONPATH=path,
    )
    assert "transformers.models.clip.modeling_clip" in found
    assert set(UNWANTED) & set(found) == set()


def test_solving_imports_no_compiler_either() -> None:
    found = run(
        """
        import json, sys
        from labs import catalog
        for name in ("clip.caption", "clip.loss", "clip.counting"):
            one = catalog.exercise(name)
            one.solve(one.pose({}, 1), lambda fraction, text: None)
        print(json.dumps(sorted(sys.modules)))
        """
    )
    assert set(UNWANTED) & set(found) == set()


def test_what_was_put_off_is_the_real_thing_when_it_is_used() -> None:
    found = run(
        """
        import json, sys
        from labs.lean_imports import lean_imports
        with lean_imports():
            import torch._dynamo
            from torch._dynamo import config, disable
            from torch._dynamo.utils import counters
            decorated = disable(len.__class__ and (lambda x: x + 1))
        before = "torch._dynamo.utils" in sys.modules
        verbose = config.verbose  # the first use
        import torch
        print(json.dumps({
            "before": before,
            "after": "torch._dynamo.utils" in sys.modules,
            "verbose": verbose,
            "real": torch._dynamo.__file__ is not None,
            "is_counter": isinstance(counters.most_common if hasattr(counters, "most_common") else counters, object),
            "decorated": decorated(1),
            "available": torch.distributed.is_available(),
            "hidden": [name for name, module in sys.modules.items() if module is None],
            "finders": [type(finder).__name__ for finder in sys.meta_path].count("_Finder"),
        }))
        """
    )
    assert found["before"] is False
    assert found["after"] is True
    assert found["verbose"] is False
    assert found["real"] is True
    assert found["decorated"] == 2
    assert found["available"] is True
    assert found["hidden"] == []
    assert found["finders"] == 0


def test_an_import_that_fails_leaves_nothing_behind() -> None:
    found = run(
        """
        import gc, json, sys
        from labs.lean_imports import lean_imports
        try:
            with lean_imports():
                import no_such_module_at_all
        except ModuleNotFoundError as error:
            name = error.name
        print(json.dumps({
            "name": name,
            "collecting": gc.isenabled(),
            "hidden": [name for name, module in sys.modules.items() if module is None],
        }))
        """
    )
    assert found == {"name": "no_such_module_at_all", "collecting": True, "hidden": []}
