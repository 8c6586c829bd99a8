"""What every program of this environment has: its beginning, the names it may use, the seeds."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping

from elm_envs_images import canvas, image_check

ENTRY = "draw"

# One blank line, as `ast.unparse` writes it: operators that rewrite the syntax tree keep the template.
TEMPLATE = "import numpy as np\nimport math\nfrom canvas import Canvas\n\ndef draw():\n"


def canvas_source(height: int, width: int) -> str:
    """Return the source of the module `canvas` for images of this size, for `Program.modules`."""
    return f"{inspect.getsource(canvas)}\n\nHEIGHT = {height}\nWIDTH = {width}\n"


def image_check_source(height: int, width: int) -> str:
    """Return the source that checks an image of this size, for `Program.adapter`."""
    return f"{inspect.getsource(image_check)}\n\nHEIGHT = {height}\nWIDTH = {width}\n"


def interface() -> str:
    """Return the stub of the names that programs may use: `Canvas` with its methods, typed."""
    module = ast.parse(inspect.getsource(canvas))
    (drawing,) = [node for node in module.body if isinstance(node, ast.ClassDef)]
    methods = [node for node in drawing.body if isinstance(node, ast.FunctionDef)]
    for method in methods:
        method.body = [ast.Expr(ast.Constant(ast.get_docstring(method))), ast.Expr(ast.Constant(...))]
    public = [method for method in methods if method.name == "__init__" or not method.name.startswith("_")]
    drawing.body = [drawing.body[0], *public]
    return f"import numpy as np\nimport math\n\n{ast.unparse(drawing)}\n"


def seed_programs(height: int, width: int) -> Mapping[str, str]:
    """Return the programs that a search can begin with, by name, for images of this size.

    Those that use the canvas have numbers of at most two digits: operators write numbers like the ones
    they find, and such numbers are sensible anywhere on the canvas.
    """
    return {name: TEMPLATE + body.format(height=height, width=width) for name, body in _BODIES.items()}


_BODIES = {
    "empty": """\
    canvas = Canvas(10, 10, 10)
    return canvas.image()
""",
    "disc": """\
    canvas = Canvas(10, 15, 30)
    canvas.circle(35, 40, 15, 80, 30, 20)
    return canvas.image()
""",
    "stripes": """\
    canvas = Canvas(90, 90, 85)
    for i in range(4):
        canvas.rectangle(15 + i * 24, 50, 12, 99, 20, 40, 60)
    return canvas.image()
""",
    "rings": """\
    canvas = Canvas(10, 20, 15)
    for i in range(3):
        canvas.ring(60, 45, 12 + i * 10, 4, 30, 80, 50)
    return canvas.image()
""",
    "house": """\
    canvas = Canvas(85, 90, 95)
    canvas.gradient(25, 75, 70, 50)
    canvas.rectangle(45, 65, 40, 35, 75, 55, 40)
    canvas.triangle(20, 50, 45, 25, 70, 50, 60, 20, 20)
    canvas.line(85, 83, 85, 60, 4, 40, 30, 20)
    return canvas.image()
""",
    "waves": """\
    canvas = Canvas(20, 20, 40)
    x, y = canvas.grid()
    canvas.cover(50 + 40 * np.sin(x / 12), 50 + 40 * np.cos(y / 15 + x / 30), 40)
    return canvas.image()
""",
    "numpy_disc": """\
    image = np.zeros(({height}, {width}, 3))
    y, x = np.meshgrid(np.linspace(0, 99, {height}), np.linspace(0, 99, {width}), indexing="ij")
    image[(x - 60) ** 2 + (y - 55) ** 2 < 20 ** 2] = (60, 170, 90)
    return image
""",
}

SEED_NAMES = tuple(_BODIES)
