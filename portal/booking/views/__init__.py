"""The pages of the booking room: a dealer's and a consultant's."""
