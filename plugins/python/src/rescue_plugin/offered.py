"""Prints what a module offers, as one line of JSON: ``python -m rescue_plugin.offered king``."""

import importlib
import json
import sys

from ._plugin import OFFERS, about, choose

if __name__ == "__main__":
    module = importlib.import_module(sys.argv[1])
    choose(vars(module).values())
    print(json.dumps({"kinds": list(OFFERS), **about(module)}))
