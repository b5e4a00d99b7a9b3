"""The program that draws: it reads a JSON list of Vega-Lite charts per line, and writes a JSON list of SVG texts.

What belongs here: only that. The drawing library aborts its process on some texts, so `pictures` runs this file as a
process of its own; it imports nothing of the project, so that it starts fast.
"""

import json
import sys

import vl_convert

WARM_UP = '{"data": {"values": [{"x": 1}]}, "mark": "bar", "encoding": {"x": {"field": "x", "type": "nominal"}}}'


def drawn(chart: str) -> str | None:
    """Return the chart as SVG, None where the library refuses it."""
    try:
        svg: str = vl_convert.vegalite_to_svg(chart)
    except ValueError:
        return None
    return svg


def main() -> None:
    """Draw what standard input asks for, line by line, until it ends."""
    drawn(WARM_UP)  # the first chart takes half a second, meanwhile the project makes the others
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps([drawn(chart) for chart in json.loads(line)]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
