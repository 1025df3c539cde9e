// SPDX-License-Identifier: MIT
// Notes that fall onto a keyboard, which lights when they arrive; a click on a key sounds it, one on a note plays from there.
import { useEffect, useRef } from "preact/hooks";
import type { Report } from "./api";
import { drawing, type Pen } from "./canvas";
import { isBlack, keyColours, soundingAt } from "./keys";
import { loop, playFrom, seek, time } from "./player";
import { touch } from "./practice";
import { report, texts } from "./state";

const kSeconds = 3.5, kLeastSpeed = 70, kWidest = 26;  // seen ahead at most; pixels of a second at least, of a white key at most

interface Frame { low: number; high: number; white: number; left: number; top: number; ahead: number; x: (pitch: number) => number; w: (pitch: number) => number; y: (seconds: number) => number }

/** Whole octaves around what is played; all 88 keys where there is room. */
function frameOf(now: Report, width: number, height: number): Frame {
  let low = 60, high = 71;
  for (const note of now.notes) { low = Math.min(low, note.pitch); high = Math.max(high, note.pitch); }
  low -= low % 12;
  high += 11 - (high % 12);
  if (width > 1000) { low = 21; high = 108; }
  let whites = 0;
  const place: number[] = [];
  for (let p = low; p <= high; ++p) { place[p] = whites; if (!isBlack(p)) ++whites; }
  const white = Math.min(kWidest, width / whites), left = (width - white * whites) / 2, top = height - Math.min(110, Math.max(54, white * 4.2));
  const ahead = Math.min(kSeconds, top / kLeastSpeed);
  return {
    low, high, white, left, top, ahead, x: (p) => left + (isBlack(p) ? place[p]! * white - white * 0.3 : place[p]! * white), w: (p) => (isBlack(p) ? white * 0.6 : white),
    y: (seconds) => top - ((seconds - time.value) / ahead) * top,
  };
}

function drawKeyboard(g: CanvasRenderingContext2D, f: Frame, height: number, keys: Map<number, string>, colour: (name: string) => string): void {
  for (const black of [false, true]) {
    for (let p = f.low; p <= f.high; ++p) {
      if (isBlack(p) !== black) continue;
      g.fillStyle = keys.get(p) ?? colour(black ? "black-key" : "white-key");
      g.beginPath();
      g.roundRect(f.x(p) + 0.5, f.top, f.w(p) - 1, (height - f.top) * (black ? 0.62 : 1), [0, 0, 3, 3]);
      g.fill();
      if (!black) { g.strokeStyle = colour("edge"); g.lineWidth = 1; g.stroke(); }
      if (p % 12 === 0 && f.white > 11) { g.fillStyle = colour("key-text"); g.font = "10px system-ui, sans-serif"; g.fillText(`C${p / 12 - 1}`, f.x(p) + 3, height - 5); }
    }
  }
}

function draw({ g, width, height, colour }: Pen): void {
  const now = report.value;
  if (!now) return;
  const f = frameOf(now, width, height), on = soundingAt(now, time.value), last = time.value + f.ahead;
  if (loop.value) { g.fillStyle = colour("loop"); g.fillRect(0, f.y(loop.value.to), width, Math.min(f.top, f.y(loop.value.from)) - f.y(loop.value.to)); }
  for (let p = f.low; p <= f.high; ++p) if (p % 12 === 0 || p % 12 === 5) { g.fillStyle = colour("line"); g.fillRect(f.x(p), 0, 1, f.top); }
  now.bars.forEach((bar, i) => {
    if (bar.time < time.value || bar.time > last) return;
    g.fillStyle = colour("bar"); g.fillRect(f.left, f.y(bar.time), width - 2 * f.left, 1);
    g.fillStyle = colour("quiet"); g.font = "10px system-ui, sans-serif"; g.fillText(String(i + 1), f.left + 4, f.y(bar.time) - 4);
  });
  now.notes.forEach((note, i) => {
    if (note.offset < time.value || note.onset > last) return;
    const bottom = Math.min(f.top, f.y(note.onset)), tall = Math.max(4, bottom - f.y(note.offset) - 2);
    g.globalAlpha = on.has(i) ? 1 : 0.6 + (0.4 * note.velocity) / 127;
    g.fillStyle = colour(on.has(i) ? `${note.hand}-lit` : note.hand);
    g.beginPath();
    g.roundRect(f.x(note.pitch) + 1, bottom - tall, f.w(note.pitch) - 2, tall, 3);
    g.fill();
  });
  g.globalAlpha = 1;
  drawKeyboard(g, f, height, keyColours(now, on, colour), colour);
}

/** The key under a point of the keyboard: black ones lie above the white. */
function keyAt(f: Frame, x: number, y: number, height: number): number | undefined {
  const over = (p: number): boolean => x >= f.x(p) && x < f.x(p) + f.w(p);
  const all = Array.from({ length: f.high - f.low + 1 }, (_, i) => f.low + i);
  return (y < f.top + (height - f.top) * 0.62 ? all.find((p) => isBlack(p) && over(p)) : undefined) ?? all.find((p) => !isBlack(p) && over(p));
}

export function FallsView() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const view = canvas.current!;
    view.onpointerdown = (e) => {
      const now = report.value;
      if (!now) return;
      const f = frameOf(now, view.clientWidth, view.clientHeight), key = keyAt(f, e.offsetX, e.offsetY, view.clientHeight);
      if (e.offsetY > f.top) { if (key !== undefined) touch(key); return; }
      const at = time.value + ((f.top - e.offsetY) / f.top) * f.ahead;
      const hit = now.notes.find((n) => n.onset <= at && n.offset >= at && e.offsetX >= f.x(n.pitch) && e.offsetX <= f.x(n.pitch) + f.w(n.pitch));
      if (hit) playFrom(hit.onset);
      else seek(at);
    };
    return drawing(view, draw);
  }, []);
  return <section class="falls" aria-label={texts.value.falls}><canvas ref={canvas} role="img" aria-label={texts.value.falls} /></section>;
}
