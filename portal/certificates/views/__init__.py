"""Pages of certificates: a holder's own, the operators', those for everybody, and documents."""
