"""The package says what it is."""

import elm_envs_prompts


def test_it_says_what_it_is():
    assert elm_envs_prompts.__doc__
