"""A live AI drummer. The tree, in signal order; a test holds this map to it.

cli/          the command line; parse, call, print: attach calibrate capture controllers ctl doctor
              evaluate init kits last_song learn listing offsets options performances play
              page play_config ports prepare presets progress render replay routes save serve
              set_lists settings streams studio train
supervisor/   PROCESS  starts the others, watches, stops in reverse: process child guest
brain/        PROCESS  thinks ahead; for each voice a horizon: process horizon
              ensemble band chart phrase energy show locks memory bars grooves undo standbys
              saved
player/       PROCESS  WHEN x WHAT  keeps time; sends what the voices play: base process realtime
              inbox brain_pipe dispatcher conductor voice mixer song ladder note_queue events ledger
              clock_out link_out
desk/         PROCESS  the door to people and paper; nothing waits for it: process serving door
              client watch requests plain outcome osc attached words
              performance_log performance
tui/          PROCESS  the whole terminal, a client of the desk: process app board picture levels
              pads palette report row
web/          PROCESS  the page, a client of the desk: process serving gate link pages bridge
              sounding sampler samples history levels jobs making
              shelf
lights/       PROCESS  the LEDs of controllers; nothing waits for it: process panel drawing
engine        brain and player in one process on a virtual clock: what `render` and the tests play
config        what was asked for, as frozen values
messages      THE HALL  what passes between the processes, as frozen values
errors        the exception tree
notebook      a drummer in a notebook: `load_drummer` of this package

rhythm/       THE WORDS  know no drum: bar meter meter_map metrical timeline ratio control
              choice swing mix meeting part
drums/        THE KIT'S WORDS, of hands and feet: lanes limbs pitches kit groove count_in
              bar_figures
clock/        WHEN  the beat, as a timeline and a transport: base internal tap tempo_curve virtual
              monotonic midi_clock midi_transport playhead acquire evidence line dll swing
              echo link
drummer/      WHAT  learned players; the only place that knows their kinds is open: base card open
              styles take lstm
wires/        WHERE  send bytes and know no kit: base midi rtmidi jack jack_cycle
              jack_process synth synth_stream sequencer fluid soundfont
              soundfont_presets soundfont_kits soundfont_balance memory silent midi_file wav_file
midi/         bytes, names, systems, inputs; the only door to rtmidi: base names system pulse probe
              inputs listen jack_inputs jack_intake
control/      SIDEWAYS  the performer's table, its decoder, keys and words, and what is seen: base
              controller decoder pair switch keys presses word prompt mixture spoken answers
              mixed together columns status_line grid frame screen terminal journal
              help_text
presets/      presets/*.toml as presets, kits, songs, controllers: preset_file performances kits
              set_lists controllers controller_text
calibration/  HOW LATE an output sounds: recording microphone striking onsets verdict offsets
system/       what the operating system and C libraries need: files quiet note patience pipes
              runtime service shipped signals sample_clock jack jack_periods jack_ring jack_host
              jack_ports jack_worker

training/     OFFLINE  three straight floors; nothing live imports it: data learn export progress
judging/      OFFLINE  stands on all three: listening recital clean clean_report bar16 bar16_report
              floors hit_floors hit_scores backoff grouping tables generation long
testing/      DOUBLES  and real peers, for tests and benches: stage future_wire stub_player
              controller drummers gear pulse_trains link_session link_peer midi_peer jackd pulse
              daemon recorder takes mclk_dump hydrogen browser jack_listener spread hands replayed
              kills

Read in this order: rhythm/bar, messages, clock/base, drummer/base, player/voice, player/dispatcher,
brain/horizon, supervisor/process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polyrhythmia_live.notebook import LoadedDrummer, Recording, load_drummer

__all__ = ["LoadedDrummer", "Recording", "load_drummer"]


def __getattr__(name: str) -> Any:
    """What a notebook needs, loaded when it is asked for: a process of the daemon never asks."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from polyrhythmia_live import notebook

    return getattr(notebook, name)
