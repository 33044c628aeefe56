"""The pages of rounds: a shop's and an operator's."""
