"""FILES: presets/*.toml as kits and performances."""
