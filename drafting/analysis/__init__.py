"""One file per journey: model in, weights, levels or trial out."""
