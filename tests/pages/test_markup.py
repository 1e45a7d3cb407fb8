import pytest

from analytics.charts.look import ground
from pages.shared.markup import CSS, Cell, Part, bar, beneath, bold, frame_line, plain, say, table

EVIL = '<script>alert("1")</script>'
SAFE = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"


@pytest.mark.parametrize(
    "made",
    [
        bar([Part(EVIL, 0.5, EVIL)]),
        frame_line(
            EVIL,
            3,
            EVIL,
            [Part(EVIL, 1, "#fff")],
            floor=0.4,
            cutoff=600,
            split=EVIL,
            data=EVIL,
            note=EVIL,
        ),
        beneath(EVIL),
        say(f"We **score** {EVIL}"),
        table([EVIL], [[EVIL, Cell(EVIL, EVIL, "better")]]),
    ],
)
def test_text_from_data_never_becomes_markup(made: str) -> None:
    assert "<script" not in made
    assert SAFE in made


def test_the_sentence_is_the_heading_with_its_figures_in_bold() -> None:
    assert (
        say("We can score **71.2%** of people.")
        == '<div class="wb-say" role="heading" aria-level="1">We can score <b>71.2%</b> of'
        " people.</div>"
    )


def test_stars_without_a_partner_stay_stars() -> None:
    assert bold("only ** here") == "only ** here"
    assert bold("**two** and **") == "<b>two</b> and **"


def test_the_bar_shows_only_sources_with_weight_and_names_them() -> None:
    made = bar(
        [Part("Bank", 0.75, "#8a78fd"), Part("Tax", 0.0, "#0a7591"), Part("Phone", 0.25, "#22a0c6")]
    )
    assert 'aria-label="Bank 75%, Phone 25%"' in made
    assert made.count("flex:") == 2
    assert "#0a7591" not in made


def test_the_frame_line_says_what_is_looked_at() -> None:
    made = frame_line(
        "Everyone",
        59604,
        "Equal",
        [Part("Bank", 1, "#8a78fd")],
        floor=0.4,
        cutoff=600,
        split="test persons",
        data="sample",
    )
    assert "<b>Everyone</b> 59,604 persons" in made
    assert "floor 40%" in made


def test_a_table_marks_better_worse_and_the_same() -> None:
    made = table(
        ["", "AUC"],
        [
            ["**A** ours", Cell("+0.012", "0.006 to 0.018", "better")],
            ["B", Cell("0.0", tone="same")],
        ],
    )
    assert "<td><b>A</b> ours</td>" in made
    assert '<td class="wb-better">+0.012 <small>0.006 to 0.018</small></td>' in made
    assert '<td class="wb-same">0.0</td>' in made
    assert 'tabindex="0"' in made


def test_plain_text_keeps_markdown_from_reading_it() -> None:
    assert (
        plain("a_b *c* [d](e) $f$ :red[g] `h` <i>")
        == r"a\_b \*c\* \[d\]\(e\) \$f\$ \:red\[g\] \`h\` \<i\>"
    )
    assert plain("信用's 1,5 %") == r"信用's 1,5 \%"


def test_charts_follow_a_switch_of_theme_by_style_alone() -> None:
    assert (
        '.stPlotlyChart [style*="fill: rgb(230, 234,'
        ' 239)"]{fill:light-dark(#1b232c,#e6eaef)!important}' in CSS
    )
    assert '[style*="stroke: rgb(27, 35, 44)"]' in CSS


def test_the_style_is_whole_and_asks_for_nothing_from_outside() -> None:
    assert CSS.count("{") == CSS.count("}")
    assert "http" not in CSS
    assert "url(" not in CSS


def test_a_note_is_a_tag_of_its_first_words_with_the_whole_of_it_on_hover() -> None:
    told = frame_line(
        "All",
        5,
        "Equal",
        [],
        floor=0.4,
        cutoff=600,
        split="test",
        data="mine",
        note="Only 7 <payers>: read with care",
    )
    assert 'title="Only 7 &lt;payers&gt;: read with care">Only 7 &lt;payers&gt;</span>' in told
    assert "wb-note" not in frame_line(
        "All", 5, "Equal", [], floor=0.4, cutoff=600, split="test", data="mine"
    )


def test_a_part_with_a_pattern_is_drawn_with_it() -> None:
    assert "background:repeating-linear-gradient" in bar([Part("Rent", 1.0, "#456c4b", ground(11))])
