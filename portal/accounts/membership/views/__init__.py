"""Pages about who belongs to an organisation."""
