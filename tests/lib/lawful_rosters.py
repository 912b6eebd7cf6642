"""Rosters of the form of services/lawful, written from rules.md alone: each kind of rule met exactly at its
limit, and broken by the smallest step beyond it. Nothing here knows how the verifier counts."""
import random

import lawful_cycle_cases
import lawful_hours_cases
import lawful_people_cases
import lawful_rest_cases

KINDS = [kind for cases_of in (lawful_hours_cases, lawful_cycle_cases, lawful_rest_cases, lawful_people_cases)
         for kind in cases_of.KINDS]


def cases(seed, n):
    """n cases, the kinds by turns."""
    rng = random.Random(seed)
    return [KINDS[i % len(KINDS)](rng) for i in range(n)]
