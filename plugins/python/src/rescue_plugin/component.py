"""What a component exports. `rescue-host plugin build` writes the module that puts these where componentize-py looks for them."""

from types import ModuleType

from wit_world.exports import manifest

from . import _settings
from ._plugin import OFFERS, about, choose


def offer(module: ModuleType) -> None:
    """Makes a module the plugin."""
    choose(vars(module).values())
    Manifest.module = module


class Manifest:
    """The manifest of the plugin."""

    #: The module that the plugin is built from.
    module: ModuleType

    def describe(self) -> manifest.About:
        """What the plugin says of itself."""
        offers = [
            manifest.Offer(offer.kind, _settings.schema(offer.settings), offer.needs, offer.traits) for offer in OFFERS.values()
        ]
        return manifest.About(**about(self.module), offers=offers)
