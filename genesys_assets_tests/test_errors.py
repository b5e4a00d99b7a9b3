"""That one tree holds every error of the package, by every `raise` in it: one that is not of the tree is noticed."""

import ast
import functools
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

import genesys_assets
from genesys_assets import errors
from genesys_assets.errors import ProjectError

PACKAGE = Path(genesys_assets.__file__).parent

REASONS = {
    ("assets/standing.py", "dg.RetryRequested"): "no error: the step steps aside until a check of its run has ended",
    ("assets/retries.py", "DagsterExecutionInterruptedError"): "an interrupt, by which Dagster ends the run",
    ("cli/commands.py", "SystemExit"): "an exit status",
    ("cli/commands.py", "click.ClickException"): "the one place where the command line is told of a ProjectError",
    ("failures.py", "failure_for"): "the one place where Dagster is told of an error",
    ("__init__.py", "AttributeError"): "what Python expects of a module that has no such name",
    ("files.py", "ValueError"): "the reason that `Setting` makes its error of",
    ("genesys/api/aggregates.py", "msgspec.ValidationError"): "caught by `wire`, as msgspec's own are",
    ("genesys/api/concurrency.py", "KeyboardInterrupt"): "an interrupt that a handler had taken note of",
    ("windows/interval.py", "ValueError"): "an argument of the package's own making, which no user can meet",
    ("genesys/details/jobs.py", "_JobFailedError"): "caught where the job is begun again",
    ("genesys/details/jobs.py", "_JobLostError"): "caught where the job is begun again",
    ("genesys/details/pages.py", "msgspec.DecodeError"): "caught by `wire`, as msgspec's own are",
    ("genesys/details/pages.py", "msgspec.ValidationError"): "caught by `wire`, as msgspec's own are",
    ("purge/rewriting.py", "duckdb.DataError"): "caught a few lines on, as DuckDB's own are",
    ("readable.py", "ValueError"): "caught by the scrubber and the validator, which know whose document it is",
    ("sandbox/faults.py", "ValueError"): "the reason that `parse` makes its error of",
    ("sandbox/app.py", "RemoteProtocolError"): "a connection that breaks, as httpx tells its caller",
    ("setting.py", "ValueError"): "the reason that `Setting` makes its error of",
    ("warehouse/damage.py", "EOFError"): "caught by `_needed_bytes`: the list that it reads is in the missing part",
    ("warehouse/damage.py", "_UnknownFormatError"): "caught by `missing_bytes`, which then has nothing to say",
    ("warehouse/database.py", "AssertionError"): "a line that is never reached",
    ("warehouse/types.py", "TypeError"): "caught by `table`, which names the column",
}
"""What is raised that is no ProjectError, and why."""


class Raised(NamedTuple):
    """A `raise` in a file of the package, and what it raises as it is written there."""

    file: str
    what: str
    module: ModuleType
    function: ast.AST | None


def raised() -> Iterator[Raised]:
    for file in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        module = importlib.import_module(name)
        tree = ast.parse(file.read_text())
        around = {
            node: outer  # the innermost function comes last
            for outer in ast.walk(tree)
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(outer)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                said = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                yield Raised(str(file.relative_to(PACKAGE)), ast.unparse(said), module, around.get(node))


RAISED = list(raised())


def is_of_the_tree(each: Raised) -> bool:
    """Whether a ProjectError is raised: by its class, by what makes one, or by the name under which one was caught."""
    made = meant(each)
    if isinstance(made, type):
        return issubclass(made, ProjectError)
    if callable(made):
        return returns_one(made, each.module)
    if "." in each.what:
        return each.what.rpartition(".")[2] in MAKERS
    return each.function is not None and any(is_error(each, node) for node in ast.walk(each.function))


def meant(each: Raised) -> Any:
    try:
        return eval(each.what, {**vars(each.module)})  # noqa: S307 - the package's own text
    except (NameError, AttributeError):
        return None


def returns_one(made: Any, module: ModuleType) -> bool:
    """Whether a function, or a class's way to make one, is annotated to return an error of the tree."""
    if inspect.ismethod(made) and isinstance(made.__self__, type):
        return issubclass(made.__self__, ProjectError)
    return is_named(inspect.signature(made).return_annotation, module)


def is_named(annotation: Any, module: ModuleType) -> bool:
    kind = vars(module).get(annotation) if isinstance(annotation, str) else annotation
    return isinstance(kind, type) and issubclass(kind, ProjectError)


def is_error(each: Raised, node: ast.AST) -> bool:
    """Whether a node of the function makes the name that is raised: a handler, an assignment, or an argument.

    A variable that holds an error was given it by the project's own functions, whose annotations mypy has checked.
    """
    if isinstance(node, ast.ExceptHandler):
        return node.name == each.what
    if isinstance(node, ast.NamedExpr):
        return ast.unparse(node.target) == each.what
    if isinstance(node, ast.Assign):
        return any(ast.unparse(target) == each.what for target in node.targets)
    if isinstance(node, ast.arg):
        return each.what in (node.arg, f"type({node.arg})")
    return False


def kinds(kind: type[ProjectError] = ProjectError) -> Iterator[type[ProjectError]]:
    for child in kind.__subclasses__():
        if child.__module__.startswith("genesys_assets."):
            yield child
            yield from kinds(child)


KINDS = sorted(set(kinds()), key=lambda kind: kind.__name__)


def makers() -> Iterator[str]:
    """The methods of the package that are annotated to return an error of the tree."""
    names = {kind.__name__ for kind in kinds()}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) in names:
                yield node.name


MAKERS = set(makers())


@functools.cache
def names_of_package() -> frozenset[str]:
    """The names that the package's files read."""
    return frozenset(name for file in PACKAGE.rglob("*.py") for name in names_in(ast.parse(file.read_text())))


def test_every_raise_of_the_package_is_of_the_tree_or_has_its_reason() -> None:
    others = {(each.file, each.what) for each in RAISED if not is_of_the_tree(each)}
    assert others - REASONS.keys() == set(), "make it a ProjectError, so that Dagster, alerts and commands can tell it"


def test_every_reason_is_still_needed() -> None:
    assert REASONS.keys() - {(each.file, each.what) for each in RAISED} == set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_error_is_raised_somewhere(kind: type[ProjectError]) -> None:
    assert kind.__name__ in names_of_package() or kind.__subclasses__()


def names_in(tree: ast.AST) -> Iterator[str]:
    """The names that a file reads, without those that it only imports or lists."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id


@pytest.mark.parametrize("branch", ProjectError.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_branch_of_the_tree_is_drawn(branch: type[ProjectError]) -> None:
    assert f"── {branch.__name__} " in str(errors.__doc__) or not branch.__module__.startswith("genesys_assets.")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_error_says_when_it_arises(kind: type[ProjectError]) -> None:
    assert kind.__doc__
    assert not issubclass(kind, ValueError | RuntimeError), "nobody catches it as something else"
