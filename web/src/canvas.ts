// SPDX-License-Identifier: MIT
// Canvases at the screen's resolution, in the page's colours. Their sizes come from an observer and the colours are read once a theme,
// in the next frame: drawing never makes the browser style or lay out the page before its time.
import { effect, signal } from "@preact/signals";
import { app, theme } from "./state";

export interface Pen { g: CanvasRenderingContext2D; width: number; height: number; colour: (name: string) => string }

const colours = signal(new Map<string, string>());
effect(() => { void theme.value; requestAnimationFrame(() => { colours.value = new Map(); }); });

function colour(name: string): string {
  const known = colours.value;
  let value = known.get(name);
  if (value === undefined) known.set(name, value = getComputedStyle(app).getPropertyValue(`--${name}`).trim());
  return value;
}

function pen(canvas: HTMLCanvasElement, width: number, height: number): Pen {
  const ratio = devicePixelRatio, across = Math.round(width * ratio), down = Math.round(height * ratio), g = canvas.getContext("2d")!;
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, width, height);
  return { g, width, height, colour };
}

/** Draws as often as something that `draw` reads has changed, until the function that it returns is called. */
export function drawing(canvas: HTMLCanvasElement, draw: (with_: Pen) => void): () => void {
  const size = signal({ width: 0, height: 0 });
  const watch = new ResizeObserver(([entry]) => { const { width, height } = entry!.contentRect; size.value = { width, height }; });
  watch.observe(canvas);
  const stop = effect(() => { const { width, height } = size.value; if (width > 0) draw(pen(canvas, width, height)); });
  return () => { stop(); watch.disconnect(); };
}
