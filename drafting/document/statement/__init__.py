"""The papers that go with a draft: 编制说明, composed as a tree of its own from the same inputs and results."""
