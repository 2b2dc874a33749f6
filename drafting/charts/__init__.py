"""Pictures for the working papers: figures as PNG or SVG bytes, in Chinese, the same input giving the same bytes."""
