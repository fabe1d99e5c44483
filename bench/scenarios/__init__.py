"""The parts of the benchmark; each module has one, or several that share what
they fill."""
