"""Options of the accelerometer (sim/models/lsm6dsox.py, bma423.py)."""

from sim.options.option import Option

OPTIONS = (
    Option("absent", "flag", False, "nothing answers at its address"),
    Option("odr_ppm", "integer", 0, "its oscillator is off by so many millionths"),
    Option("self_test_mg", "mg3", (400, 400, 400), "what its self-test moves each axis by"),
    Option("noise_percent", "count", 100, "of the data sheet's noise; 0: samples are exact"),
)
