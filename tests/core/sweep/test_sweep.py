"""A sweep before its first run: what can be, what cannot, and by what runs are compared."""

import pytest

from backprop_tui import presets
from backprop_tui.core.preset.preset import apply_setting, parse
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.sweep.grid import combinations, read_axis
from backprop_tui.core.sweep.sweep import Origin, Sweep, sweep_of


def planned(name: str, *vary: str, seeds: int = 1, by: str | None = None, **changes: object) -> Sweep:
    table = parse(presets.text(name), name) | changes
    axes = [read_axis(text) for text in vary]
    settings = combinations(axes, seeds)
    tables = []
    for chosen in settings:
        changed = table
        for setting in chosen:
            changed = apply_setting(changed, setting)
        tables.append(changed)
    return sweep_of(Origin(name, name, presets.folder), axes, settings, tables, seeds=seeds, by=by)


def test_jobs_are_every_setting_with_every_seed_from_the_presets_own_on():
    found = planned("moons", "optimizer.learning_rate=0.1,0.3", "layers.0.units=3,4", seeds=3, seed=7)
    assert found.places == tuple((place, seed) for seed in (7, 8, 9) for place in range(4))
    assert [job.table["seed"] for job in found.jobs] == [7] * 4 + [8] * 4 + [9] * 4
    assert [job.table["optimizer"]["learning_rate"] for job in found.jobs[:4]] == [0.1, 0.1, 0.3, 0.3]
    assert [job.table["layers"][0]["units"] for job in found.jobs[4:8]] == [3, 4, 3, 4]


def test_a_value_that_no_combination_can_have_is_refused_with_the_nearest_name():
    with pytest.raises(PresetError, match=r'moons: layers\.0\.activation: .*found "tahn"; did you mean "tanh"'):
        planned("moons", "optimizer.learning_rate=0.1,0.2", "layers.0.activation=relu,tahn")
    with pytest.raises(PresetError, match=r'optimizer\.lerning_rate: unknown key; did you mean "learning_rate"'):
        planned("moons", "optimizer.lerning_rate=0.1,0.2")
    with pytest.raises(PresetError, match=r"optimizer\.learning_rate: expected a finite number above 0, found 0"):
        planned("moons", "layers.0.units=3,4", "optimizer.learning_rate=0.1,0")


def test_a_combination_that_cannot_be_is_left_out_where_its_values_can():
    # A residual needs as many units as inputs.
    found = planned("moons", "layers.0.units=2,5", "layers.0.residual=true,false")
    assert list(found.impossible) == [2]
    assert "needs as many units as inputs" in found.impossible[2]
    assert [place for place, _ in found.places] == [0, 1, 3]


def test_what_the_data_say_against_a_value_is_found_before_the_first_run():
    with pytest.raises(PresetError, match=r"the data have 1 target\(s\) an example, but the last layer has 2 unit"):
        planned("xor", "layers.1.units=1,2")


def test_too_large_a_network_is_refused():
    with pytest.raises(PresetError, match=r"would need .* GB of memory"):
        planned("digits", "layers.0.units=16,900000")


def test_so_many_runs_at_once_as_memory_has_room_for():
    found = planned("digits", "layers.0.units=16,128")
    most = found.most_at_once
    found.check_memory(most)
    with pytest.raises(PresetError, match=f"--jobs {most + 1}: .* the limit is .*; use --jobs {most}$"):
        found.check_memory(most + 1)


@pytest.mark.parametrize(
    ("name", "vary", "measure"),
    [
        ("moons", "layers.0.units=3,4", "test_loss"),
        ("xor", "layers.0.units=3,4", "loss"),
        # Sigmoid goes with an entropy, tanh with a squared error.
        ("moons", "layers.1.activation=sigmoid,tanh", "test_accuracy"),
        ("xor", "loss.kind=binary_cross_entropy,mean_squared_error", "accuracy"),
        ("by-hand", "loss.kind=cross_entropy,half_squared_error", "accuracy"),
        ("sine", "loss.kind=mean_squared_error,half_squared_error", None),
    ],
)
def test_by_what_runs_are_ranked(name, vary, measure):
    found = planned(name, vary)
    assert found.measure == measure
    assert bool(found.why) == (measure is None or measure.endswith("accuracy"))
    if measure is not None:
        assert planned(name, vary, by="steps").measure == "steps"


def test_a_figure_that_the_runs_have_not_is_refused():
    with pytest.raises(PresetError, match="--by test_loss: there is no test part"):
        planned("xor", "layers.0.units=3,4", by="test_loss")
    with pytest.raises(PresetError, match="--by accuracy: these targets are numbers"):
        planned("sine", "layers.0.units=3,4", by="accuracy")


def test_a_seed_is_varied_once():
    with pytest.raises(PresetError, match="seed is varied by --vary already"):
        planned("xor", "seed=1,2", seeds=2)
    assert [seed for _, seed in planned("xor", "seed=5,3").places] == [5, 3]
