"""Answers that say what a column is, and answers that have an order."""

from __future__ import annotations

import re

from seglib.project.new.recognise.words import folded


def _set(listed: str) -> frozenset[str]:
    return frozenset(folded(p) for p in listed.split(","))


#: By role, answers by which it is known in any column.
TELLING: dict[str, frozenset[str]] = {
    "gender": _set(
        "male, female, m, f, w, d, man, woman, men, women, other, diverse, mannlich, weiblich, divers, "
        "herr, frau, "
        "homme, femme, h, hombre, mujer, masculino, femenino, v, vrouw, uomo, donna, maschio, "
        "femmina, k, kobieta, "
        "mezczyzna, nonbinary, non binary, varon, masculin, feminin, autre, otro, x"
    ),
    "urban": _set(
        "urban, rural, suburban, surburban, semi urban, semiurban, metropolitan, city, town, village, "
        "country, stadt, land, vorstadt, "
        "stadtisch, landlich, urbain, periurbain, urbano, rurale, periferia, stedelijk, "
        "landelijk, miasto, wies"
    ),
    "marital_status": _set(
        "married, single, divorced, widowed, widow, widower, separated, together, partnered, cohabiting, "
        "never married, "
        "alone, verheiratet, ledig, geschieden, verwitwet, getrennt, marie, mariee, "
        "celibataire, divorce, divorcee, veuf, veuve, "
        "pacse, soltero, soltera, casado, casada, divorciado, divorciada, viudo, viuda, "
        "gehuwd, ongehuwd, "
        "gescheiden, sposato, celibe, nubile, divorziato, vedovo, zonaty, zamezna, "
        "kawaler, panna, rozwiedziony, wdowiec"
    ),
    "device": _set(
        "mobile, desktop, tablet, phone, smartphone, pc, laptop, tv, computer, handy, telefono, movil, "
        "ordinateur, telephone, ordenador"
    ),
    "operating_system": _set("ios, android, windows, macos, mac os, linux, chrome os, ipados, osx, mac"),
    "browser": _set(
        "chrome, safari, firefox, edge, opera, internet explorer, samsung internet, ie, brave, vivaldi"
    ),
    "country": _set(
        "germany, france, spain, italy, netherlands, belgium, switzerland, austria, poland, portugal, "
        "united kingdom, uk, ireland, "
        "eire, denmark, sweden, norway, finland, usa, united states, canada, mexico, brazil, "
        "argentina, china, japan, india, "
        "australia, new zealand, south africa, deutschland, frankreich, spanien, italien, "
        "niederlande, belgien, schweiz, "
        "osterreich, polen, allemagne, espagne, italie, belgique, suisse, autriche, alemania, "
        "francia, espana, italia, "
        "paises bajos, belgica, suiza, portogallo, germania, niemcy, francja, wlochy, "
        "hiszpania, polska, greece, cyprus, malta, iceland"
    ),
    "payment": _set(
        "credit card, debit card, card, cash, paypal, invoice, bank transfer, direct debit, kreditkarte, "
        "rechnung, lastschrift, "
        "bar, uberweisung, carte, carte bancaire, virement, especes, cheque, tarjeta, "
        "efectivo, transferencia, ideal, klarna, sepa"
    ),
}

