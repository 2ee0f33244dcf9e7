"""The worked solution of a step, as text, Markdown, LaTeX, JSON and as an exercise."""
