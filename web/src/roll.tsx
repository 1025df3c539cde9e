// SPDX-License-Identifier: MIT
// The piano roll beside a keyboard that lights; a click plays from there. In editing, notes are dragged, added and taken away.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Note, Report } from "./api";
import { drawing, type Pen } from "./canvas";
import { add, chosen, editing, movedNote, moveBy } from "./edit";
import { loop, playFrom, seek, time } from "./player";
import { isBlack, keyColours, soundingAt } from "./keys";
import { touch } from "./practice";
import { report, texts } from "./state";

const kKeys = 44, kSeconds = 8, kPast = 0.25;
const ghost = signal<Note | null>(null);  // where the note goes that is dragged

interface Frame { low: number; high: number; row: number; second: number; x: (seconds: number) => number; y: (pitch: number) => number; at: (x: number) => number; pitch: (y: number) => number }

function frameOf(now: Report, width: number, height: number): Frame {
  let low = 50, high = 70;
  for (const note of now.notes) { low = Math.min(low, note.pitch); high = Math.max(high, note.pitch); }
  low -= 2;
  high += 2;
  const row = height / (high - low + 1), second = (width - kKeys) / Math.min(kSeconds, Math.max(4, width / 110)), past = (width - kKeys) * kPast;
  return {
    low, high, row, second, x: (s) => kKeys + past + (s - time.value) * second, y: (p) => (high - p) * row,
    at: (x) => time.value + (x - kKeys - past) / second, pitch: (y) => high - Math.floor(y / row),
  };
}

function draw({ g, width, height, colour }: Pen): void {
  const now = report.value;
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
  const bar = (note: Note): void => {
    const x = Math.max(kKeys, f.x(note.onset)), w = Math.max(3, f.x(note.offset) - x - 1.5), tall = Math.max(5, f.row - 1);
    g.beginPath();
    g.roundRect(x, f.y(note.pitch) + (f.row - tall) / 2, w, tall, 2.5);
  };
  now.notes.forEach((note, i) => {
    if (note.offset < first || note.onset > last) return;
    g.globalAlpha = on.has(i) ? 1 : 0.55 + (0.4 * note.velocity) / 127;
    g.fillStyle = colour(on.has(i) ? `${note.hand}-lit` : note.hand);
    bar(note);
    g.fill();
    if (editing.value && chosen.value === i) { g.globalAlpha = 1; g.strokeStyle = colour("text"); g.lineWidth = 2; g.stroke(); }
  });
  if (ghost.value) { g.globalAlpha = 0.8; g.strokeStyle = colour("cursor"); g.lineWidth = 2; bar(ghost.value); g.stroke(); }
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
      if (e.offsetX < kKeys) { touch(f.pitch(e.offsetY)); return; }
      if (editing.value) { chosen.value = dragged = hit; from = { x: e.clientX, y: e.clientY }; view.setPointerCapture(e.pointerId); }
      else if (hit >= 0) playFrom(report.value.notes[hit]!.onset);
      else seek(f.at(e.offsetX));
    };
    const way = (e: PointerEvent): [number, number] => { const f = frame(); return [(e.clientX - from.x) / f.second, Math.round((from.y - e.clientY) / f.row)]; };
    const far = (e: PointerEvent): boolean => Math.hypot(e.clientX - from.x, e.clientY - from.y) >= 4;
    view.onpointermove = (e) => { if (report.value && dragged >= 0 && (ghost.value || far(e))) ghost.value = movedNote(dragged, ...way(e)); };
    view.onpointerup = (e) => {
      const hit = dragged;
      dragged = -1;
      ghost.value = null;
      if (report.value && hit >= 0 && far(e)) moveBy(hit, ...way(e));
    };
    view.onpointercancel = () => { dragged = -1; ghost.value = null; };
    view.ondblclick = (e) => {
      if (!editing.value || !report.value) return;
      const f = frame();
      if (noteAt(report.value, f, e.offsetX, e.offsetY) < 0) add(f.at(e.offsetX), f.pitch(e.offsetY));
    };
    return drawing(view, draw);
  }, []);
  return <section class="roll" aria-label={texts.value.roll}><canvas ref={canvas} role="img" aria-label={texts.value.roll} /></section>;
}
