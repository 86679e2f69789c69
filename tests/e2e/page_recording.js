// Run in the page: record what its graph sounds for so many seconds, and what it was told sounds.
// Beside the sound runs a ramp of the context's own seconds, so that a piece that the recorder
// misses on a busy machine moves nothing.
async (seconds) => {
  const { net } = polyrhythmia;
  const { sampler } = document.getElementById("sound");
  const context = sampler.out.context;
  const both = new ChannelMergerNode(context, { numberOfInputs: 2 });
  const recorder = context.createScriptProcessor(1024, 2, 1);
  const pieces = [];
  recorder.onaudioprocess = ({ inputBuffer }) =>
    pieces.push([inputBuffer.getChannelData(1)[0], inputBuffer.getChannelData(0).slice()]);
  const ramp = new ConstantSourceNode(context, { offset: 0 });
  const began = context.currentTime;
  ramp.offset.setValueAtTime(0, began);
  ramp.offset.linearRampToValueAtTime(2 * seconds, began + 2 * seconds);
  sampler.out.connect(both, 0, 0);
  ramp.connect(both, 0, 1);
  both.connect(recorder).connect(context.destination);
  ramp.start();
  const due = [];
  const offsets = [];
  net.on("sounds", (sounds) => {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    offsets.push(contextTime - performanceTime / 1000);
    for (const [at, note] of sounds) due.push([net.clock.here(at) + sampler.delaySeconds, note]);
  });
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  sampler.out.disconnect(both);
  offsets.sort((a, b) => a - b);
  const offset = offsets[offsets.length >> 1] - began;
  const own = async (note) => {
    const bytes = await (await fetch(`/samples/${note}-124.wav`)).arrayBuffer();
    const frames = (await context.decodeAudioData(bytes)).getChannelData(0);
    const peak = frames.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    return [note, frames.findIndex((it) => Math.abs(it) > 0.1 * peak) / context.sampleRate];
  };
  return {
    rate: context.sampleRate,
    pieces: pieces.map(([at, sound]) => [at, Array.from(sound, (it) => Math.round(1e4 * it) / 1e4)]),
    due: due.map(([at, note]) => [at + offset, note]), // in the ramp's seconds, as the pieces
    own: await Promise.all([...new Set(due.map(([, note]) => note))].map(own)), // where a sample begins
  };
}
