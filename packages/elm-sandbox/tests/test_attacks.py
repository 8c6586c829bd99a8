"""Every attack of the corpus, guard off, on every backend: none gets through, the next program is served."""

import pytest

from elm_protocols import OutcomeStatus
from elm_sandbox.corpus.attack_range import harm_of
from elm_sandbox.corpus.programs import load_attacks

ATTACKS = load_attacks()


def test_the_corpus_is_large_and_well_formed():
    names = [attack.name for attack in ATTACKS]
    assert len(names) >= 80
    assert len(set(names)) == len(names)
    assert all(f"def {attack.name}(bait):" in attack.source for attack in ATTACKS)
    assert any(OutcomeStatus.TIMEOUT in attack.expected for attack in ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_it_does_no_harm(attack, sandbox, bait):
    assert harm_of(attack, sandbox, bait) == ""
