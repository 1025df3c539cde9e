// SPDX-License-Identifier: MIT
// Canvases at the screen's resolution, in the page's colours.
export interface Pen { g: CanvasRenderingContext2D; width: number; height: number; colour: (name: string) => string }

export function pen(canvas: HTMLCanvasElement): Pen {
  const ratio = devicePixelRatio, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const g = canvas.getContext("2d")!, style = getComputedStyle(document.documentElement);
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, width, height);
  const colours = new Map<string, string>();
  const colour = (name: string): string => {
    let value = colours.get(name);
    if (value === undefined) colours.set(name, value = style.getPropertyValue(`--${name}`).trim());
    return value;
  };
  return { g, width, height, colour };
}
