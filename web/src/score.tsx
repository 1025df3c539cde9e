// SPDX-License-Identifier: MIT
// The engraved score: systems from the worker, notes lit as they sound, a cursor between them, a click that plays from there.
// Each system comes in a task of its own and tells where its notes are, so that nothing that is shown is ever measured.
import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "./api";
import { soundingAt } from "./keys";
import { seek, time } from "./player";
import type { System } from "./score_worker";
import { fail, report, take, texts } from "./state";
declare const SCORE_WORKER: string;

/** Of one onset: from 0 to 1 in the width of a system. */
interface Place { onset: number; x: number; system: number }
/** In widths of the score. */
interface Row { top: number; height: number }
export const scoreState = signal<"" | "working" | "done">("");

const kApart = 0.01;  // seconds between two places of the cursor
let worker: Worker | undefined;
let job = 0;

function start(): Worker {
  const begun = new Worker(SCORE_WORKER, { type: "module" });
  begun.addEventListener("message", ({ data }: MessageEvent<{ font?: string; bytes: Uint8Array<ArrayBuffer> }>) => {
    if (data.font) document.fonts.add(new FontFace(data.font, data.bytes));
  });
  return begun;
}

/** A drawn system as an element that keeps its height while the browser leaves it undrawn. */
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
    let elements = new Map<number, Element[]>(), places: Place[] = [], rows: Row[] = [], shown = -1, asked = 0, width = 0, xml = "";
    const now = report.peek()!;
    const mine: { id: number } = { id: 0 };
    const ask = (): void => {
      asked = width = scroller.clientWidth;
      mine.id = ++job;
      scoreState.value = "working";
      worker!.postMessage({ job: mine.id, xml, width, scale: width < 600 ? 34 : 42 });
    };
    const take_in = (system: System): void => {
      if (system.page === 1) { root.replaceChildren(); elements = new Map(); places = []; rows = []; shown = -1; }
      const page = elementOf(system), before = rows[rows.length - 1];
      for (const element of page.querySelectorAll("[data-note]")) {
        const number = Number(element.getAttribute("data-note"));
        elements.set(number, [...(elements.get(number) ?? []), element]);
      }
      const here = system.notes.flatMap(({ number, x }) => (now.notes[number] ? [{ onset: now.notes[number].onset, x, system: rows.length }] : []));
      for (const place of here.sort((a, b) => a.onset - b.onset)) if (place.onset > (places[places.length - 1]?.onset ?? -Infinity) + kApart) places.push(place);
      rows.push({ top: before ? before.top + before.height : 0, height: system.height / system.width });
      root.append(page);
      if (system.page === system.pages) scoreState.value = "done";
      on = new Set();
      move();
    };
    const onMessage = ({ data }: MessageEvent<System & { error?: string }>): void => {
      if (data.job !== mine.id) return;
      if (data.error) fail(data.error);
      else take_in(data);
    };
    let on = new Set<number>();
    const move = (): void => {
      const seconds = time.value, next = soundingAt(now, seconds);
      for (const i of on) if (!next.has(i)) elements.get(i)?.forEach((e) => e.classList.remove("lit"));
      for (const i of next) if (!on.has(i)) elements.get(i)?.forEach((e) => e.classList.add("lit"));
      on = next;
      let k = places.findIndex((p) => p.onset > seconds);
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
        scroller.scrollTo({ top: Math.max(0, row.top * width - 12), behavior: calm ? "instant" : "smooth" });
      }
    };
    worker ??= start();
    worker.addEventListener("message", onMessage);
    api.text(file).then((text) => { xml = text; ask(); }).catch(fail);
    const stop = effect(move);
    let timer = 0;
    const watch = new ResizeObserver(([entry]) => {
      if (!xml || !entry || entry.contentRect.width === 0) return;
      width = entry.contentRect.width;
      if (Math.abs(width - asked) < 8) { move(); return; }
      clearTimeout(timer);
      timer = window.setTimeout(ask, 200);
    });
    watch.observe(scroller);
    const onClick = (event: MouseEvent): void => {
      const note = (event.target as Element).closest("[data-note]");
      if (note) { seek(now.notes[Number(note.getAttribute("data-note"))]!.onset); return; }
      const origin = root.getBoundingClientRect(), x = event.clientX - origin.left, y = event.clientY - origin.top;
      const system = rows.findIndex((r) => y <= (r.top + r.height) * width);
      const near = places.filter((p) => p.system === system)
        .reduce<Place | undefined>((best, p) => (!best || Math.abs(p.x * width - x) < Math.abs(best.x * width - x) ? p : best), undefined);
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
