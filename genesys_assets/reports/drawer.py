"""The program that draws: for each line of standard input, a JSON list of Vega-Lite charts, a line of SVG texts.

What belongs here: nothing else. The drawing library ends its process where it cannot go on, so `pictures` runs this
file as a process of its own; it imports nothing of the project and starts in no time.
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
    drawn(WARM_UP)  # the first chart takes half a second, while the project still makes up the others
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps([drawn(chart) for chart in json.loads(line)]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
