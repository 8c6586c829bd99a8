"""The package says what it is."""

import elm_viewer


def test_it_says_what_it_is():
    assert elm_viewer.__doc__
