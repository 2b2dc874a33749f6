"""Drafting a cleaner-production assessment indicator system under GB/T 43329—2023."""
