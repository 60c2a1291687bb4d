"""Result files of other harnesses. Their verdicts are theirs: nothing here verifies them."""
