"""A live AI drummer. The tree, in signal order:

cli/            click commands, one file per command; parse, call, print
supervisor.py   starts player and brain, watches, restarts, stops in reverse (child.py: one of them)
brain.py        the brain process: drummer and controls
config.py       flags and files -> one frozen Config
presets.py      presets/*.toml -> kits and performances
errors.py       the exception tree

rhythm/         THE WORDS  frozen values: meter timeline kit bar groove control
clock/          WHEN       internal, virtual and MIDI clocks -> Timeline and Transport
drummer/        WHAT       encoding runtime sampling lstm take phrase horizon
player/         WHEN x WHAT  messages dispatcher note_queue ladder ledger process
midi/           the wires: MIDI systems, port names, ports; the only door to rtmidi
output/         WHERE      synth midi_file memory
control/        SIDEWAYS   midi_map keys status_line terminal
training/       OFFLINE    dataset network fit export metrics; nothing live imports it

Read in this order: rhythm/bar, clock/base, drummer/base, player/messages, player/dispatcher,
drummer/horizon, supervisor.
"""
