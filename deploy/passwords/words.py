"""Writes words.txt: what people make passwords of, each with its rank, sorted for the walk of WordList.

Reads the frequency lists of Debian's python3-zxcvbn (MIT).
"""

import sys

from zxcvbn.frequency_lists import FREQUENCY_LISTS

# The list, how much of it is taken, and what a word of it is.
LISTS = [
    ("passwords", 10000, "p"),
    ("english_wikipedia", 8000, "w"),
    ("us_tv_and_film", 5000, "w"),
    ("female_names", 2500, "n"),
    ("male_names", 1000, "n"),
    ("surnames", 4000, "n"),
]

best = {}
for name, count, kind in LISTS:
    for rank, word in enumerate(FREQUENCY_LISTS[name][:count], start=1):
        # What is guessed as quickly letter by letter needs no line.
        if not 3 <= len(word) <= 24 or rank > 10 ** len(word):
            continue
        if not all(0x21 <= ord(letter) <= 0x7E for letter in word) or word != word.lower():
            continue
        if word not in best or rank < best[word][0]:
            best[word] = (rank, kind)

with open(sys.argv[1], "w", encoding="ascii", newline="\n") as file:
    for word in sorted(best):
        rank, kind = best[word]
        file.write(f"{word}\t{rank}\t{kind}\n")
