// SPDX-License-Identifier: MIT
// Which part of a song is covered: start and end on its whole waveform, by dragging or with two sliders. Nothing is snapped to bars,
// since none are known before the song has been heard.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type Peaks } from "./api";
import { drawing, type Pen } from "./canvas";
import { fail, fill, jobs, makeTake, remembered, song, take, texts } from "./state";

export const cutting = signal(false);
/** Whether songs that are added wait for their part to be chosen. */
export const askPart = remembered("ask-part", false);

const kLeast = 5, kStep = 0.1, kGrip = 10;  // seconds of the shortest part, of a step; pixels around an end that take hold of it
const part = signal<[number, number]>([0, 0]);
const peaks = signal<Peaks | null>(null);
const sounding = signal(false);

const clock = (seconds: number): string => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
/** To a step of the sliders. */
const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;

/** Both ends inside the song, the part not shorter than it may be; the end that is moved gives way to the other. */
function setPart(start: number, end: number, moved: "start" | "end"): void {
  const length = peaks.value?.duration ?? 0, least = Math.min(kLeast, length);
  const from = Math.max(0, Math.min(rounded(start), length - least)), to = Math.min(length, Math.max(rounded(end), least));
  part.value = moved === "start" ? [Math.min(from, to - least), to] : [from, Math.max(to, from + least)];
}

function draw({ g, width, height, colour }: Pen): void {
  const kept = peaks.value, [start, end] = part.value;
  if (!kept) return;
  const x = (seconds: number): number => (seconds / kept.duration) * width, middle = height / 2;
  for (let i = 0; i < width; i += 2) {
    let low = 0, high = 0;
    for (let k = Math.floor((i / width) * kept.duration * kept.per_second); k < ((i + 2) / width) * kept.duration * kept.per_second; ++k) {
      low = Math.min(low, kept.peaks[2 * k] ?? 0);
      high = Math.max(high, kept.peaks[2 * k + 1] ?? 0);
    }
    g.fillStyle = colour(i >= x(start) && i <= x(end) ? "accent" : "wave");
    g.fillRect(i, middle - (high * middle) / 127, 1.4, Math.max(1, ((high - low) * middle) / 127));
  }
  g.fillStyle = colour("loop");
  g.fillRect(x(start), 0, x(end) - x(start), height);
  g.fillStyle = colour("cursor");
  for (const at of [x(start), x(end)]) g.fillRect(Math.min(width - 3, Math.max(0, at - 1.5)), 0, 3, height);
}

/** Dragging near an end moves it; elsewhere it begins another part. */
function listenTo(view: HTMLCanvasElement): () => void {
  let anchor: number | null = null, downAt = 0;
  const seconds = (e: PointerEvent): number => (e.offsetX / view.clientWidth) * (peaks.value?.duration ?? 0);
  view.onpointerdown = (e) => {
    const pixels = (s: number): number => Math.abs((s / (peaks.value?.duration || 1)) * view.clientWidth - e.offsetX), [start, end] = part.value;
    anchor = pixels(start) < kGrip ? end : pixels(end) < kGrip ? start : seconds(e);
    downAt = e.offsetX;
    view.setPointerCapture(e.pointerId);
  };
  view.onpointermove = (e) => {
    if (anchor === null || Math.abs(e.offsetX - downAt) < 4) return;
    const at = seconds(e);
    setPart(Math.min(anchor, at), Math.max(anchor, at), at < anchor ? "start" : "end");
  };
  view.onpointerup = view.onpointercancel = () => { anchor = null; };
  return drawing(view, draw);
}

function make(): void {
  const [start, end] = part.value, whole = peaks.value!.duration;
  cutting.value = false;
  void makeTake({ start, end: end > whole - kStep ? null : end, downbeat: null, again: [], sections: {} });
}

export function CutView() {
  const t = texts.value, canvas = useRef<HTMLCanvasElement>(null), sound = useRef<HTMLAudioElement>(null);
  const now = song.value!, address = now.peaks, [start, end] = part.value, whole = peaks.value?.duration ?? 0;
  useEffect(() => {
    peaks.value = null;
    if (!address) return;
    api.json<Peaks>(address).then((found) => {
      const has = take.value?.options;
      peaks.value = found;
      part.value = [has?.start ?? 0, has?.end ?? found.duration];
    }).catch(fail);
  }, [address]);
  useEffect(() => (whole > 0 ? listenTo(canvas.current!) : undefined), [whole]);
  const listen = (): void => { const player = sound.current!; if (sounding.value) { player.pause(); return; } player.currentTime = part.value[0]; player.play().catch(fail); };
  if (whole === 0) {
    const job = Object.values(jobs.value).find((j) => j.song === now.id);
    return <main class="making"><p class="quiet" role="status">{job ? t.stage_peaks : t.waiting}</p></main>;
  }
  return (
    <main class="cut" aria-label={t.choosePart}>
      <h2>{t.choosePart}</h2>
      <p class="quiet">{t.partHint}</p>
      <div class="wave"><canvas ref={canvas} role="img" aria-label={`${t.wave}. ${fill(t.partFrom, clock(start))} ${fill(t.partTo, clock(end))}`} /></div>
      <div class="ends-of-part">
        <label class="field"><span>{t.start}<output>{clock(start)}</output></span>
          <input type="range" aria-label={t.start} aria-valuetext={clock(start)} min={0} max={whole} step={kStep} value={start} onInput={(e) => setPart(Number(e.currentTarget.value), part.value[1], "start")} /></label>
        <label class="field"><span>{t.end}<output>{clock(end)}</output></span>
          <input type="range" aria-label={t.end} aria-valuetext={clock(end)} min={0} max={whole} step={kStep} value={end} onInput={(e) => setPart(part.value[0], Number(e.currentTarget.value), "end")} /></label>
      </div>
      <audio ref={sound} src={now.original} preload="none" onPlay={() => { sounding.value = true; }} onPause={() => { sounding.value = false; }} onTimeUpdate={(e) => { if (e.currentTarget.currentTime >= part.value[1]) e.currentTarget.pause(); }} />
      <div class="drop-buttons">
        <button class="main" onClick={make}>{t.makeCover}</button>
        <button aria-pressed={sounding.value} onClick={listen}>{sounding.value ? t.pause : t.hearPart}</button>
        <button onClick={() => { part.value = [0, whole]; }}>{t.wholeLength}</button>
        {take.value?.ready && <button class="plain" onClick={() => { cutting.value = false; }}>{t.cancel}</button>}
      </div>
    </main>
  );
}
