"""What is plugged into our clock output."""

PULSE, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"


class Gear:
    """Gear that does what the specification says, and notes what it forbids."""

    def __init__(self) -> None:
        self.rolling = False
        self.armed = False
        self.position = 0
        self.pulses_counted = 0
        self.violations: list[str] = []

    def receive(self, message: bytes) -> None:
        if message == PULSE:
            if self.armed:
                self.armed, self.rolling = False, True
                self.pulses_counted = self.position
            elif self.rolling:
                self.pulses_counted += 1
            self.position = self.pulses_counted + 1 if self.rolling else self.position
        elif message == STOP:
            self.rolling = self.armed = False
        elif self.rolling or self.armed:
            self.violations.append(f"{message.hex()} while rolling")
        elif message == START:
            self.armed, self.position = True, 0
        elif message == CONTINUE:
            self.armed = True
        else:
            self.position = (message[1] | message[2] << 7) * 6
