"""The project's modules as syntax trees, and the questions that the rules of the house ask of them."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVICES = sorted(each.name for each in (ROOT / "services").iterdir() if (each / "app.py").exists())


@dataclass(frozen=True)
class Module:
    """A module by its dotted name; a breach of a rule is reported as `name: what`."""

    name: str
    tree: ast.Module
    is_package: bool = False

    @property
    def service(self) -> str | None:
        head, _, rest = self.name.partition(".")
        return rest.partition(".")[0] if head == "services" and rest else None

    @property
    def room(self) -> str:
        """Its place within its service: `store` for services.metrics.store.keys."""
        return [*self.name.split("."), "", ""][2]

    def imports(self) -> Iterator[str]:
        """The dotted names imported anywhere in it: `from a.b import c` is `a.b.c`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = self.name.split(".")[: 1 - node.level or None] if self.is_package else None
                base = above or self.name.split(".")[: -node.level] if node.level else []
                yield from (".".join([*base, *filter(None, [node.module]), alias.name]) for alias in node.names)

    def strings(self) -> Iterator[str]:
        """Its string literals, parts of f-strings too, without the strings that stand alone and only explain."""
        alone = {id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
                yield node.value

    def names(self) -> Iterator[str]:
        """The dotted names that it uses, such as `os.environ` or `datetime.now`, however deep they stand."""
        yield from (ast.unparse(node) for node in ast.walk(self.tree) if isinstance(node, ast.Attribute))


def sample(text: str, name: str = "services.sample.rules") -> Module:
    """A module that a test makes up, to show that a rule can be broken."""
    return Module(name, ast.parse(text))


@cache
def modules(*packages: str) -> tuple[Module, ...]:
    """Every module of these packages but database migrations, which Alembic loads by path."""
    paths = (path for package in packages for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(_module(path) for path in paths if "migrations" not in path.parts)


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if is_package else parts), ast.parse(path.read_text()), is_package)


def within(name: str, packages: Iterable[str]) -> bool:
    """Whether a dotted name is one of `packages` or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)
