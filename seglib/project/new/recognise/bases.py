"""Which basis a column belongs to, or why to none."""

from __future__ import annotations

from dataclasses import dataclass

from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.levels import Level, batteries
from seglib.project.new.recognise.words import says, words

#: The basis of every role of the customers that says something about them.
OF_ROLES: dict[str, str] = {
    **dict.fromkeys(
        (
            "birth_date",
            "birth_year",
            "gender",
            "income",
            "education",
            "occupation",
            "marital_status",
            "household",
            "children",
        ),
        "demographic",
    ),
    **dict.fromkeys(
        ("country", "region", "city", "postcode", "city_size", "urban", "latitude", "longitude"), "geographic"
    ),
    **dict.fromkeys(
        ("industry", "employees", "revenue", "previous_revenue", "founded", "firm_country"), "firmographic"
    ),
    **dict.fromkeys(("device", "operating_system", "browser", "app_version"), "technographic"),
    "payment": "purchase_cycle",
    "category_spend": "value",
}
#: What columns of a basis are called, in the languages of `names`.
_NAMES: dict[str, str] = {
    "demographic": (
        "age, age group, age band, age range, senior citizen, senior, partner, dependents, dependent, "
        "marital, family, family size, teenhome, teen, kids, "
        "children, ethnicity, race, religion, nationality, home owner, homeowner, own home, generation, "
        "retired, student, language?, "
        "alter, altersgruppe, rentner, sprache?, familie, konfession, edad, grupo edad, idioma?, "
        "familia, tranche age, classe age, "
        "retraite, langue?, proprietaire, leeftijd, leeftijdsgroep, eta, fascia eta, wiek, grupa "
        "wiekowa, married, ledig, verheiratet"
    ),
    "geographic": (
        "country, region, city, state, location, postcode, zip, climate, distance to store, distance, "
        "territory, market area?, entfernung, "
        "filiale?, wohnlage, agence, quartier, barrio, distrito, sede?, vestiging, zona, nearest store, area?"
    ),
    "psychographic": (
        "lifestyle, attitude, interest, value orientation, hobby, personality, opinion, like, liking, "
        "brand image, motivation, "
        "lebensstil, interesse, einstellung, style de vie, attitude, interet, estilo de vida, interes, "
        "actitud, levensstijl, "
        "stile di vita, interesse, styl zycia, zainteresowanie"
    ),
    "needs": (
        "need, pain point, importance, satisfaction, nps, wish, expectation, rating?, bedurfnis, "
        "zufriedenheit, wichtigkeit, "
        "erwartung, besoin, satisfaction, attente, necesidad, satisfaccion, expectativa, behoefte, "
        "tevredenheid, bisogno, "
        "soddisfazione, potrzeba, zadowolenie, condition?, diagnosis, symptom, motivo, motif, grund?, "
        "diagnose, diagnostic, diagnostico, diagnosi, diagnoza, "
        "valoracion, bewertung, beoordeling, valutazione, ocena"
    ),
    "firmographic": (
        "company size, sector, industry, legal form, profit, profits, employee, branch of industry, "
        "rank, firm, ownership, public, rechtsform, "
        "gewinn, unternehmensgrosse, forme juridique, benefice, taille entreprise, forma juridica, "
        "beneficio, rechtsvorm, winst, "
        "forma giuridica, utile, forma prawna, zysk"
    ),
    "technographic": (
        "device, browser, operating system, os, phone service, phone, internet, internet service, online "
        "security, online backup, device protection, tech support, "
        "multiple lines, streaming, streaming tv, streaming movies, app, software, platform, traffic "
        "type?, wifi, email client, smart, online?, "
        "gerat, betriebssystem, appareil, navigateur, dispositivo, navegador, technologie, banque en "
        "ligne, online banking, app movil"
    ),
    "purchase_cycle": (
        "contract, contract type, paperless billing, billing, payment, payment method, lifecycle, life "
        "cycle, stage, customer status, newbie, new customer, "
        "returning, visitor type, first time, renewal, subscription type, plan?, vertrag, vertragsart, "
        "abo, neukunde, kundenstatus, "
        "contrat, abonnement, statut client, nouveau client, contrato, estado cliente, cliente nuevo, "
        "abonnement, klantstatus, "
        "contratto, stato cliente, umowa, nowy klient, loyalty status, tarif, seguro?"
    ),
    "value": (
        "amount, total, spend, spent, spending, revenue, charge, charges, monthly charges, total "
        "charges, balance, value, ltv, clv, lifetime value, turnover, sales, "
        "margin, profit, history, mnt, price, fee, page value, credit limit, wallet, annual spend, net "
        "worth, umsatz, "
        "kundenwert, saldo, kontostand, deckungsbeitrag, betrag, vermogen, ausgaben, beitrag, guthaben, "
        "chiffre affaires, solde, montant, depense, valeur, encours, "
        "marge, epargne, gasto, gastado, saldo, importe, valor, facturado, ventas, cuota, omzet, "
        "besteding, waarde, spesa, valore, saldo, "
        "wydatki, wartosc, obrot, kwota"
    ),
    "behavioural": (
        "recency, frequency, tenure, visit, visits, purchase, purchases, order, orders, usage, use, "
        "click, session, login, duration, channel, contact, "
        "campaign, accepted, accepted cmp, response, responded, churn, churned, exited, attrition, "
        "cancelled, complain, complaint, loyalty, "
        "previous, poutcome, pday, days since, days between, last purchase, bounce, bounce rate, exit "
        "rate, page, conversion, weekend, month, day, hour, special day, month?, product, "
        "number of products, has card, loan, credit, credit card, deposit, mortgage, insurance, account, "
        "newsletter, returns, call, minutes, data usage, deal, web, catalog, store, "
        "administrative, informational, active, bestellung, anzahl bestellungen, besuch, kauf, nutzung, "
        "kundigung, gekundigt, reklamation, "
        "newsletter, letzter kauf, kredit, achat, commande, visite, frequence, utilisation, anciennete, "
        "resiliation, "
        "resilie, nb produits, credit, carte, derniere visite, compra, pedido, visita, frecuencia, "
        "antiguedad, baja, cita, citas, uso, queja, "
        "aankoop, bezoek, bestelling, opgezegd, klacht, acquisto, visita, ordine, disdetta, reclamo, "
        "zakup, wizyta, zamowienie, "
        "rezygnacja, skarga, appointments, no show"
    ),
}
#: Attributes by which segments are never formed unless the params say so.
PROTECTED = (
    "age, birth, birth date, birth year, year birth, gender, sex, senior, senior citizen, ethnicity, "
    "race, religion, nationality, health, "
    "disability, diagnosis, condition?, blood, bmi, smoker, disease, pregnant, alter, altersgruppe, "
    "geburtsjahr, geschlecht, religion, konfession, "
    "gesundheit, krankheit, diagnose, behinderung, age, tranche age, sexe, sante, maladie, handicap, "
    "edad, sexo, salud, enfermedad, diagnostico, "
    "alergia, fumador, leeftijd, geslacht, gezondheid, eta, sesso, salute, malattia, fumatore, wiek, "
    "plec, zdrowie, choroba, grupo edad, "
    "classe age, leeftijdsgroep, fascia eta, grupa wiekowa"
)
#: What columns are called that say a customer has left or is about to.
RISK = (
    "churn, churned, exited, attrition, cancelled, canceled, left, lapsed, lost, inactive, gekundigt, "
    "kundigung, abgewandert, resilie, resiliation, "
    "parti, depart, baja, abandono, cancelado, opgezegd, vertrokken, disdetta, abbandono, rezygnacja, odszedl"
)
_TOTAL = (
    "total, total charge, lifetime value, ltv, clv, revenue, annual spend, umsatz, kundenwert, solde, "
    "chiffre affaires, gasto, gasto total, omzet, fatturato, obrot"
)
#: Columns of which more is better, where there is no value.
_GOOD = (
    "visit frequency, frequency, visits, like, liking, satisfaction, loyalty, nps, purchases, orders, "
    "usage, recommendation, "
    "zufriedenheit, haufigkeit, besuche, nutzung, frequence, visites, fidelite, frecuencia, visitas, "
    "satisfaccion, lealtad"
)
_RESERVED = ("customer", "key", "segment", "margin")


