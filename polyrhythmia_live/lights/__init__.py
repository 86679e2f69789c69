"""The LEDs and rings of controllers: they follow what every screen is drawn from."""
