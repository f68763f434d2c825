"""Recordings of one's own: tables as spreadsheets, telephones and loggers write them."""
