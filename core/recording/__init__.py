"""Recordings of runs, our own and anybody's: one SQLite file, its one writer and its one reader."""
