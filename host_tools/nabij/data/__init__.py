"""Importers of published data sets: one file a set, each reads the layout as published."""
