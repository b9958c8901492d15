"""Prints the kinds that a module offers, as one line of JSON: ``python -m rescue_plugin.offered king``."""

import importlib
import json
import os
import sys

from ._plugin import OFFERS, choose

if __name__ == "__main__":
    try:
        module = importlib.import_module(sys.argv[1])
    except SystemExit as error:
        raise ImportError(f"{sys.argv[1]} ends Python while it is imported") from error
    choose(vars(module).values())
    print(json.dumps({"kinds": list(OFFERS)}))
    # What the module would do at the end of Python is no answer.
    sys.stdout.flush()
    os._exit(0)
