#!/usr/bin/env python3
# test_coming_from.py - what the tables of docs/coming-from.md say to write is right, each piece in rules around it.
#
# A piece of the right column, in back quotes, is put where its first words say that it belongs; "…" stands
# for something that the reader fills in. A piece that fits no place fails the test.
import re

from command import SOURCE, Case, main

FIELDS = "k: int  user: string  x: string?  price: float  field: int  src_ip: ip  pid: int  parent_pid: int"
S = f"stream S {{ time ts  {FIELDS} }}\n"
AB = "".join(f"stream {name} {{ time ts  {FIELDS} }}\n" for name in "ABC")
TABLE = 'table t from file "t.csv" format csv key column { column: string }\n'

DETECT = "detect d by k within 1h { %s }"
STEPS = DETECT % "match 2 S as A then 2 S as B %s emit { n: count(A) }"
MIDDLE = "match C as y then %s then C as z"

# What a piece looks like, and the rules around it; the first that fits counts.
PLACES = [
    (r"time ", "stream T { %s  k: int }\ndetect d by k within 1h { match T as a }"),
    (r"define .+", S + "%s\n" + DETECT % "match P as a"),
    (r"detect ", S + "%s"),
    (r"aggregate .+\}", S + "%s"),
    (r"aggregate .+", S + "%s { n: count() }"),
    (r"join .+\}", AB + "%s"),
    (r"join ", AB + "%s { }"),
    (r"table ", "%s\n" + S + DETECT % "match S as a"),
    (r"rates\[", 'table rates from file "r" format csv key k { k: int  rate: float }\n' + S + DETECT % "match S as a where %s > 1"),
    (r"match .*\bS\b", S + DETECT),
    (r"match ", AB + DETECT),
    (r"then immediately$", S + DETECT % "match S as a %s S as b"),
    (r"then ", S + DETECT % "match S as y %s"),
    (r"after match .*\b[AB]\b", S + STEPS),
    (r"after match ", S + DETECT % "match S as a %s"),
    (r"skip ", S + DETECT % "match S as a then S as b after match %s"),
    (r"earliest ", S + DETECT % "match S as a then S as b after match skip to next %s"),
    (r"on timeout ", S + DETECT % "match S as a then S as b %s"),
    (r"emit ", S.replace("x: string?", "x: float") + DETECT % "match 2 S as A then 2 S as B %s"),
    (r"having ", S + "aggregate w from S window tumbling 1m { n: count() %s }"),
    (r"distinct\(", S + "aggregate w from S window tumbling 1m { n: %s }"),
    (r"until ", S + DETECT % "match 2+ S as a %s then S as z"),
    (r"where ", S + DETECT % "match S as a then S as b %s"),
    (r"by \w+ within ", AB + "detect d %s { match A as a }"),
    (r"by .*\bB\.", AB + "detect d %s within 1h { match A as a then B as b }"),
    (r"by ", AB + "detect d %s within 1h { match A as a }"),
    (r"window ", S + "aggregate w from S by k %s { n: count() }"),
    (r"within ", AB + "detect d by k %s { match A as a }"),
    (r"last\(", S + DETECT % "match 2 S as A then 2 S as B then S as c where price > %s"),
    (r"x ", TABLE + S + DETECT % "match S as a where %s"),
    (r"A then ", AB + DETECT % "match %s"),
    (r"(\d+(\.\.\d+|\+)?|optional)$", S + DETECT % "match S as y then %s S as c then S as z"),
    (r"(greedy|consecutive|any)$", S + DETECT % "match S as y then 2+ %s S as c then S as z"),
    (r".*\(…\)$|\d+ S ", S + DETECT % "match S as y then %s then S as z"),
    (r"one of |all of |\d+(\.\.\d+|\+)? [AB]$|optional [AB]$|no B ", AB + DETECT % MIDDLE),
]


def filled_in(piece):
    piece = re.sub(r"^join …", "join j from A as a, B as b", piece)
    piece = re.sub(r"^(aggregate|detect) …", lambda m: f"{m[1]} w" + (" from S" if m[1] == "aggregate" else ""), piece)
    piece = piece.replace("where …", "where k > 1").replace("emit { … }", "emit { n: a.k }")
    piece = piece.replace("match … then …", "match S as a then S as b").replace("( … )", "( S as p then S as q )")
    return piece


def pieces():
    """(line, piece) of the right column of every table."""
    page = (SOURCE / "docs/coming-from.md").read_text(encoding="utf-8")
    for line in page.splitlines():
        if line.startswith("| ") and not line.startswith("| There"):
            for piece in re.findall(r"`([^`]+)`", re.split(r"(?<!\\)\|", line)[2]):
                yield line, piece


class ComingFrom(Case):
    def test_every_piece_can_be_written(self):
        words = set(re.findall(r'\bT\(\w+, "(\w+)"\)|\bW\((\w+)\)', (SOURCE / "patterns/token.def").read_text()))
        words = {word for pair in words for word in pair} | set(re.findall(r"\w+", (SOURCE / "docs/reference/grammar.md").read_text()))
        count = 0
        for line, piece in pieces():
            count += 1
            place = next((around for look, around in PLACES if re.match(look, piece)), None)
            with self.subTest(f"{piece} in {line}"):
                if place is None:
                    self.assertTrue(piece in words or piece == "every", "it belongs nowhere")
                    continue
                around = place.replace("%s", filled_in(piece).replace("(…)", "(S as p, S as q)"))
                self.write("r.cep", around)
                self.cep("check", "r.cep")
        self.assertGreater(count, 60)


main()
