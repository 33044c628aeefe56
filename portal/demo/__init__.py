"""The demo alliance: an invented, seeded little world to look at, to learn in and to test with.

`world` and `orders` (and what they are made of) are pure: no Flask, no database, no clock. The
seeders `people`, `learning`, `sessions`, `voice_replay` and `shop_files` put the world into the
portal through its own actions; `command` is the way in.
"""
