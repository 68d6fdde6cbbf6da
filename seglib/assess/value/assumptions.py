"""The assumptions behind lifetime value: the model, the days ahead, the money, the priors."""

from __future__ import annotations

from dataclasses import dataclass

from seglib.vocabulary import ONE_YEAR

#: Days in the unit of time that the models count in.
WEEK = 7
#: By model, the parameters of buying and of leaving.
MODELS: dict[str, tuple[str, ...]] = {
    "bg/nbd": ("r", "alpha", "a", "b"),
    "mbg/nbd": ("r", "alpha", "a", "b"),
    "pareto/nbd": ("r", "alpha", "s", "beta"),
}
#: Parameters of spending.
SPENDING = ("p", "q", "v")
#: How wide the priors are, on the scale of logarithms: 95 % within a nineteenth and nineteen times the median.
WIDTH = 1.5
#: Their medians, near what is published of shops (CDNOW; Fader, Hardie and Lee, 2005; Fader and Hardie, 2013);
#: alpha and beta are times: a quarter of the mean time that customers have been observed. v is money: as
#: much as a purchase.
MEDIANS = {"r": 0.5, "a": 0.8, "b": 2.5, "s": 0.5, "p": 5.0, "q": 4.0}


@dataclass(frozen=True)
class Assumptions:
    """The assumptions behind lifetime value.

    Attributes
    ----------
    model
        Key of `MODELS`. BG/NBD (Fader, Hardie and Lee, 2005, Marketing Science 24(2)) lets customers
        leave after each purchase but the first, MBG/NBD (Batislam, Denizel and Filiztekin, 2007,
        International Journal of Research in Marketing 24(3)) after that too, Pareto/NBD
        (Schmittlein, Morrison and Colombo, 1987, Management Science 33(1)) at any time.
    days
        Days ahead that are predicted.
    discount_rate
        Per year.
    margin
        Share of what is kept that remains after costs.
    kept
        Share of what is paid that does not go back with returns.
    flat
        Flat priors, which give the estimates of maximum likelihood; otherwise wide log-normal ones.
    posterior
        Draw the whole posterior, which takes minutes; otherwise a normal approximation of the
        parameters' logarithms around its mode.
    draws
        Draws of the parameters.
    seed
        Of all draws.
    """

    model: str = "bg/nbd"
    days: int = ONE_YEAR
    discount_rate: float = 0.1
    margin: float = 1.0
    kept: float = 1.0
    flat: bool = False
    posterior: bool = False
    draws: int = 400
    seed: int = 0


def medians(names: tuple[str, ...], weeks: float, spend: float) -> dict[str, float]:
    """Return the medians of the priors.

    Parameters
    ----------
    names
        Parameters.
    weeks
        Mean time that customers have been observed.
    spend
        Mean amount of a day with a purchase.

    Examples
    --------
    >>> medians(("r", "alpha", "v"), 40, 35)
    {'r': 0.5, 'alpha': 10.0, 'v': 35}
    """
    known = MEDIANS | {"alpha": weeks / 4, "beta": weeks / 4, "v": spend}
    return {name: known[name] for name in names}
