"""Whether the network is any better than the answer that is the same for every example."""

from backprop_tui.core.session.session import Session


def majority_note(session: Session, least: float = 0.0) -> str:
    """`accuracy 0.87: the most frequent class alone gives 0.88`, where it is no better; or nothing.

    `least`: of classes of which none is so frequent nothing is said.
    """
    constant = session.evaluator.most_frequent(test=False)
    if not session.step or constant is None or not least <= constant < 1:
        return ""
    accuracy = session.evaluate().training.accuracy
    if accuracy is None or accuracy > constant:
        return ""
    one_class = session.dataset.target_kind == "one_hot" or len(session.dataset.targets) == 1
    always = "the most frequent class alone gives" if one_class else "the same answers for all give"
    return f"accuracy {accuracy:.4g}: {always} {constant:.4g}"
