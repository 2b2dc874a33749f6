"""The draft as one HTML file that works offline."""

from drafting.render.html.page import Sheet, render_html, render_sheet

__all__ = ["Sheet", "render_html", "render_sheet"]
