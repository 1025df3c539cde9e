// SPDX-License-Identifier: MIT
// The engraved score: systems from the worker, notes lit as they sound, a cursor between them, a click that plays from there.
// Each system comes into a frame of its own and tells where its notes are, so that nothing that is shown is ever measured.
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "./api";
import { faults, soundingAt } from "./keys";
import { playFrom, seek, time } from "./player";
import type { System } from "./score_worker";
import { fail, report, take, texts } from "./state";
declare const SCORE_WORKER: string;

/** Of one onset: from 0 to 1 in the width of a system. */
interface Place { onset: number; x: number; system: number }
/** In widths of the score. */
interface Row { top: number; height: number }
export const scoreState = signal<"" | "working" | "done">("");

const kApart = 0.01, kAbove = 3;  // seconds between two places of the cursor; pixels above a system that is turned to
const kNear = "60% 0px";  // of the score's height, around what is seen: systems that are styled and laid out
let worker: Worker | undefined;
let job = 0;

/** In the next frame; in a tab that is not seen there are none. */
const inFrame = (run: () => void): void => { if (document.hidden) setTimeout(run); else requestAnimationFrame(run); };

function start(): Worker {
  const begun = new Worker(SCORE_WORKER, { type: "module" });
  begun.addEventListener("message", ({ data }: MessageEvent<{ font?: string; bytes: Uint8Array<ArrayBuffer> }>) => {
    if (data.font) document.fonts.add(new FontFace(data.font, data.bytes));
  });
  return begun;
}

/** A drawn system as an element that keeps its height while it is left undrawn, far from what is seen. */
function elementOf({ svg, width, height }: System): HTMLElement {
  const page = document.createElement("div");
  page.className = "page";
  page.setAttribute("aria-hidden", "true");
  page.style.aspectRatio = `${width} / ${height}`;
  page.innerHTML = svg;
  return page;
}

