"""Fits: the models of buying and of spending, and how certain their parameters are."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from seglib.assess.thresholds import AGREED, LEAST_REPEATERS
from seglib.assess.value.assumptions import MODELS, SPENDING, WIDTH, Assumptions, medians
from seglib.assess.value.histories import too_little
from seglib.errors import DataError
from seglib.statistics import ENDS

#: Of more customers, so many fit the models; all are then given their expectations.
FITTED_ON = 50_000
#: Logarithms of parameters beyond this are no estimates: the likelihood is flat there.
_REACH = 12.0
#: Chains of the full posterior, and draws of each to settle and to keep.
_CHAINS, _TUNE, _KEEP = 2, 1000, 3000


@dataclass(frozen=True)
class Estimates:
    """What is known of the parameters of one model.

    Attributes
    ----------
    middle
        The estimates: the mode, or the medians of the full posterior.
    draws
        One row per draw, one column per parameter.
    model
        The model of pymc-marketing.
    """

    middle: pd.Series
    draws: pd.DataFrame
    model: Any

    def at(self, draws: pd.DataFrame | None = None) -> Any:
        """Return the model with these parameters, one chain and a draw a row; without any with the estimates."""
        arviz, xarray = _library("arviz"), _library("xarray")
        rows = self.middle.to_frame().T if draws is None else draws
        made = copy(self.model)
        values = {name: (("chain", "draw"), rows[name].to_numpy()[None]) for name in rows}
        made.idata = arviz.InferenceData(posterior=xarray.Dataset(values))
        return made


@dataclass(frozen=True)
class Fitted:
    """The models of a shop's customers.

    Attributes
    ----------
    assumptions
        What they were fitted under.
    buying
        Of purchases and of leaving.
    spending
        Of money a purchase (Gamma-Gamma; Fader and Hardie, 2013); None where it cannot be estimated.
    fitted_on
        Customers that the models were fitted on.
    density
        The logarithm of the likelihood of the model of buying at the estimates; with the priors
        where they are not flat.
    together
        Rank correlation of how often and how much is bought, of customers with a second purchase;
        the two models together assume none.
    """

    assumptions: Assumptions
    buying: Estimates
    spending: Estimates | None
    fitted_on: int
    density: float
    together: float

    def parameters(self) -> pd.DataFrame:
        """List the parameters: one row each, parameter, estimate, low and high."""
        parts = [e for e in (self.buying, self.spending) if e is not None]
        draws = pd.concat([e.draws for e in parts], axis=1)
        low, high = (draws.quantile(q) for q in ENDS)
        made = pd.DataFrame({"estimate": pd.concat([e.middle for e in parts]), "low": low, "high": high})
        return made.rename_axis("parameter").reset_index()


def _library(name: str) -> Any:
    """Import what fits the models, where something is fitted: it takes seconds, and has its own warnings."""
    import importlib

    # whether there is a C compiler does not matter here, see `interpreted`
    logging.getLogger("pytensor.configdefaults").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


@contextlib.contextmanager
def interpreted() -> Iterator[None]:
    """Evaluate without compiling: needs no C compiler and writes no cache, and a fit is done before one is compiled.

    Nor are the expressions rewritten, for products of many factors would be taken row by row.
    """
    vm = _library("pytensor.link.vm").VMLinker(use_cloop=False, c_thunks=False)
    mode = _library("pytensor.compile.mode").Mode(linker=vm, optimizer="merge")
    with _library("pytensor").config.change_flags(mode=mode, cxx=""):
        yield


def fit(known: pd.DataFrame, assumptions: Assumptions | None = None, money: bool = True) -> Fitted:
    """Fit the models of purchases and of spending.

    Parameters
    ----------
    known
        From `histories`.
    assumptions
        What is assumed.
    money
        Whether spending is asked for.

    Raises
    ------
    DataError
        If the purchases do not carry it, or do not settle the parameters.
    """
    assumed = assumptions or Assumptions()
    if reason := too_little(known):
        raise DataError(f"lifetime value: {reason}")
    some = (
        known if len(known) <= FITTED_ON else known.sample(FITTED_ON, random_state=assumed.seed).sort_index()
    )
    typical = medians((*MODELS[assumed.model], *SPENDING), float(some["T"].mean()), float(some.spend.mean()))
    start = {n: typical[n] for n in MODELS[assumed.model]}
    buying, density = _settled(assumed.model, some.drop(columns="spend"), start, assumed)
    paid, spending = some[(some.frequency > 0) & (some.spend > 0)], None
    if money and len(paid) >= LEAST_REPEATERS:
        spending, _ = _settled("gamma-gamma", paid, {n: typical[n] for n in SPENDING}, assumed)
        if spending.middle["q"] <= 1:  # then the mean of what is spent is infinite
            spending = None
    together = float(paid.frequency.corr(paid.spend, method="spearman"))
    return Fitted(assumed, buying, spending, len(some), density, together)


def _settled(
    kind: str, rows: pd.DataFrame, start: dict[str, float], assumed: Assumptions
) -> tuple[Estimates, float]:
    """Fit one model; return what is known of its parameters, and the density there."""
    clv, prior = _library("pymc_marketing.clv"), _library("pymc_extras.prior").Prior
    make = {
        "bg/nbd": clv.BetaGeoModel,
        "mbg/nbd": clv.ModifiedBetaGeoModel,
        "pareto/nbd": clv.ParetoNBDModel,
        "gamma-gamma": clv.GammaGammaModel,
    }[kind]
    beliefs = {
        n: prior("HalfFlat") if assumed.flat else prior("LogNormal", mu=float(np.log(m)), sigma=WIDTH)
        for n, m in start.items()
    }
    model = make(model_config=beliefs)
    with interpreted():
        model.build_model(data=rows.rename(columns={"customer": "customer_id", "spend": "monetary_value"}))
        # flat on the parameters themselves, or normal on their logarithms
        compiled = model.model.compile_logp(jacobian=not assumed.flat)

    def density(logs: np.ndarray) -> float:
        value = float(compiled({f"{n}_log__": np.asarray(v) for n, v in zip(start, logs, strict=True)}))
        return value if np.isfinite(value) else -1e12

    # pymc_extras.fit_laplace 0.10 gives spreads ten times as wide, and takes over nine minutes for Pareto/NBD
    mode, spread = _around(density, np.log([*start.values()]))
    if assumed.posterior:
        return _sampled(model, dict(zip(start, np.exp(mode), strict=True)), assumed), density(mode)
    rng = np.random.default_rng([assumed.seed, len(start)])
    draws = pd.DataFrame(np.exp(rng.multivariate_normal(mode, spread, assumed.draws)), columns=[*start])
    return Estimates(pd.Series(np.exp(mode), index=[*start]), draws, model), density(mode)


def _sampled(model: Any, start: dict[str, float], assumed: Assumptions) -> Estimates:
    """Draw the full posterior by differential evolution (ter Braak and Vrugt, 2008), which needs no gradient.

    Raises
    ------
    DataError
        If the chains do not agree.
    """
    logging.getLogger("pymc").setLevel(logging.ERROR)
    with interpreted(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(
            method="demz",
            tune=_TUNE,
            draws=_KEEP,
            chains=_CHAINS,
            cores=1,
            random_seed=assumed.seed,
            initvals=start,
            progressbar=False,
            compute_convergence_checks=False,
        )
    apart = float(_library("arviz").rhat(model.idata).to_array().max())
    if apart > AGREED:
        raise DataError(
            f"lifetime value: the chains of the full posterior do not agree (R-hat {apart:.2f}, allowed {AGREED}); "
            "leave assess.lifetime.posterior false"
        )
    found = model.idata.posterior.stack(each=("chain", "draw"))
    draws = pd.DataFrame({name: found[name].to_numpy() for name in start})
    return Estimates(
        draws.median(), draws.sample(assumed.draws, random_state=assumed.seed, ignore_index=True), model
    )


def _around(density: Callable[[np.ndarray], float], start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the mode, and the covariance of the normal approximation there (Laplace).

    Raises
    ------
    DataError
        If there is no mode within reach.
    """
    found = minimize(
        lambda at: -density(at), start, method="L-BFGS-B", bounds=[(-_REACH, _REACH)] * len(start)
    )
    curvature = -_second_differences(density, found.x)
    if np.abs(found.x).max() > _REACH - 0.01 or np.linalg.eigvalsh(curvature).min() <= 0:
        raise DataError(
            "lifetime value: the purchases do not settle the parameters of the model; choose another in "
            "assess.lifetime.model, or leave assess.lifetime.flat false"
        )
    return found.x, np.linalg.inv(curvature)


def _second_differences(
    density: Callable[[np.ndarray], float], at: np.ndarray, step: float = 1e-3
) -> np.ndarray:
    moves = step * np.eye(len(at))
    made = np.empty((len(at), len(at)))
    for i, one in enumerate(moves):
        for j, other in enumerate(moves[: i + 1]):
            corners = [density(at + s * one + t * other) for s in (1, -1) for t in (1, -1)]
            made[i, j] = made[j, i] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step**2)
    return made
