"""Order imports: upload, dry run, confirmation, rejected rows. The engine reads the files."""
