"""The HTML pages of every service: templates that lie beside its pages, escaped, and strict about what is missing."""

from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined


def templates(service: str) -> Environment:
    """The templates, and the style sheets that they include, of a service's package, such as `services.notify`."""
    folder = files(service) / "templates"
    texts = {
        each.name: each.read_text(encoding="utf-8")
        for each in folder.iterdir()
        if each.name.endswith((".html", ".css"))
    }
    return Environment(loader=DictLoader(texts), autoescape=True, undefined=StrictUndefined)
