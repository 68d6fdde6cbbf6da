"""What columns of personal data are called in seven languages."""

from __future__ import annotations

import re

from seglib.privacy.personal.identifiers import ADDRESS, BIRTH, CARD, EMAIL, IBAN, NAME, NATIONAL_ID, PHONE
from seglib.vocabulary import words_of

#: What columns of personal data are called, folded: English, German, French, Spanish, Italian, Dutch, Polish.
_CALLED = {
    EMAIL: "email, e mail, mail, e mails, emails, correo, correo electronico, courriel, adresse mail, "
    "adresse email, mailadresse, emailadresse, e mail adresse, e mail adres, emailadres, adres email, "
    "posta elettronica, indirizzo email",
    PHONE: "phone, telephone, telefon, telefono, telefoon, tel, mobile, mobil, movil, cell, cellphone, "
    "cell phone, mobile phone, handy, gsm, portable, cellulare, celular, fax, telefonnummer, rufnummer, "
    "mobilnummer, handynummer, telefoonnummer, mobieltje, komorka, telefonu, msisdn",
    CARD: "card, credit card, creditcard, debit card, payment card, cc, pan, kreditkarte, "
    "kreditkartennummer, carte bancaire, carte de credit, tarjeta, tarjeta de credito, carta di credito, "
    "creditcardnummer, karta kredytowa",
    IBAN: "iban, bank account, kontonummer, konto, bankkonto, bankverbindung, rekeningnummer, "
    "compte bancaire, cuenta bancaria, conto bancario, rib",
    NATIONAL_ID: "ssn, social security, social insurance, nino, national insurance, nhs, national id, "
    "nationalid, passport, reisepass, pasaporte, passeport, passaporto, paspoort, personalausweis, "
    "ausweis, steuer id, steuerid, steuernummer, sozialversicherung, sozialversicherungsnummer, tax id, "
    "tin, bsn, burgerservice, burgerservicenummer, dni, nif, nie, codice fiscale, codicefiscale, pesel, "
    "nir, securite sociale, numero de securite sociale, personnummer, cpr, cpf, driving licence, "
    "drivers license, driver license, fuhrerschein",
    ADDRESS: "address, adresse, anschrift, street, street address, address line, strasse, straat, "
    "straatnaam, rue, calle, direccion, domicilio, indirizzo, adres, ulica, ip, ip address, ip adresse, "
    "hausnummer, house number, huisnummer, strasse hausnummer",
    NAME: "name, names, fullname, full name, first name, firstname, last name, lastname, surname, "
    "given name, forename, family name, middle name, maiden name, vorname, nachname, familienname, "
    "zuname, nom, prenom, nom de famille, nombre, apellido, apellidos, nombre completo, naam, voornaam, "
    "achternaam, cognome, nome, imie, nazwisko, vor und nachname, kundenname, username, user name, login",
    BIRTH: "dob, birth date, birthdate, date of birth, birthday, geburtsdatum, geburtstag, "
    "date de naissance, naissance, fecha de nacimiento, nacimiento, geboortedatum, data di nascita, "
    "data urodzenia",
}
_BY_NAME = {name.strip(): kind for kind, names in _CALLED.items() for name in names.split(",")}
#: Words that may stand before or after such a name.
_BESIDE = frozenset(
    re.findall(
        r"\w+",
        "the a of de del di du des van customer customers client user contact person personal private privat "
        "work home office business primary secondary main other billing shipping delivery account holder "
        "number numbers no nr num numero nummer id address "
        "adresse adres kunde kunden klant cliente 1 2 3 text raw value full",
    )
)


def called(name: object) -> str | None:
    """Give the kind of personal data that a column's name promises.

    Examples
    --------
    >>> called("E-Mail"), called("customerSurname"), called("Téléphone 2"), called("product name")
    ('e-mail address', 'personal name', 'phone number', None)
    """
    words = [word for word in words_of(name) if word.isascii()]
    spans = [(i, j) for i in range(len(words)) for j in range(len(words), i, -1)]
    for i, j in sorted(spans, key=lambda span: span[0] - span[1]):
        kind = _BY_NAME.get(" ".join(words[i:j]))
        if kind and set(words[:i] + words[j:]) <= _BESIDE:
            return kind
    return None
