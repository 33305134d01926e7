"""Tests of the simulated cloud: `python -m unittest discover utility/simulated-cloud`, with
aws-test-tools' Python. Those that boot instances need root, and say so otherwise."""
