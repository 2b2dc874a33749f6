"""The domain: frozen objects that know no files, no cells and no Excel."""
