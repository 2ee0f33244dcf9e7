"""Questions behind pictures, and their answers among what is typed."""

from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.tui.output.answers import ANSWER, FIRST_QUESTIONS, LOST, QUESTION, Answers


def test_a_terminal_that_never_answers_is_asked_a_few_times_and_never_waited_for() -> None:
    answers = Answers()
    assert [answers.question(float(n), 100) for n in range(FIRST_QUESTIONS + 2)] == [QUESTION] * FIRST_QUESTIONS + [
        "",
        "",
    ]
    assert not answers.far_behind(10.0, pressed=False)


def test_over_a_quick_line_two_pictures_are_on_their_way_and_a_third_for_a_key() -> None:
    answers = Answers()
    answers.question(0.0, 100)
    assert answers.taken_from(ANSWER, 0.1) == ""
    answers.question(1.0, 100)
    assert not answers.far_behind(1.0, pressed=False)
    answers.question(1.1, 100)
    assert answers.far_behind(1.1, pressed=False)
    assert not answers.far_behind(1.1, pressed=True)
    answers.question(1.2, 100)
    assert answers.far_behind(1.2, pressed=True)
    answers.taken_from(2 * ANSWER, 1.3)
    assert not answers.far_behind(1.3, pressed=False)


def test_over_a_slow_line_there_is_one_less_and_its_rate_is_known() -> None:
    answers = Answers()
    answers.question(0.0, 100)
    answers.taken_from(ANSWER, 0.01)
    answers.question(1.0, 5000)
    answers.taken_from(ANSWER, 1.51)
    # 5,000 bytes in half a second, beside the hundredth of a second that the way takes.
    assert answers.rate is not None
    assert abs(answers.rate - 10_000) < 1
    answers.question(2.0, 5000)
    assert answers.far_behind(2.1, pressed=False)
    assert not answers.far_behind(2.1, pressed=True)


def test_a_long_way_is_no_slow_line() -> None:
    answers = Answers()
    for second in range(5):
        answers.question(float(second), 800)
        answers.taken_from(ANSWER, second + 0.4)
    assert answers.rate is None
    assert not answers.quick


def test_an_answer_that_does_not_come_is_not_waited_for_for_ever() -> None:
    answers = Answers()
    answers.answering, answers.quick = True, False
    answers.question(0.0, 100)
    assert answers.far_behind(LOST, pressed=False)
    assert not answers.far_behind(LOST + 0.1, pressed=False)


def test_an_answer_that_comes_twice_or_when_nobody_waits_is_no_key() -> None:
    answers = Answers()
    assert answers.taken_from(ANSWER, 0.0) == ANSWER, "nothing has been asked yet"
    answers.question(0.0, 100)
    assert answers.taken_from(ANSWER, 0.1) == ""
    assert answers.taken_from(f"a{ANSWER}b", 0.2) == "ab"
    answers.question(1.0, 100)
    answers.forget()
    assert answers.taken_from(ANSWER, 20.0) == ""
    # Escape, which it begins with, is the key at once.
    assert answers.taken_from("\x1b", 21.0) == "\x1b"


TYPED = st.lists(st.sampled_from(("a", "\x1b", "[", "0", "n", "\x1b[A", "\x1b[0", "é")), max_size=12)


@given(TYPED, st.integers(1, 3), st.data())
def test_what_was_typed_comes_through_whatever_answers_stand_in_it(
    typed: list[str], count: int, data: st.DataObject
) -> None:
    """Answers come between what was typed, never within a code; they are cut wherever the line cuts them."""
    answers = Answers()
    places = sorted(data.draw(st.lists(st.integers(0, len(typed)), min_size=count, max_size=count)))
    for _ in places:
        answers.question(0.0, 1)
    line = [*typed]
    for place in reversed(places):
        line.insert(place, ANSWER)
    sent = "".join(line)
    if sent.count(ANSWER) != count:
        return  # What was typed happens to be one.
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=4)))
    pieces = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    got = "".join(answers.taken_from(piece, 1.0) for piece in pieces if piece) + answers.nothing_more()
    assert got == "".join(typed)
    assert not answers.asked
