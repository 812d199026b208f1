"""Many calls: where their results are kept, how they are worked through, and what a team sees of them."""
