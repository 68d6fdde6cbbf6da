"""Generated customers with segments planted in them: for the demo, for tests, for planning a study."""

from seglib.simulate.generator import PROSPECT, generate
from seglib.simulate.industry import Campaign, Dirt, Industry, Item, read
from seglib.simulate.shop import AS_OF, FIRST, SHOP, shop
from seglib.simulate.specification import Attribute, Contracts, Number, Planted, Purchases, Visits

__all__ = [
    "AS_OF",
    "FIRST",
    "PROSPECT",
    "SHOP",
    "Attribute",
    "Campaign",
    "Contracts",
    "Dirt",
    "Industry",
    "Item",
    "Number",
    "Planted",
    "Purchases",
    "Visits",
    "generate",
    "read",
    "shop",
]
