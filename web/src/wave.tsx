// SPDX-License-Identifier: MIT
// The song's waveform with bars, sections and how sure the beats are; a click seeks, dragging loops whole bars.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type Peaks, type Report } from "./api";
import { drawing, type Pen } from "./canvas";
import { loop, seek, time } from "./player";
import { fail, report, song, take, texts } from "./state";

const kBeatApart = 3;  // pixels from a beat to the next where each is marked
const peaks = signal<Peaks | null>(null);
const drag = signal<[number, number] | null>(null);  // seconds between which the pointer went

/** The bars that a stretch touches, in seconds. */
export function snapped(now: Report, a: number, b: number): { from: number; to: number } {
  const starts = now.bars.map((bar) => bar.time), low = Math.min(a, b), high = Math.max(a, b);
  const from = starts.filter((s) => s <= low).pop() ?? starts[0] ?? 0;
  return { from: Math.max(0, from), to: starts.find((s) => s >= high) ?? now.duration };
}

function draw({ g, width, height, colour }: Pen): void {
  const now = report.value, kept = peaks.value;
  if (!now) return;
  const x = (seconds: number): number => (seconds / now.duration) * width, middle = height / 2 + 6;
  const area = drag.value ? snapped(now, ...drag.value) : loop.value;
  if (area) { g.fillStyle = colour("loop"); g.fillRect(x(area.from), 0, x(area.to) - x(area.from), height); }
  const startAt = take.value?.options.start ?? 0, here = x(time.value);
  if (kept) {
    for (let i = 0; i < width; i += 2) {
      const at = (seconds: number): number => Math.floor((seconds + startAt) * kept.per_second);
      let low = 0, high = 0;
      for (let k = at((i / width) * now.duration); k < at(((i + 2) / width) * now.duration); ++k) {
        low = Math.min(low, kept.peaks[2 * k] ?? 0);
        high = Math.max(high, kept.peaks[2 * k + 1] ?? 0);
      }
      g.fillStyle = colour(i < here ? "accent" : "wave");
      const half = (height / 2 - 10) / 127;
      g.fillRect(i, middle - high * half, 1.4, Math.max(1, (high - low) * half));
    }
  }
  // Bars, and beats where there is room for them: the surer, the darker.
  g.fillStyle = colour("quiet");
  const tick = (seconds: number, sure: number, tall: number): void => { g.globalAlpha = 0.2 + 0.7 * sure; g.fillRect(x(seconds), height - tall, 1, tall); };
  if (width / now.beats.length >= kBeatApart) for (const beat of now.beats) tick(beat.time, beat.confidence, 3);
  for (const bar of now.bars) tick(bar.time, bar.beat_confidence, 7);
  g.globalAlpha = 1;
  g.font = "600 11px system-ui, sans-serif";
  for (const section of now.sections) {
    const at = x(Math.max(0, now.beats[section.beat]?.time ?? 0));
    g.fillStyle = colour("quiet");
    g.fillRect(at, 0, 1, height);
    g.fillText(section.letter, at + 4, 11);
  }
  g.fillStyle = colour("cursor");
  g.fillRect(here - 1, 0, 2, height);
}

export function WaveView() {
  const canvas = useRef<HTMLCanvasElement>(null), address = song.value?.peaks ?? null;
  useEffect(() => {
    peaks.value = null;
    if (address) api.json<Peaks>(address).then((p) => { peaks.value = p; }).catch(fail);
  }, [address]);
  useEffect(() => {
    const view = canvas.current!;
    let startX = 0, from: number | null = null;
    const seconds = (e: PointerEvent): number => (e.offsetX / view.clientWidth) * (report.value?.duration ?? 0);
    const far = (e: PointerEvent): boolean => Math.abs(e.offsetX - startX) > 6;
    view.onpointerdown = (e) => { from = seconds(e); startX = e.offsetX; view.setPointerCapture(e.pointerId); };
    view.onpointermove = (e) => { if (from !== null && (drag.value || far(e))) drag.value = [from, seconds(e)]; };
    view.onpointerup = (e) => {
      if (from !== null && report.value) {
        if (far(e)) { loop.value = snapped(report.value, from, seconds(e)); seek(loop.value.from); }
        else seek(seconds(e));
      }
      from = drag.value = null;
    };
    view.onpointercancel = () => { from = drag.value = null; };
    return drawing(view, draw);
  }, []);
  return <section class="wave" aria-label={texts.value.wave}>
    <canvas ref={canvas} role="img" aria-label={`${texts.value.wave}. ${texts.value.loopHint}`} title={texts.value.loopHint} /></section>;
}
