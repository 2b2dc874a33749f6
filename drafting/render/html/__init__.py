"""The draft as one HTML file that works offline."""

from drafting.render.html.page import render_html

__all__ = ["render_html"]
