"""The employer's register: who works alone, where, when, at what risk and with which measures."""
