"""Messages for people."""

import sys

from wit_world.imports import log as border


def log(message: object) -> None:
    """Tells people something, which never changes a result. What is printed is shown only if the plugin fails."""
    text = str(message).encode(errors="replace").decode()
    try:
        border.write(border.Level.INFO, text)
    except NotImplementedError:  # Outside of the host.
        print(text, file=sys.stderr)
