"""The restricted clusters: what belongs to each, and what only looks as if it did."""

from data.clusters.clusters import (
    CLUSTERS,
    ClusterExample,
    load_clusters,
    load_keywords,
    load_ordinary,
    load_second_hand,
)

__all__ = ["CLUSTERS", "ClusterExample", "load_clusters", "load_keywords", "load_ordinary", "load_second_hand"]
