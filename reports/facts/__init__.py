"""Order files -> columnar facts, versioned: mappings, profiles, ingest, store."""
