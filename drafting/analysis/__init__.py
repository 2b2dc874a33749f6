"""One file per run: model in, weights, baselines or trial out."""