#: Answers in their order; answers of one line, separated by =, are the same step.
_ORDERS = (
    "never, rarely=seldom, sometimes=occasionally, often=frequently, very often, always",
    "nie, selten, manchmal=gelegentlich, oft=haufig, sehr oft, immer",
    "jamais, rarement, parfois, souvent, tres souvent, toujours",
    "nunca, rara vez=raramente, a veces, a menudo=con frecuencia=frecuentemente, casi siempre, siempre",
    "nooit, zelden, soms, vaak, altijd",
    "mai, raramente, a volte, spesso, sempre",
    "nigdy, rzadko, czasami, czesto, zawsze",
    "very low, low, medium=middle=mid=moderate=normal=average, high, very high",
    "very small, small=s, medium=m, large=l=big, very large=xl, xxl",
    "sehr niedrig, niedrig=gering, mittel, hoch, sehr hoch",
    "klein, mittel, gross, sehr gross",
    "tres faible, faible=bas=basse, moyen=moyenne, eleve=elevee=fort=haut=haute, tres eleve",
    "petit=petite, moyen=moyenne, grand=grande, tres grand",
    "muy bajo=muy baja, bajo=baja, medio=media, alto=alta, muy alto=muy alta",
    "laag, gemiddeld=midden, hoog",
    "basso=bassa, medio=media, alto=alta",
    "niski=niska, sredni=srednia, wysoki=wysoka",
    "none, bronze, silver, gold, platinum, diamond",
    "basic=free, standard, plus, premium",
    "strongly disagree=totally disagree, disagree, somewhat disagree, "
    "neutral=neither agree nor disagree=undecided, "
    "somewhat agree, agree, strongly agree=totally agree",
    "stimme gar nicht zu=trifft gar nicht zu=stimme uberhaupt nicht zu, "
    "stimme nicht zu=trifft nicht zu=stimme eher nicht zu=trifft eher nicht zu, "
    "teils teils=neutral=weder noch, stimme eher zu=trifft eher zu, stimme zu=trifft zu, "
    "stimme voll zu=trifft voll zu=stimme voll und ganz zu",
    "pas du tout d accord, pas d accord=plutot pas d accord, neutre=ni d accord ni pas d accord, "
    "plutot d accord=d accord, tout a fait d accord",
    "muy en desacuerdo=totalmente en desacuerdo, en desacuerdo, "
    "neutral=indiferente=ni de acuerdo ni en desacuerdo, de acuerdo, muy de acuerdo=totalmente de acuerdo",
    "very dissatisfied=very unsatisfied, dissatisfied=unsatisfied, neutral, satisfied, very satisfied",
    "sehr unzufrieden, unzufrieden, neutral=teils teils, zufrieden, sehr zufrieden",
    "tres insatisfait, insatisfait, neutre, satisfait, tres satisfait",
    "muy insatisfecho, insatisfecho, neutral, satisfecho, muy satisfecho",
    "very poor=very bad, poor=bad, fair=average, good, very good, excellent",
    "muy mala=muy malo, mala=malo, regular, buena=bueno, muy buena=muy bueno, excelente",
    "schlecht, mittel=mittelmassig, gut, sehr gut, ausgezeichnet",
    "mauvais=mauvaise, moyen=moyenne, bon=bonne, tres bon=tres bonne, excellent=excellente",
    "none=illiterate, primary=basic=elementary=basic 4y, basic 6y, basic 9y=lower secondary, "
    "secondary=high school=highschool=upper secondary=professional course, college=some college=associate, "
    "bachelor=bachelors=graduation=graduate=undergraduate=tertiary=university=university degree, "
    "master=masters=2n cycle=2nd cycle=second cycle=postgraduate, phd=doctorate=doctoral=ph d",
    "ohne abschluss=kein abschluss, hauptschule=hauptschulabschluss, realschule=mittlere reife, "
    "abitur=fachabitur, ausbildung=lehre, "
    "bachelor=fachhochschule=hochschule=studium, master=diplom=universitat, promotion=doktor",
    "sans diplome=aucun, primaire, brevet=college, cap=bep=cap bep, bac=baccalaureat=lycee, bac 2=bts, "
    "bac 3=licence, bac 5=master, doctorat",
    "sin estudios, primaria=primarios, secundaria=secundarios=eso, bachillerato, fp=formacion profesional, "
    "universitario=universitaria=universidad=universitarios=grado, "
    "master=posgrado, doctorado",
    "month to month=monthly=1 month=one month, quarterly, half yearly, one year=1 year=yearly=annual, "
    "two year=2 year=two years=2 years, three year=3 year=three years=3 years",
    "new, beginner, intermediate, advanced, expert",
)
_SCALES: tuple[dict[str, int], ...] = tuple(
    {folded(w): place for place, step in enumerate(order.split(","), 1) for w in step.split("=")}
    for order in _ORDERS
)
_PERIODS = {
    "day": 365.0,
    "week": 52.0,
    "month": 12.0,
    "quarter": 4.0,
    "year": 1.0,
    "tag": 365.0,
    "woche": 52.0,
    "monat": 12.0,
    "quartal": 4.0,
    "jahr": 1.0,
    "jour": 365.0,
    "semaine": 52.0,
    "mois": 12.0,
    "an": 1.0,
    "dia": 365.0,
    "semana": 52.0,
    "mes": 12.0,
    "ano": 1.0,
}
_COUNTS = {
    "one": 1,
    "once": 1,
    "two": 2,
    "twice": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "einmal": 1,
    "zweimal": 2,
    "dreimal": 3,
    "zwei": 2,
    "drei": 3,
    "sechs": 6,
    "deux": 2,
    "trois": 3,
    "una": 1,
    "dos": 2,
    "tres": 3,
    "seis": 6,
}
_DAILY = {
    "daily": 365.0,
    "weekly": 52.0,
    "monthly": 12.0,
    "quarterly": 4.0,
    "yearly": 1.0,
    "annually": 1.0,
    "taglich": 365.0,
    "wochentlich": 52.0,
    "monatlich": 12.0,
    "jahrlich": 1.0,
    "never": 0.0,
    "nie": 0.0,
    "jamais": 0.0,
    "nunca": 0.0,
}
_NUMBER = r"\d[\d.,' ]*"


