"""What the experiment cost, and what more of it would cost."""
