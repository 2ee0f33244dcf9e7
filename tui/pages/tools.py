"""The pages over the panes by their names; the code of each is imported when it is opened."""

from textual.screen import ModalScreen

from backprop_tui.tui.running.run_screen import RunScreen


def tool(name: str, training: RunScreen) -> ModalScreen[None]:
    """The page of that name."""
    match name:
        case "check":
            from .check import CheckScreen

            return CheckScreen(training)
        case "estimate":
            from .estimate import EstimateScreen

            return EstimateScreen(training)
        case "breakpoints":
            from .breakpoints import BreakpointsScreen

            return BreakpointsScreen(training)
        case "compare":
            from .compare import CompareScreen

            return CompareScreen(training)
        case "predict":
            from .predict import PredictScreen

            return PredictScreen(training)
        case "diagnosis":
            from .diagnosis import DiagnosisScreen

            return DiagnosisScreen(training)
        case "statistics":
            from .statistics import StatisticsScreen

            return StatisticsScreen(training)
        case "source":
            from .source import SourceScreen

            return SourceScreen(training)
        case "share":
            from .share import ShareScreen

            return ShareScreen(training)
    raise LookupError(f"there is no page called {name}")