def ordered(answers: list[str]) -> dict[str, float] | None:
    """Give numbers to answers that have an order, or nothing if they have none.

    Parameters
    ----------
    answers
        All texts of a column.

    Examples
    --------
    >>> ordered(["high", "low", "medium"])
    {'low': 1, 'medium': 2, 'high': 3}
    >>> ordered(["-1", "0", "I love it!+1"])
    {'-1': -1, '0': 0, 'I love it!+1': 1}
    >>> ordered(["18-24", "65+", "25-64"])
    {'18-24': 1, '25-64': 2, '65+': 3}
    >>> ordered(["Never", "More than once a week", "Once a week", "Every three months"])
    {'Never': 1, 'Every three months': 2, 'Once a week': 3, 'More than once a week': 4}
    >>> ordered(["red", "green", "blue"]) is None
    True
    """
    if not 3 <= len(answers) <= 30:
        return None
    for scale in _SCALES:
        if all(folded(a) in scale for a in answers):
            places = {a: scale[folded(a)] for a in answers}
            return _stepwise(places) if len(set(places.values())) >= 3 else None
    for read in (_leading, _trailing, _frequency, _band):
        places = {a: read(a) for a in answers}
        if None not in places.values() and len(set(places.values())) == len(answers):
            whole = read in (_leading, _trailing)
            return _sorted(places) if whole else _stepwise(places)
    return None


def _sorted(places: dict[str, float]) -> dict[str, float]:
    return {a: int(n) for a, n in sorted(places.items(), key=lambda item: item[1])}


def _stepwise(places: dict[str, float]) -> dict[str, float]:
    """Give answers the numbers 1, 2, … in their order."""
    steps = {place: n for n, place in enumerate(sorted(set(places.values())), 1)}
    return {a: steps[p] for a, p in sorted(places.items(), key=lambda item: item[1])}


def _leading(answer: str) -> float | None:
    """Read '1) under 100' or '2 - agree' as its number."""
    found = re.match(r"\s*(\d{1,2})\s*(?:[).:=]\s+|\s[-–=]\s+)\D*[^\d\s]", answer)
    return float(found[1]) if found else None


def _trailing(answer: str) -> float | None:
    """Read 'I hate it!-5', '(3)' or '+2' as its number."""
    found = re.fullmatch(r"[^\d+-]*?\(?([+-]?\d{1,2})\)?\s*", answer)
    return float(found[1]) if found else None


def _band(answer: str) -> float | None:
    """Read '18-24', '< 18', '65+' or '$1,000 - $2,000' as its lower end."""
    plain = re.sub(
        r"[$€£%]|\b(?:eur|usd|gbp|years?|jahre?|ans|anos|años|k)\b", "", answer.strip().lower()
    ).strip()
    found = re.fullmatch(
        rf"({_NUMBER})(?:\s*(?:-|–|to|bis|a|à|and)\s*{_NUMBER}|\s*\+|\s*(?:and|or) (?:more|over|older))",
        plain,
    )
    if found:
        return _plain(found[1])
    above = re.fullmatch(
        rf"(?:>=?|over|more than|above|uber|über|ab|plus de|mas de|más de)\s*({_NUMBER})\+?", plain
    )
    below = re.fullmatch(rf"(?:<=?|under|less than|below|unter|bis|moins de|menos de)\s*({_NUMBER})", plain)
    return _plain(above[1]) if above else _plain(below[1]) - 1e9 if below else None


def _plain(number: str) -> float:
    """Read a number in a band, in which points and commas group thousands."""
    digits = re.sub(r"[.,' ](?=\d{3}(?:\D|$))", "", number.strip()).replace(",", ".").strip(". ")
    return float(re.sub(r"[^\d.]", "", digits) or 0)


def _frequency(answer: str) -> float | None:
    """Read 'once a month' as times a year."""
    text = folded(answer)
    if text in _DAILY:
        return _DAILY[text]
    more = (
        1.5
        if re.match(r"(more|mehr|ofter|plus|mas)\b", text)
        else 0.7
        if re.match(r"(less|weniger|moins|menos)\b", text)
        else 1.0
    )
    words = text.split()
    period = next(
        (
            _PERIODS[p]
            for w in words
            for p in (w, w.rstrip("s"), w.rstrip("en"), w.rstrip("e"))
            if p in _PERIODS
        ),
        None,
    )
    if period is None:
        return None
    count = next((float(_COUNTS.get(w, w)) for w in words if w in _COUNTS or w.isdigit()), 1.0)
    if words[0] in ("every", "alle", "jeden", "jede", "chaque", "tous", "cada", "each"):
        return more * period / count
    return (
        more * period * count
        if count > 1 or re.search(r"\b(once|time|times|a|per|pro|im|par|al|por|in)\b", text)
        else None
    )