export function ScoreView() {
  const pages = useRef<HTMLDivElement>(null), cursor = useRef<HTMLDivElement>(null), frame = useRef<HTMLDivElement>(null);
  const file = take.value?.files["score"] ?? null;

  useEffect(() => {
    if (!file) return;
    const root = pages.current!, line = cursor.current!, scroller = frame.current!;
    let elements = new Map<number, Element[]>(), places: Place[] = [], rows: Row[] = [], shown = -1, turned = 0, asked = 0, width = 0, xml = "";
    let height = 0;
    const near = new IntersectionObserver((seen) => { for (const { target, isIntersecting } of seen) target.classList.toggle("near", isIntersecting); }, { root: scroller, rootMargin: kNear });
    let coming: System[] = [], awaitingFrame = false, ended = false;
    const now = report.peek()!;
    const mine: { id: number } = { id: 0 };
    const ask = (): void => {
      asked = width = scroller.clientWidth;
      mine.id = ++job;
      scoreState.value = "working";
      worker!.postMessage({ job: mine.id, xml, width, scale: width < 600 ? 34 : 42 });
    };
    const take_in = (system: System): void => {
      if (system.page === 1) { elements = new Map(); places = []; rows = []; shown = -1; }
      const page = elementOf(system), before = rows[rows.length - 1], former = root.children[system.page - 1];
      for (const element of page.querySelectorAll("[data-note]")) {
        const number = Number(element.getAttribute("data-note"));
        elements.set(number, [...(elements.get(number) ?? []), element]);
      }
      const here = system.notes.flatMap(({ number, x }) => (now.notes[number] ? [{ onset: now.notes[number].onset, x, system: rows.length }] : []));
      for (const place of here.sort((a, b) => a.onset - b.onset)) if (place.onset > (places[places.length - 1]?.onset ?? -Infinity) + kApart) places.push(place);
      const row = { top: before ? before.top + before.height : 0, height: system.height / system.width };
      rows.push(row);
      page.classList.toggle("near", former?.classList.contains("near") ?? (row.top * width < turned + height && (row.top + row.height) * width > turned));
      if (former) { near.unobserve(former); former.replaceWith(page); } else root.append(page);
      near.observe(page);
      while (system.page === system.pages && root.children.length > system.pages) { near.unobserve(root.lastElementChild!); root.lastElementChild!.remove(); }
      on = new Set();
      missed = new Set();
      mark();
      if (system.page === system.pages) { scoreState.value = "done"; shown = -1; }  // only now there is room below to turn to the system
      move();
    };
    const takeNext = (): void => {
      const system = coming.shift();
      awaitingFrame = false;
      if (ended || !system) return;
      take_in(system);
      schedule();
    };
    const schedule = (): void => {
      if (awaitingFrame || coming.length === 0) return;
      awaitingFrame = true;
      inFrame(takeNext);
    };
    const onMessage = ({ data }: MessageEvent<System & { error?: string }>): void => {
      if (data.job !== mine.id) return;
      if (data.error) { fail(data.error); return; }
      if (data.page === 1) coming = [];
      coming.push(data);
      schedule();
    };
    let on = new Set<number>(), missed = new Set<number>();
    const mark = (): void => {
      for (const i of missed) if (!faults.value.has(i)) elements.get(i)?.forEach((e) => e.classList.remove("fault"));
      for (const i of faults.value) elements.get(i)?.forEach((e) => e.classList.add("fault"));
      missed = new Set(faults.value);
    };
    const move = (): void => {
      const seconds = time.value, next = soundingAt(now, seconds);
      for (const i of on) if (!next.has(i)) elements.get(i)?.forEach((e) => e.classList.remove("lit"));
      for (const i of next) if (!on.has(i)) elements.get(i)?.forEach((e) => e.classList.add("lit"));
      on = next;
      let k = places.findIndex((p) => p.onset > seconds);
      if (k < 0 && scoreState.peek() === "working") { line.hidden = true; return; }  // what sounds has not come yet
      k = k < 0 ? places.length - 1 : Math.max(0, k - 1);
      const here = places[k], after = places[k + 1], row = here && rows[here.system];
      if (!here || !row) { line.hidden = true; return; }
      const part = after && after.system === here.system ? Math.min(1, Math.max(0, (seconds - here.onset) / (after.onset - here.onset))) : 0;
      line.hidden = false;
      line.style.transform = `translate(${(here.x + part * ((after?.x ?? here.x) - here.x)) * width}px, ${row.top * width}px)`;
      line.style.height = `${row.height * width}px`;
      if (here.system !== shown) {
        shown = here.system;
        const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
        const top = Math.max(0, row.top * width - kAbove);
        if (top !== turned) scroller.scrollTo({ top, behavior: calm ? "instant" : "smooth" });  // which lays out what is new
        turned = top;
      }
    };
    worker ??= start();
    worker.addEventListener("message", onMessage);
    api.text(file).then((text) => { xml = text; ask(); }).catch(fail);
    const stop = effect(move), stopMarks = effect(mark);
    let timer = 0;
    const watch = new ResizeObserver(([entry]) => {
      height = entry!.contentRect.height;
      if (!xml || !entry || entry.contentRect.width === 0) return;
      width = entry.contentRect.width;
      if (Math.abs(width - asked) < 8) { move(); return; }
      clearTimeout(timer);
      timer = window.setTimeout(ask, 200);
    });
    watch.observe(scroller);
    const onClick = (event: MouseEvent): void => {
      const note = (event.target as Element).closest("[data-note]");
      const sounds = now.notes[Number(note?.getAttribute("data-note") ?? NaN)];
      if (sounds) { playFrom(sounds.onset); return; }
      const origin = root.getBoundingClientRect(), x = event.clientX - origin.left, y = event.clientY - origin.top;
      const system = rows.findIndex((r) => y <= (r.top + r.height) * width);
      const near = places.filter((p) => p.system === system)
        .reduce<Place | undefined>((best, p) => (!best || Math.abs(p.x * width - x) < Math.abs(best.x * width - x) ? p : best), undefined);
      if (near) seek(near.onset);
    };
    root.addEventListener("click", onClick);
    return () => { ended = true; stop(); stopMarks(); near.disconnect(); watch.disconnect(); clearTimeout(timer); worker!.removeEventListener("message", onMessage); root.removeEventListener("click", onClick); };
  }, [file]);

  return (
    <section class="score" ref={frame} aria-label={texts.value.score} tabIndex={0}>
      {scoreState.value === "working" && <p class="quiet engraving" role="status">{texts.value.engraving}</p>}
      <div class="sheet"><div ref={pages} class="pages" /><div ref={cursor} class="cursor" hidden aria-hidden="true" /></div>
    </section>
  );
}
