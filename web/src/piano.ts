// SPDX-License-Identifier: MIT
// The page's own piano: notes of the server's sound font in one file, each played at the nearest recorded pitch and strength.
import { api, type Instrument } from "./api";

export class BrowserPiano {
  private loading: Promise<void> | undefined;
  private instrument: Instrument | undefined;
  private buffer: AudioBuffer | undefined;
  played = 0;  // notes since the page was opened
  private readonly sounding = new Set<AudioBufferSourceNode>();

  constructor(private readonly context: AudioContext, private readonly out: AudioNode) {}

  load(): Promise<void> {
    this.loading ??= (async () => {
      this.instrument = await api.instrument();
      const bytes = await (await fetch(this.instrument.url)).arrayBuffer();
      this.buffer = await this.context.decodeAudioData(bytes);
    })();
    return this.loading;
  }

  /** `when` on the context's clock, `length` in seconds. */
  play(pitch: number, velocity: number, when: number, length: number): void {
    if (!this.instrument || !this.buffer) return;
    ++this.played;
    const distance = (n: Instrument["notes"][number]): number => Math.abs(n.pitch - pitch) * 1000 + Math.abs(n.velocity - velocity);
    const sample = this.instrument.notes.reduce((best, n) => (distance(n) < distance(best) ? n : best));
    const source = this.context.createBufferSource(), gain = this.context.createGain();
    source.buffer = this.buffer;
    source.playbackRate.value = 2 ** ((pitch - sample.pitch) / 12);
    const loud = Math.min(1.6, velocity / sample.velocity), end = when + Math.min(length, this.instrument.seconds_each - 0.3);
    gain.gain.setValueAtTime(loud, when);
    gain.gain.setTargetAtTime(0, end, 0.08);
    source.connect(gain).connect(this.out);
    source.start(when, sample.start, this.instrument.seconds_each);
    source.stop(end + 0.6);
    this.sounding.add(source);
    source.onended = () => this.sounding.delete(source);
  }

  silence(): void {
    for (const source of this.sounding) source.stop();
    this.sounding.clear();
  }
}
