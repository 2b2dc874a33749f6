"""The workbench (工作台): drafting in the browser, for people who never see a terminal. Pages only, no data."""
