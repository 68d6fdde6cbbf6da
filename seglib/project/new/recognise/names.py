"""What columns are called: by kind of source and role, in seven languages.

English, German, French, Spanish, Dutch, Italian, Polish; a question mark says that a name is weak.
"""

from __future__ import annotations

_CUSTOMER = (
    "customer id, customer, customer no, customer number, customer key, customer code, cust id, cust no, "
    "cust, client id, "
    "client, client no, client number, user id, user, uid, account id, account no, account number, "
    "member id, member, "
    "member no, id?, subscriber id, household key, patient id, patient, guest id, buyer id, buyer, "
    "contact id, person id, shopper id, "
    "kunde, kunden nr, kundennr, kundennummer, kunden nummer, kunden id, kdnr, kd nr, mitglied, "
    "mitglied nr, mitgliedsnummer, nutzer id, "
    "id client, numero client, no client, num client, code client, identifiant client, identifiant?, "
    "adherent, num adherent, "
    "cliente, id cliente, cliente id, codigo cliente, numero cliente, num cliente, paciente, id paciente, "
    "paciente id, "
    "socio, numero socio, usuario, id usuario, klant, klant nr, klantnr, klantnummer, klant id, "
    "codice cliente, "
    "utente, id utente, paziente, klient, klient id, id klienta, klienta id, numer klienta, nr klienta, "
    "pacjent"
)
_TIME = (
    "time, date, datetime, timestamp, date time, order date, order time, invoice date, purchase date, "
    "transaction date, "
    "transaction time, transaction dt, txn date, sale date, sales date, booking date, event time, "
    "event date, visit date, "
    "created at, created?, ordered at, bought at, dt, day, datum, bestelldatum, bestell datum, kaufdatum, "
    "rechnungsdatum, belegdatum, buchungstag, "
    "buchungsdatum, zeitpunkt, zeit, uhrzeit?, date commande, date achat, date facture, date operation, "
    "date visite, jour, "
    "horodatage, fecha, fecha pedido, fecha compra, fecha factura, fecha visita, fecha hora, hora?, "
    "orderdatum, "
    "besteldatum, aankoopdatum, factuurdatum, tijd, tijdstip, data, data ordine, data acquisto, "
    "data fattura, data ora, "
    "data zakupu, data zamowienia, data transakcji, czas, data sprzedazy"
)
_CHANNEL = (
    "channel, sales channel, source?, medium, kanal, vertriebskanal, bestellkanal, canal, canal de vente, "
    "canal venta, kanaal, "
    "canale, kanal sprzedazy, contact channel, touchpoint"
)
_DEVICE = (
    "device, device type, device category, platform?, gerat, geraet, geratetyp, endgerat, appareil, "
    "terminal, dispositivo, "
    "apparaat, toestel, urzadzenie"
)
_SYSTEM = (
    "operating system, os, os name, betriebssystem, systeme exploitation, sistema operativo, "
    "besturingssysteem, system operacyjny"
)
_BROWSER = "browser, web browser, navigateur, navegador, przegladarka"
_APP = "app version, application version, version app, appversion, version aplicacion"
_PAYMENT = (
    "payment method, payment, payment type, payment mode, paid by, tender, zahlungsart, zahlungsmethode, "
    "zahlungsweise, "
    "bezahlung, mode de paiement, moyen de paiement, paiement, forma de pago, metodo de pago, "
    "medio de pago, pago?, "
    "betaalwijze, betaalmethode, metodo di pagamento, pagamento, metoda platnosci, forma platnosci, platnosc"
)
_SECONDS = (
    "second, seconds, duration, dwell time, time spent, sekunden, dauer, duree, duracion, duur, durata, "
    "czas trwania"
)

