"""A made-up archive in the form in which data.police.uk publishes them: two months, two forces, three kinds of file."""

STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n"
)
OUTCOMES = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Outcome type\n"
STOPS = (
    "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range,"
    "Self-defined ethnicity,Officer-defined ethnicity,Legislation,Object of search,Outcome,"
    "Outcome linked to object of search,Removal of more than just outer clothing\n"
)
STOP = (
    "Person search,2023-05-01T12:30:00+00:00,False,,,,Male,18-24,Not Stated (NS),Black,"
    "Misuse of Drugs Act 1971 (section 23),Controlled drugs,Arrest,True,\n"
)


def street(month, force, *rows):
    lines = (f"{i},{month},{force},{force},-0.1,51.5,Holborn,E01,{lsoa},{kind},{how},\n" for i, lsoa, kind, how in rows)
    return STREET + "".join(lines)


def outcome(crime, month, kind):
    return f"{crime},{month},F,F,,,,,,{kind}\n"


CITY, MET = "City of London Police", "Metropolitan Police Service"
ASB = ("", "Camden 027C", "Anti-social behaviour", "")
FILES = {
    "2023-04/2023-04-metropolitan-street.csv": street(
        "2023-04",
        MET,
        ("a", "Camden 027C", "Robbery", "Under investigation"),
        ("a", "", "Robbery", "Under investigation"),
        ("b", "Epping Forest 012A", "Drugs", "Under investigation"),
        ASB,
        ASB,
    ),
    "2023-04/2023-04-city-of-london-street.csv": street("2023-04", CITY, ("a", "Camden 027C", "Robbery", ""), ASB),
    "2023-05/2023-05-metropolitan-street.csv": street("2023-05", MET, ("a", "Camden 027C", "Robbery", "")),
    "2023-05/2023-05-metropolitan-outcomes.csv": OUTCOMES
    + outcome("b", "2023-05", "Offender given a caution")
    + outcome("gone", "2023-05", "Local resolution"),
    "2023-05/2023-05-metropolitan-stop-and-search.csv": STOPS + STOP + STOP,
}