@dataclass(frozen=True)
class Place:
    """Where a column belongs.

    Attributes
    ----------
    basis
        Its basis; empty if it is left out.
    reason
        Why it is left out, or why the guess should be looked at; empty where it need not be.
    """

    basis: str
    reason: str = ""


def places(
    columns: dict[str, Column],
    levels: dict[str, Level],
    roles: dict[str, str],
    personal: dict[str, str],
    derived: tuple[str, ...] = (),
    customers: int | None = None,
) -> dict[str, Place]:
    """Give every column its basis, or the reason why it has none.

    Parameters
    ----------
    columns
        By name.
    levels
        Of the columns.
    roles
        By column, the role that it plays.
    personal
        By column, the kind of personal data that it holds.
    derived
        Names that the run derives itself.
    customers
        How many customers there are; as many as entries if absent.
    """
    made: dict[str, Place] = {}
    for name, column in columns.items():
        out = _left_out(column, levels[name].level, personal.get(name), derived, customers)
        if out:
            made[name] = Place("", out)
        elif roles.get(name) in OF_ROLES:
            made[name] = Place(OF_ROLES[roles[name]])
        elif basis := _named(name):
            made[name] = Place(basis)
    made |= _families(columns, made)
    rest = [c for n, c in columns.items() if n not in made]
    items = {name for battery in batteries(rest) for name in battery}
    firmographic = any(r in ("industry", "employees", "founded") for r in roles.values())
    for column in rest:
        made[column.name] = _unnamed(column, levels[column.name], column.name in items, firmographic)
    return {name: made[name] for name in columns}