#: By kind and role.
NAMES: dict[str, dict[str, str]] = {
    "customers": {
        "customer": _CUSTOMER.replace("id?", "id") + ", key?",
        "consent": (
            "consent, may profile, opt in, optin, gdpr, gdpr consent, profiling consent, "
            "marketing consent, permission, "
            "consented, allowed?, einwilligung, werbeeinwilligung, zustimmung, dsgvo, consentement, rgpd, "
            "accord?, consentimiento, "
            "acepta?, autoriza, toestemming, consenso, zgoda, rodo"
        ),
        "purposes": (
            "purpose, purposes, consent purpose, zweck, zwecke, finalite, finalidad, doel, finalita, cel"
        ),
        "registered": (
            "registered, registration date, registered at, registered on, sign up date, signup, signed up, "
            "signup date, joined, join date, date joined, "
            "member since, customer since, created at, created, enrolled, enrolment date, enrollment date, "
            "dt customer, "
            "first seen, account opened, opened?, "
            "kunde seit, registriert, registriert am, registrierung, registrierungsdatum, anmeldedatum, "
            "eintritt, angelegt am, mitglied seit, date inscription, inscription, "
            "date creation, client depuis, date entree, date ouverture, fecha alta, alta, fecha registro, "
            "fecha ingreso, cliente desde, "
            "registratiedatum, klant sinds, data registrazione, cliente dal, iscrizione, data iscrizione, "
            "data rejestracji, klient od, data dolaczenia"
        ),
        "birth_date": (
            "birth date, date of birth, dob, birthday, birthdate, geburtsdatum, geburtstag, geb datum, "
            "date de naissance, "
            "date naissance, naissance, ddn, fecha nacimiento, fecha de nacimiento, nacimiento, "
            "geboortedatum, data nascita, "
            "data di nascita, data urodzenia"
        ),
        "birth_year": (
            "birth year, year birth, year of birth, yob, born, geburtsjahr, annee naissance, "
            "annee de naissance, "
            "ano nacimiento, ano de nacimiento, geboortejaar, anno nascita, anno di nascita, rok urodzenia"
        ),
        "gender": (
            "gender, sex, geschlecht, anrede?, salutation?, genre, sexe, civilite?, sexo, genero, "
            "geslacht, sesso, genere, plec"
        ),
        "income": (
            "income, annual income, household income, yearly income, salary, earnings, wage, einkommen, "
            "haushaltseinkommen, "
            "jahreseinkommen, nettoeinkommen, gehalt, revenu, revenu annuel, revenu foyer, salaire, "
            "ingreso, ingreso anual, renta, salario, "
            "sueldo, inkomen, reddito, stipendio, dochod, zarobki, wynagrodzenie"
        ),
        "education": (
            "education, education level, degree, school, bildung, bildungsabschluss, schulabschluss, "
            "abschluss, ausbildung, "
            "niveau etudes, niveau d etudes, etudes, formation, diplome, educacion, nivel estudios, "
            "nivel de estudios, estudios, escolaridad, "
            "opleiding, opleidingsniveau, istruzione, titolo di studio, wyksztalcenie"
        ),
        "occupation": (
            "occupation, job, profession, job title, employment, work status, beruf, tatigkeit, "
            "berufsgruppe, metier, csp, categorie socioprofessionnelle, emploi, "
            "ocupacion, profesion, trabajo, beroep, professione, occupazione, zawod"
        ),
        "marital_status": (
            "marital status, marital, civil status, relationship status, familienstand, "
            "situation familiale, situation matrimoniale, "
            "etat civil, statut marital, estado civil, burgerlijke staat, stato civile, stan cywilny"
        ),
        "household": (
            "household size, household, hh size, persons in household, household member, family size, "
            "haushaltsgrosse, "
            "haushaltsgroesse, personen im haushalt, haushalt, taille foyer, taille menage, "
            "taille du foyer, foyer?, tamano hogar, personas hogar, hogar?, "
            "gezinsgrootte, huishouden, componenti nucleo, nucleo familiare, wielkosc gospodarstwa, "
            "liczba osob"
        ),
        "children": (
            "children, child, kids, kid, kidhome, kids home, num children, number of children, "
            "no of children, children count, kinder, anzahl kinder, kinderzahl, enfants, "
            "enfant, nb enfants, nombre enfants, hijos, hijo, num hijos, numero hijos, kinderen, "
            "aantal kinderen, figli, numero figli, dzieci, liczba dzieci"
        ),
        "country": "country, country code, nation, land, staat, pays, pais, paese, nazione, kraj, panstwo",
        "region": (
            "region, state, province, county, area?, district?, territory, bundesland, kanton, "
            "departement, comunidad, "
            "comunidad autonoma, provincia, provincie, regio, regione, wojewodztwo, zone?, zona?, prefecture"
        ),
        "city": (
            "city, town, municipality, location?, place?, stadt, ort, wohnort, gemeinde, ville, commune, "
            "lieu?, ciudad, municipio, localidad, poblacion?, "
            "plaats, woonplaats, stad, citta, comune, miasto, miejscowosc"
        ),
        "postcode": (
            "postcode, postal code, post code, zip, zip code, zipcode, plz, postleitzahl, code postal, cp, "
            "codigo postal, "
            "cap, kod pocztowy"
        ),
        "city_size": (
            "city size, population, inhabitants, town size, einwohner, ortsgrosse, ortsgroesse, "
            "einwohnerzahl, habitants, nombre habitants, "
            "habitantes, inwoners, abitanti, mieszkancy, liczba mieszkancow"
        ),
        "urban": (
            "urban, urban rural, urbanity, urbanicity, area type, settlement, stadt land, siedlungstyp, "
            "urbain rural, "
            "zone urbaine, tipo zona, tipo de zona, stedelijk, tipo area, typ obszaru"
        ),
        "latitude": "latitude, lat, breitengrad, breite, latitud, latitudine, szerokosc geograficzna",
        "longitude": (
            "longitude, lon, lng, long, langengrad, laengengrad, longitud, longitudine, dlugosc geograficzna"
        ),
        "industry": (
            "industry, sector, branch?, sic, naics, nace, vertical, line of business, branche, "
            "wirtschaftszweig, secteur, secteur activite, "
            "secteur d activite, industria, sector actividad, sectore, settore, branza, bedrijfstak"
        ).replace("sector,", "sector?,", 1),
        "employees": (
            "employees, employee, number of employees, num employees, headcount, staff, fte, company size, "
            "mitarbeiter, mitarbeiterzahl, "
            "anzahl mitarbeiter, beschaftigte, effectif, salaries, nombre salaries, nb salaries, "
            "empleados, num empleados, plantilla, "
            "werknemers, medewerkers, dipendenti, pracownicy, liczba pracownikow"
        ),
        "revenue": (
            "revenue, annual revenue, turnover, sales, umsatz, jahresumsatz, chiffre affaires, "
            "chiffre d affaires, ca?, facturacion, "
            "ventas, omzet, jaaromzet, fatturato, ricavi, przychod, przychody, obrot"
        ),
        "previous_revenue": (
            "previous revenue, last year revenue, revenue last year, prior revenue, revenue previous year, "
            "revenue py, umsatz vorjahr, "
            "vorjahresumsatz, ca precedent, chiffre affaires precedent, facturacion anterior, "
            "omzet vorig jaar, fatturato precedente, przychod poprzedni"
        ),
        "founded": (
            "founded, year founded, founding year, established, gegrundet, grundungsjahr, gruendungsjahr, "
            "annee creation, "
            "fonde, ano fundacion, fundada, opgericht, oprichtingsjaar, anno fondazione, rok zalozenia"
        ),
        "firm_country": (
            "firm country, company country, headquarters country, hq country, country of seat, sitz, "
            "sitzland, firmensitz, pays siege, "
            "pais sede, land van vestiging, paese sede, kraj siedziby"
        ),
        "device": _DEVICE,
        "operating_system": _SYSTEM,
        "browser": _BROWSER,
        "app_version": _APP,
        "payment": _PAYMENT,
        "category_spend": (
            "category spend, total category spend, spend anywhere, wallet, wallet size, "
            "share of wallet base, market spend, "
            "gesamtbedarf, bedarf, budget categorie, gasto categoria, categorie uitgaven, spesa categoria"
        ),
    },
    "transactions": {
        "customer": _CUSTOMER,
        "time": _TIME,
        "order": (
            "order id, order, order no, order number, invoice, invoice no, invoice id, invoice number, "
            "receipt, receipt id, receipt no, basket id, "
            "basket, transaction id, transaction no, txn id, ticket, ticket id, bill no, booking id, "
            "document no, bestellnummer, bestellung, bestell nr, "
            "bestellnr, auftrag, auftrag nr, auftragsnummer, rechnung, rechnung nr, rechnungsnummer, "
            "beleg, belegnummer, bon, bon nr, "
            "commande, numero commande, no commande, id commande, facture, no facture, numero facture, "
            "pedido, id pedido, numero pedido, factura, "
            "num factura, ordernummer, bestelling, factuur, factuurnummer, bonnummer, ordine, "
            "numero ordine, id ordine, fattura, scontrino, "
            "zamowienie, numer zamowienia, id zamowienia, nr zamowienia, faktura, paragon"
        ),
        "product": (
            "product id, product, product code, product no, sku, item id, item, item code, article, "
            "article id, article no, stock code, stockcode, upc, ean, "
            "gtin, asin, isbn, material, plu, artikel, artikel nr, artikelnummer, artikelnr, produkt, "
            "produkt id, produktnummer, code article, "
            "reference, ref?, produit, code produit, ref produit, producto, articulo, codigo producto, "
            "codigo articulo, id producto, artikelcode, prodotto, "
            "articolo, codice prodotto, codice articolo, towar, kod produktu, id produktu, service?, "
            "treatment?, tratamiento, leistung?"
        ),
        "category": (
            "category, product category, product group, product type, department, product line, "
            "subcategory?, kategorie, warengruppe, produktgruppe, "
            "artikelgruppe, sortiment, categorie, categorie produit, rayon, famille, famille produit, "
            "gamme, categoria, categoria producto, familia, "
            "seccion, productgroep, reparto, kategoria, grupa produktow"
        ),
        "quantity": (
            "quantity, qty, units, unit, pieces, pcs, count?, number of items, number of cds, cds?, "
            "no of items, num items, volume?, menge, anzahl, "
            "stuck, stueck, stuckzahl, quantite, qte, nombre?, nb articles, cantidad, cant, unidades, "
            "aantal, hoeveelheid, "
            "stuks, quantita, qta, pezzi, ilosc, liczba, sztuki"
        ),
        "price": (
            "price, unit price, item price, price per unit, list price, selling price, unit cost?, preis, "
            "einzelpreis, stuckpreis, stueckpreis, prix, prix unitaire, pu, "
            "pu ht, precio, precio unitario, precio unidad, prijs, stukprijs, eenheidsprijs, prezzo, "
            "prezzo unitario, cena, cena jednostkowa"
        ),
        "amount": (
            "amount, total, total amount, line total, line amount, revenue, sales, sale amount, "
            "sales amount, value, order value, net amount, "
            "gross amount, total price, price total, spend, spent, paid, payment value, monetary, "
            "turnover, extended price, subtotal, "
            "dollar, dollars, dollar value, betrag, gesamtbetrag, gesamtpreis, gesamt, umsatz, summe, "
            "wert, warenwert, zeilenbetrag, nettobetrag, bruttobetrag, rechnungsbetrag, "
            "montant, montant total, total ttc, total ht, montant ttc, montant ht, importe, importe total, "
            "total linea, monto, valor, bedrag, totaal, totaalbedrag, regelbedrag, "
            "importo, totale, importo totale, valore, kwota, wartosc, suma, razem"
        ),
        "discount": (
            "discount, discount amount, discount rate, discount pct, rebate, markdown, coupon value, "
            "rabatt, nachlass, remise, reduction, rabais, descuento, "
            "dto, korting, sconto, rabat, znizka, upust"
        ),
        "cost": (
            "cost, costs, cogs, cost of goods, purchase cost, unit cost?, wareneinsatz, einkaufspreis, "
            "kosten, selbstkosten, cout, cout achat, cout revient, coste, costo, "
            "kostprijs, inkoopprijs, costo merce, koszt"
        ),
        "channel": _CHANNEL,
        "payment": _PAYMENT,
        "loyalty": (
            "loyalty, loyalty card, loyalty points, points, bonus points, club card, kundenkarte, "
            "bonuspunkte, treuepunkte, punkte, "
            "carte fidelite, fidelite, points fidelite, fidelidad, tarjeta fidelidad, puntos, "
            "klantenkaart, spaarpunten, "
            "carta fedelta, fedelta, punti, karta lojalnosciowa, punkty"
        ),
    },
    "events": {
        "customer": _CUSTOMER,
        "time": _TIME,
        "type": (
            "type, event, event type, event name, action, activity, interaction, typ, ereignis, aktion, "
            "evenement, type evenement, evento, tipo, "
            "tipo evento, accion, gebeurtenis, actie, azione, zdarzenie, typ zdarzenia, akcja"
        ),
        "session": (
            "session, session id, visit id, visit, sitzung, sitzung id, besuch, id session, seance, "
            "visite, sesion, id sesion, sessie, sessione, sesja, id sesji"
        ),
        "channel": _CHANNEL,
        "device": _DEVICE,
        "operating_system": _SYSTEM,
        "browser": _BROWSER,
        "app_version": _APP,
        "feature": (
            "feature, feature used, function, module, funktion, modul, fonction, fonctionnalite, funcion, "
            "modulo, functie, funzione, funkcja"
        ),
        "seconds": _SECONDS,
    },
    "responses": {
        "customer": _CUSTOMER + ", respondent, respondent id, teilnehmer, repondant, encuestado",
        "item": (
            "item, question, question id, survey item, statement, variable?, frage, aussage, item id, "
            "question posee, pregunta, vraag, stelling, "
            "domanda, pytanie, metric?, measure?"
        ),
        "score": (
            "score, answer, response, rating, value, result, grade, note, antwort, bewertung, wert, "
            "punktzahl, reponse, "
            "valeur, respuesta, puntuacion, valoracion, antwoord, beoordeling, risposta, punteggio, voto, "
            "odpowiedz, ocena"
        ),
        "time": _TIME + ", answered at, survey date, response date, befragt am",
        "seconds": _SECONDS,
    },
    "campaigns": {
        "customer": _CUSTOMER,
        "campaign": (
            "campaign, campaign id, campaign name, mailing, wave, kampagne, aktion, campagne, campana, "
            "campagna, kampania, promotion?"
        ),
        "time": _TIME
        + ", contact date, contacted at, sent at, sent, send date, kontaktdatum, date envoi, fecha envio",
        "channel": _CHANNEL,
        "holdout": (
            "holdout, control, control group, is control, held out, kontrolle, kontrollgruppe, temoin, "
            "groupe temoin, control grupo, grupo control, "
            "controlegroep, controllo, gruppo controllo, grupa kontrolna"
        ),
        "responded": (
            "responded, response, converted, conversion, clicked?, accepted, purchased, reagiert, "
            "reaktion, antwort, repondu, reponse, "
            "respondio, respuesta, convertido, gereageerd, reactie, risposto, risposta, odpowiedzial, "
            "odpowiedz"
        ),
        "cost": "cost, contact cost, costs, kosten, cout, coste, costo, koszt",
        "revenue": (
            "revenue, sales, value, amount, umsatz, ertrag, chiffre affaires, montant, ingresos, importe, "
            "omzet, ricavo, przychod"
        ),
    },
    "subscriptions": {
        "customer": _CUSTOMER,
        "start": (
            "start, start date, begin, begin date, from, valid from, since, started at, beginn, "
            "vertragsbeginn, start datum, startdatum, von, ab, debut, "
            "date debut, inicio, fecha inicio, begindatum, ingangsdatum, inizio, data inizio, poczatek, "
            "data rozpoczecia, od"
        ),
        "end": (
            "end, end date, to, until, valid to, ended at, expiry, expires, cancelled at, ende, "
            "vertragsende, enddatum, bis, fin, date fin, "
            "fecha fin, einddatum, fine, data fine, koniec, data zakonczenia, do"
        ),
        "plan": (
            "plan, tariff, tier, edition, package, product, tarif, vertrag, forfait, abonnement, formule, "
            "offre, tarifa, contrato, contract, abbonamento, piano, taryfa, pakiet"
        ),
        "fee": (
            "fee, monthly fee, monthly charge, price, mrr, amount, gebuhr, grundgebuhr, monatspreis, "
            "monatsbeitrag, beitrag, mensualite, prix, prix mensuel, cuota, cuota mensual, precio, "
            "maandbedrag, prijs, canone, prezzo, oplata, abonament, cena"
        ),
        "renewals": (
            "renewals, renewal, renewed, renewal count, verlangerungen, verlaengerungen, renouvellements, "
            "renovaciones, verlengingen, rinnovi, odnowienia"
        ),
    },
}
