"""How well a model labels the skills of the shipped puzzles, against labels by hand.

    uv run python packages/elm-envs-puzzles/benchmarks/skill_labels.py [MODEL] [--yes-or-no PUZZLES]

MODEL is an installed model that tells likelihoods (default: embedded). Prints the area under the curve of the
standings (0.5: chance) and recall and precision of the labels. With --yes-or-no also lets the model write the
ten booleans under a grammar for so many puzzles.
"""

import argparse
import json

import numpy as np

from elm_envs_puzzles import load_puzzles
from elm_envs_puzzles.installed_components import make_model
from elm_envs_puzzles.skill_likelihoods import LEAST, REFERENCES, SkillLikelihoods
from elm_envs_puzzles.skills import SKILLS, skill_prompt

LETTERS = dict(zip("SCTMBWGRQO", SKILLS, strict=True))
BY_HAND = {
    "SumOfTwoSquares": "M",
    "RepeatedLetter": "W",
    "SmallestMultiple": "M",
    "Anagram": "WS",
    "RunningTotals": "M",
    "CubeRoot": "MS",
    "BalancedBrackets": "WQ",
    "SubsetSum": "CR",
    "PathOnGrid": "TGQ",
    "BinaryWithOnes": "B",
    "Interleave": "W",
    "PrimeBetween": "M",
    "SecondLargest": "S",
    "CaesarShift": "W",
    "MagicSquare": "MG",
    "QueensPlaced": "RGC",
    "WordLengths": "W",
    "TwoNumbers": "M",
    "LongestCommonStart": "W",
    "MeetingPoint": "M",
    "ColourGraph": "TC",
    "UndoDifferences": "M",
    "PalindromeAround": "W",
    "ChangeCoins": "RO",
    "TransposeTable": "G",
    "DigitSum": "M",
    "SortedByLength": "SW",
    "EvenSteps": "TQ",
    "RomanValue": "WM",
}


def area(standings, needed):
    above, below = standings[needed][:, None], standings[~needed][None]
    return np.mean((above > below) + 0.5 * (above == below))


def report(name, labelled, needed):
    hits = (labelled & needed).sum()
    print(
        f"{name}: yes for {labelled.mean():.0%}, recall {hits / needed.sum():.2f}, "
        f"precision {hits / max(1, labelled.sum()):.2f}, "
        f"{len({tuple(row) for row in labelled.tolist()})} different rows of {len(labelled)}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model", nargs="?", default="embedded")
    parser.add_argument("--yes-or-no", type=int, default=0, metavar="PUZZLES")
    options = parser.parse_args()
    puzzles = sorted(load_puzzles(), key=lambda puzzle: len(puzzle.program(puzzle.bodies[0])))
    programs = [puzzle.program(puzzle.bodies[0]) for puzzle in puzzles]
    needed = np.array(
        [[letter in BY_HAND[puzzle.name.split(":")[0]] for letter in LETTERS] for puzzle in puzzles]
    )
    model = make_model(options.model, {})
    standings = SkillLikelihoods(model).standings(programs)
    print(f"by hand: yes for {needed.mean():.0%}")
    rest = slice(REFERENCES, None)
    print(f"area {area(standings, needed):.2f}, without references {area(standings[rest], needed[rest]):.2f}")
    report("likelihoods", standings >= LEAST, needed)
    if options.yes_or_no:
        asked = programs[: options.yes_or_no]
        written = np.array([booleans(model, program) for program in asked])
        report("booleans under a grammar", written, needed[: len(asked)])


def booleans(model, program):
    """What the model writes, held to a JSON object of ten booleans."""
    members = ' ", " '.join(f'"\\"{name}\\": " ("true" | "false")' for name in SKILLS)
    prompt = f"<|im_start|>user\n{skill_prompt(program)}<|im_end|>\n<|im_start|>assistant\n"
    grammar = f'root ::= "{{" {members} "}}"'
    reply = model.invoke(prompt, grammar=grammar, temperature=0.0, max_tokens=200)
    return [json.loads(reply)[name] for name in SKILLS]


if __name__ == "__main__":
    main()
