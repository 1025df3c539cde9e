// SPDX-License-Identifier: MIT
// The song's waveform with bars, sections and how sure the beats are; a click seeks, dragging loops whole bars.
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type Peaks, type Report } from "./api";
import { pen } from "./canvas";
import { loop, seek, time } from "./player";
import { fail, report, song, take, texts, theme } from "./state";

const peaks = signal<Peaks | null>(null);
const size = signal(0);

/** The bars that a stretch touches, in seconds. */
export function snapped(now: Report, a: number, b: number): { from: number; to: number } {
  const starts = now.bars.map((bar) => bar.time), low = Math.min(a, b), high = Math.max(a, b);
  const from = starts.filter((s) => s <= low).pop() ?? starts[0] ?? 0;
  return { from: Math.max(0, from), to: starts.find((s) => s >= high) ?? now.duration };
}

function draw(canvas: HTMLCanvasElement, drag: [number, number] | null): void {
  const now = report.value, kept = peaks.value, { g, width, height, colour } = pen(canvas);
  if (!now) return;
  const x = (seconds: number): number => (seconds / now.duration) * width, middle = height / 2 + 6;
  const area = drag ? snapped(now, drag[0], drag[1]) : loop.value;
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
  g.fillStyle = colour("quiet");
  for (const bar of now.bars) { g.globalAlpha = 0.25 + 0.5 * bar.beat_confidence; g.fillRect(x(bar.time), height - 5, 1, 5); }
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
    let drag: [number, number] | null = null, startX = 0;
    const seconds = (e: PointerEvent): number => (e.offsetX / view.clientWidth) * (report.value?.duration ?? 0);
    view.onpointerdown = (e) => { drag = [seconds(e), seconds(e)]; startX = e.offsetX; view.setPointerCapture(e.pointerId); };
    view.onpointermove = (e) => { if (drag) { drag[1] = seconds(e); if (Math.abs(e.offsetX - startX) > 6) draw(view, drag); } };
    view.onpointerup = (e) => {
      if (!drag || !report.value) return;
      if (Math.abs(e.offsetX - startX) > 6) { loop.value = snapped(report.value, drag[0], seconds(e)); seek(loop.value.from); }
      else seek(seconds(e));
      drag = null;
    };
    const watch = new ResizeObserver(() => { size.value = view.clientWidth; });
    watch.observe(view);
    const stop = effect(() => { void theme.value; void size.value; draw(view, null); });
    return () => { stop(); watch.disconnect(); };
  }, []);
  return <section class="wave" aria-label={texts.value.wave}>
    <canvas ref={canvas} role="img" aria-label={`${texts.value.wave}. ${texts.value.loopHint}`} title={texts.value.loopHint} /></section>;
}
