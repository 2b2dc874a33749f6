"""A project folder: what is read from where, the bundled example, the frozen stopping rule."""
