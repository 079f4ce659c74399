"""How it is learned: from knowledge base and labelled listings to a bundle."""
