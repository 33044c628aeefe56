"""Same key, same answer: what a request with a key did is kept beside its effect and told again."""