def _named(name: str) -> str:
    """Give the basis that a name speaks for most, or nothing."""
    scores = {basis: says(name, listed) for basis, listed in _NAMES.items()}
    best = max(scores, key=lambda basis: scores[basis])
    return best if scores[best] >= 0.5 else ""


def _families(columns: dict[str, Column], made: dict[str, Place]) -> dict[str, Place]:
    """Keep columns together whose names begin alike, where that word alone says a basis: MntWines, MntMeatProducts."""
    found: dict[str, list[str]] = {}
    for name in (n for n in columns if n not in made or made[n].basis):
        found.setdefault(words(name)[0] if words(name) else "", []).append(name)
    kept = {first: names for first, names in found.items() if len(names) >= 3 and first and _named(first)}
    return {name: Place(_named(first)) for first, names in kept.items() for name in names}


def _unnamed(column: Column, level: Level, item: bool, firmographic: bool) -> Place:
    if item:
        return Place("psychographic", "one of a battery of items with the same answers")
    if level.numbers and {"love", "hate", "like"} & {w for a in column.texts for w in a.split()}:
        return Place("psychographic", "its answers say liking")
    if firmographic:
        return Place("firmographic", "nothing in its name says what it is; the table is one of firms")
    return Place("behavioural", "nothing in its name says what it is")


def _left_out(
    column: Column, level: str, personal: str | None, derived: tuple[str, ...], customers: int | None
) -> str:
    """Say why a column neither forms nor describes segments, or nothing."""
    known = min(column.known, customers or column.known)
    if column.holds == "nothing":
        return "holds nothing that can be read" if column.known else "missing in every row"
    if column.distinct <= 1:
        return "the same in all rows"
    if personal:
        return f"personal data: {personal}"
    if column.name in _RESERVED or column.name in derived:
        return "the run uses this name itself; rename it in the source if it is needed"
    if column.holds == "time":
        return "dates: a run needs numbers, as in days since then"
    if (
        says(column.name, "id, uuid, guid, identifier, key, row number, index?") >= 0.6
        and column.distinct > 20
    ):
        return "an id"
    if (column.holds == "text" or level == "nominal") and column.distinct > max(20, 0.5 * known):
        return f"{column.distinct:,} different answers in {known:,} rows: ids, names or free text"
    if column.holds == "text" and column.answers == {} and column.values.str.len().mean() > 40:
        return f"{column.distinct:,} different texts: free text"
    return ""


def protected(name: str, role: str | None = None) -> bool:
    """Tell whether a column says age, gender, ethnicity, health or religion."""
    return role in ("birth_date", "birth_year", "gender") or says(name, PROTECTED) >= 0.6


def risk(columns: dict[str, Column]) -> str | None:
    """Find the column that says yes of customers who have left."""
    said = {n: says(n, RISK) for n, c in columns.items() if c.flag}
    best = max(said, key=lambda n: said[n], default=None)
    return best if best is not None and said[best] >= 0.5 else None


def worth(columns: dict[str, Column], levels: dict[str, Level], placed: dict[str, Place]) -> str | None:
    """Find the column that holds what a customer is worth: of those of value, that of a total."""
    there = [
        n
        for n, p in placed.items()
        if p.basis == "value" and levels[n].level == "ratio" and columns[n].distinct > 10
    ]
    firm = [
        n
        for n, p in placed.items()
        if p.basis == "firmographic" and says(n, _NAMES["value"]) >= 0.9 and columns[n].distinct > 10
    ]
    total = [n for n in there if says(n, _TOTAL) >= 0.5] or (there if len(there) == 1 else [])
    return max(total or firm, key=lambda n: says(n, _TOTAL), default=None)


def goods(levels: dict[str, Level], placed: dict[str, Place]) -> list[str]:
    """List columns that can be numbers and of which more is better: visits, liking, satisfaction."""
    numeric = [
        n for n, v in levels.items() if v.level in ("ordinal", "ratio", "interval") and placed[n].basis
    ]
    return [n for n in numeric if says(n, _GOOD) >= 0.6][:3]
