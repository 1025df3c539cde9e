// SPDX-License-Identifier: MIT
// The engraved score: pages from the worker, notes lit as they sound, a cursor between them, a click that plays from there.
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type Report } from "./api";
import { soundingAt } from "./keys";
import { seek, time } from "./player";
import type { ScoreNote } from "./score_worker";
import { fail, report, take, texts } from "./state";
declare const SCORE_WORKER: string;

interface Place { onset: number; x: number; top: number; height: number }
export const scoreState = signal<"" | "working" | "done">("");
export const lit = signal<ReadonlySet<number>>(new Set());

let worker: Worker | undefined;
let job = 0;

/** Engraved notes by number in the report: named so in the score, or the nearest of the same pitch (pieces of tied notes). */
export function numbers(engraved: ScoreNote[], now: Report): Map<string, number> {
  const result = new Map<string, number>(), first = Math.min(...now.notes.map((n) => n.step)) / now.steps_per_beat;
  const shift = first - Math.min(...engraved.map((n) => n.quarter));
  for (const note of engraved) {
    const named = /^n(\d+)(?:\.\d+)?$/.exec(note.id);
    if (named) { result.set(note.id, Number(named[1])); continue; }
    let best = -1, least = 1;
    now.notes.forEach((candidate, i) => {
      const away = Math.abs(candidate.step / now.steps_per_beat - note.quarter - shift);
      if (candidate.pitch === note.pitch && away < least) { best = i; least = away; }
    });
    if (best >= 0) result.set(note.id, best);
  }
  return result;
}

function measure(root: HTMLElement, names: Map<string, number>, now: Report): Place[] {
  const origin = root.getBoundingClientRect(), places: Place[] = [];
  for (const [id, number] of names) {
    const element = root.querySelector(`#${CSS.escape(id)}`), system = element?.closest(".system"), note = now.notes[number];
    if (!element || !system || !note) continue;
    const box = (element.querySelector(".notehead") ?? element).getBoundingClientRect(), around = system.getBoundingClientRect();
    places.push({ onset: note.onset, x: box.left - origin.left + box.width / 2, top: around.top - origin.top, height: around.height });
  }
  places.sort((a, b) => a.onset - b.onset);
  return places.filter((p, i) => i === 0 || p.onset > places[i - 1]!.onset + 0.01);
}

export function ScoreView() {
  const pages = useRef<HTMLDivElement>(null), cursor = useRef<HTMLDivElement>(null), frame = useRef<HTMLDivElement>(null);
  const file = take.value?.files["score"] ?? null;

  useEffect(() => {
    if (!file) return;
    const root = pages.current!, line = cursor.current!, scroller = frame.current!;
    let names = new Map<string, number>(), elements = new Map<number, Element[]>(), places: Place[] = [], shownTop = -1, width = 0, xml = "";
    const now = report.peek()!;
    const mine: { id: number } = { id: 0 };
    const ask = (): void => {
      width = scroller.clientWidth;
      mine.id = ++job;
      scoreState.value = "working";
      worker!.postMessage({ job: mine.id, xml, width, scale: width < 600 ? 34 : 42 });
    };
    const onMessage = ({ data }: MessageEvent): void => {
      if (data.job !== mine.id) return;
      if (data.error) { fail(data.error); return; }
      if (data.svg) {
        if (data.page === 1) root.replaceChildren();
        const svg = new DOMParser().parseFromString(data.svg, "image/svg+xml").documentElement;
        svg.setAttribute("aria-hidden", "true");
        const page = document.createElement("div");
        page.className = "page";
        page.append(document.importNode(svg, true));
        root.append(page);
        return;
      }
      names = numbers(data.notes, now);
      elements = new Map();
      for (const [id, number] of names) {
        const element = root.querySelector(`#${CSS.escape(id)}`);
        if (!element) continue;
        elements.set(number, [...(elements.get(number) ?? []), element]);
        element.setAttribute("data-note", String(number));
      }
      places = measure(root, names, now);
      scoreState.value = "done";
      move();
    };
    let on = new Set<number>();
    const move = (): void => {
      const seconds = time.value, next = soundingAt(now, seconds);
      for (const i of on) if (!next.has(i)) elements.get(i)?.forEach((e) => e.classList.remove("lit"));
      for (const i of next) if (!on.has(i)) elements.get(i)?.forEach((e) => e.classList.add("lit"));
      on = next;
      lit.value = next;
      let k = places.findIndex((p) => p.onset > seconds);
      k = k < 0 ? places.length - 1 : Math.max(0, k - 1);
      const here = places[k], after = places[k + 1];
      if (!here) { line.hidden = true; return; }
      const part = after && after.top === here.top ? Math.min(1, Math.max(0, (seconds - here.onset) / (after.onset - here.onset))) : 0;
      line.hidden = false;
      line.style.transform = `translate(${here.x + part * ((after?.x ?? here.x) - here.x)}px, ${here.top}px)`;
      line.style.height = `${here.height}px`;
      if (here.top !== shownTop) {
        shownTop = here.top;
        const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
        scroller.scrollTo({ top: Math.max(0, here.top - 24), behavior: calm ? "instant" : "smooth" });
      }
    };
    worker ??= new Worker(SCORE_WORKER, { type: "module" });
    worker.addEventListener("message", onMessage);
    api.text(file).then((text) => { xml = text; ask(); }).catch(fail);
    const stop = effect(move);
    let timer = 0;
    const watch = new ResizeObserver(() => {
      if (!xml || Math.abs(scroller.clientWidth - width) < 8) return;
      clearTimeout(timer);
      timer = window.setTimeout(ask, 200);
    });
    watch.observe(scroller);
    const onClick = (event: MouseEvent): void => {
      const note = (event.target as Element).closest("[data-note]");
      if (note) { seek(now.notes[Number(note.getAttribute("data-note"))]!.onset); return; }
      const origin = root.getBoundingClientRect(), x = event.clientX - origin.left, y = event.clientY - origin.top;
      const row = places.filter((p) => y >= p.top && y <= p.top + p.height);
      const near = row.reduce<Place | undefined>((best, p) => (!best || Math.abs(p.x - x) < Math.abs(best.x - x) ? p : best), undefined);
      if (near) seek(near.onset);
    };
    root.addEventListener("click", onClick);
    return () => { stop(); watch.disconnect(); clearTimeout(timer); worker!.removeEventListener("message", onMessage); root.removeEventListener("click", onClick); };
  }, [file]);

  return (
    <section class="score" ref={frame} aria-label={texts.value.score} tabIndex={0}>
      {scoreState.value === "working" && <p class="quiet engraving" role="status">{texts.value.engraving}</p>}
      <div class="sheet"><div ref={pages} class="pages" /><div ref={cursor} class="cursor" hidden aria-hidden="true" /></div>
    </section>
  );
}
