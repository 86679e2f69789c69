"""A live AI drummer. The tree, in signal order:

cli/            click commands, one file per command; parse, call, print
supervisor.py   starts player and brain, watches, restarts, stops in reverse (child.py: one of them)
brain.py        the brain process: drummer and controls
engine.py       the same engine with another clock: player and brain in one process, for `render`
doctor/         checks of this machine: installed drummer timer wires
config.py       flags and files -> one frozen Config
presets/        presets/*.toml -> kits and performances
errors.py       the exception tree
atomic.py       files that are never half written
quiet.py        keeps what C libraries print off the terminal

rhythm/         THE WORDS  frozen values: meter timeline feel kit bar groove control
clock/          WHEN       internal, virtual, MIDI and Link clocks -> Timeline and Transport
drummer/        WHAT       styles encoding past runtime sampling strokes lstm take phrase saved
                           horizon
player/         WHEN x WHAT  messages song dispatcher note_queue ladder ledger process
midi/           MIDI messages, systems, names, inputs; the only door to rtmidi
link/           the network's beat: Ableton Link; the only door to its library
wires/          WHERE      rtmidi synth wav_file midi_file memory
calibration/    HOW LATE   microphone striking onsets verdict -> offsets that `play` makes up for
control/        SIDEWAYS   midi_map keys spoken prompt status_line terminal help_text
training/       OFFLINE    data -> learn -> export, three straight floors; nothing live imports it
judging/        OFFLINE    clean bar16 floors generation recital, standing on all three
testing/        DOUBLES    and real peers, for tests and benches; nothing live imports it

Read in this order: rhythm/bar, clock/base, drummer/base, player/messages, player/dispatcher,
drummer/horizon, supervisor.
"""
