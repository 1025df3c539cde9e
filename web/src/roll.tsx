// SPDX-License-Identifier: MIT
// The piano roll beside a keyboard that lights; a click plays from there. In editing, notes are dragged, added and taken away.
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Note, Report } from "./api";
import { pen } from "./canvas";
import { add, chosen, editing, moveTo } from "./edit";
import { loop, seek, sound, time } from "./player";
import { isBlack, keyColours, soundingAt } from "./keys";
import { report, texts, theme } from "./state";

const kKeys = 44, kSeconds = 8, kPast = 0.25;
const size = signal(0);

interface Frame { low: number; high: number; row: number; x: (seconds: number) => number; y: (pitch: number) => number; at: (x: number) => number; pitch: (y: number) => number }

function frameOf(now: Report, width: number, height: number): Frame {
  let low = 50, high = 70;
  for (const note of now.notes) { low = Math.min(low, note.pitch); high = Math.max(high, note.pitch); }
  low -= 2;
  high += 2;
  const row = height / (high - low + 1), second = (width - kKeys) / Math.min(kSeconds, Math.max(4, width / 110)), past = (width - kKeys) * kPast;
  return {
    low, high, row, x: (s) => kKeys + past + (s - time.value) * second, y: (p) => (high - p) * row,
    at: (x) => time.value + (x - kKeys - past) / second, pitch: (y) => high - Math.floor(y / row),
  };
}

function draw(canvas: HTMLCanvasElement): void {
  const now = report.value, { g, width, height, colour } = pen(canvas);
  if (!now) return;
  const f = frameOf(now, width, height), on = soundingAt(now, time.value);
  for (let p = f.low; p <= f.high; ++p) if (isBlack(p)) { g.fillStyle = colour("stripe"); g.fillRect(kKeys, f.y(p), width, f.row); }
  if (loop.value) { g.fillStyle = colour("loop"); g.fillRect(f.x(loop.value.from), 0, f.x(loop.value.to) - f.x(loop.value.from), height); }
  const first = f.at(kKeys), last = f.at(width);
  for (const beat of now.beats) {
    if (beat.time < first || beat.time > last) continue;
    g.fillStyle = colour(beat.number === 1 ? "bar" : "line");
    g.fillRect(f.x(beat.time), 0, 1, height);
  }
  now.bars.forEach((bar, i) => {
    if (bar.time < first || bar.time > last) return;
    g.fillStyle = colour("quiet"); g.font = "10px system-ui, sans-serif"; g.fillText(String(i + 1), f.x(bar.time) + 4, 11);
  });
  now.notes.forEach((note, i) => {
    if (note.offset < first || note.onset > last) return;
    const name = note.hand, x = Math.max(kKeys, f.x(note.onset)), w = Math.max(3, f.x(note.offset) - x - 1.5);
    g.globalAlpha = on.has(i) ? 1 : 0.55 + (0.4 * note.velocity) / 127;
    g.fillStyle = colour(on.has(i) ? `${name}-lit` : name);
    g.beginPath();
    const tall = Math.max(5, f.row - 1);
    g.roundRect(x, f.y(note.pitch) + (f.row - tall) / 2, w, tall, 2.5);
    g.fill();
    if (editing.value && chosen.value === i) { g.globalAlpha = 1; g.strokeStyle = colour("text"); g.lineWidth = 2; g.stroke(); }
  });
  g.globalAlpha = 1;
  const keys = keyColours(now, on, colour);
  g.fillStyle = colour("white-key");
  g.fillRect(0, 0, kKeys - 2, height);
  for (let p = f.low; p <= f.high; ++p) {
    g.fillStyle = keys.get(p) ?? colour(isBlack(p) ? "black-key" : "white-key");
    g.fillRect(0, f.y(p), isBlack(p) ? kKeys * 0.62 : kKeys - 2, f.row - 0.4);
    if (p % 12 === 0 && f.row > 5) { g.fillStyle = colour("key-text"); g.font = `${Math.min(10, f.row + 1)}px system-ui, sans-serif`; g.fillText(`C${p / 12 - 1}`, kKeys - 19, f.y(p) + f.row - 1); }
  }
  g.fillStyle = colour("cursor");
  g.fillRect(f.x(time.value) - 1, 0, 2, height);
}

function noteAt(now: Report, f: Frame, x: number, y: number): number {
  const seconds = f.at(x), pitch = f.pitch(y);
  return now.notes.findIndex((n: Note) => Math.abs(n.pitch - pitch) <= (f.row < 6 ? 1 : 0) && n.onset - 0.03 <= seconds && n.offset >= seconds);
}

export function RollView() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const view = canvas.current!;
    const frame = (): Frame => frameOf(report.value!, view.clientWidth, view.clientHeight);
    let dragged = -1, from = { x: 0, y: 0 };
    view.onpointerdown = (e) => {
      if (!report.value) return;
      const f = frame(), hit = noteAt(report.value, f, e.offsetX, e.offsetY);
      if (e.offsetX < kKeys) { void sound(f.pitch(e.offsetY)); return; }
      if (editing.value) { chosen.value = dragged = hit; from = { x: e.offsetX, y: e.offsetY }; view.setPointerCapture(e.pointerId); }
      else seek(hit >= 0 ? report.value.notes[hit]!.onset : f.at(e.offsetX));
    };
    view.onpointerup = (e) => {
      const now = report.value, hit = dragged;
      dragged = -1;
      if (!now || hit < 0 || Math.hypot(e.offsetX - from.x, e.offsetY - from.y) < 4) return;
      const f = frame(), note = now.notes[hit]!;
      moveTo(hit, note.onset + f.at(e.offsetX) - f.at(from.x), note.pitch + f.pitch(e.offsetY) - f.pitch(from.y));
    };
    view.ondblclick = (e) => {
      if (!editing.value || !report.value) return;
      const f = frame();
      if (noteAt(report.value, f, e.offsetX, e.offsetY) < 0) add(f.at(e.offsetX), f.pitch(e.offsetY));
    };
    const watch = new ResizeObserver(() => { size.value = view.clientWidth * 10000 + view.clientHeight; });
    watch.observe(view);
    const stop = effect(() => { void theme.value; void size.value; draw(view); });
    return () => { stop(); watch.disconnect(); };
  }, []);
  return <section class="roll" aria-label={texts.value.roll}><canvas ref={canvas} role="img" aria-label={texts.value.roll} /></section>;
}
