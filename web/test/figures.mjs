// SPDX-License-Identifier: MIT
// The page's figures (docs/reference/performance.md): POP2PIANO=PROGRAM node web/test/figures.mjs MINUTES...
// Each of MINUTES: the example song again and again for so long. Tasks are those of the page's main thread, as Chromium traces them: on the
// clock, so that they grow with what else the machine does, and in processor time.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { newPage, startBrowser, startServer } from "./browser.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url)))), example = join(root, "examples/song/example_song.ogg");
const folder = mkdtempSync(join(tmpdir(), "pop2piano-figures-")), server = await startServer(), browser = await startBrowser();

async function firstView() {
  const { page, context } = await newPage(browser, server.address);
  await page.getByRole("button", { name: "Try the example song" }).waitFor();
  const { paint, ready, bytes } = await page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime, ready: performance.getEntriesByType("navigation")[0].domInteractive,
    bytes: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].filter((r) => !/api|score-|verovio/.test(r.name)).reduce((sum, r) => sum + r.encodedBodySize, 0),
  }));
  console.log(`first paint ${Math.round(paint)} ms, interactive ${Math.round(ready)} ms, ${bytes} bytes`);
  await context.close();
}

/** The main thread's tasks, the longest four: milliseconds on the clock and of the processor, each in its own order. */
function tasks(trace) {
  const { traceEvents } = JSON.parse(trace), mains = new Set(traceEvents.filter((e) => e.name === "thread_name" && e.args.name === "CrRendererMain").map((e) => `${e.pid}/${e.tid}`));
  const busy = new Map();
  const runs = traceEvents.filter((e) => e.ph === "X" && /RunTask$/.test(e.name) && mains.has(`${e.pid}/${e.tid}`));
  for (const e of runs) busy.set(e.pid, (busy.get(e.pid) ?? 0) + e.dur);
  const shown = [...busy].sort((a, b) => b[1] - a[1])[0][0];
  const own = runs.filter((e) => e.pid === shown), inside = (e) => own.some((o) => o !== e && o.tid === e.tid && o.ts <= e.ts && o.ts + o.dur >= e.ts + e.dur && o.dur > e.dur);
  const outer = own.filter((e) => e.dur < 5000 || !inside(e));
  const longest = (of) => outer.map((e) => (e[of] ?? 0) / 1000).sort((a, b) => b - a).slice(0, 4).map((t) => Math.round(t)).join(", ");
  return `longest tasks ${longest("dur")} ms on the clock, ${longest("tdur")} ms of the processor`;
}

async function song(minutes) {
  const { page, context } = await newPage(browser, server.address), file = join(folder, `${minutes}.wav`);
  execFileSync("ffmpeg", ["-v", "error", "-y", "-stream_loop", "-1", "-i", example, "-t", String(60 * minutes), "-ac", "1", "-ar", "24000", file]);
  page.setDefaultTimeout(600_000);
  await page.evaluate(() => {
    new MutationObserver(() => { if (document.querySelector(".pages > .page")) window.shown ??= performance.now(); }).observe(document.body, { childList: true, subtree: true });
  });
  await page.locator("input[type=file]").setInputFiles(file);
  await page.waitForFunction(() => window.pop2piano.take.value?.ready && window.pop2piano.engraved.value === "done");
  await page.waitForFunction(() => window.pop2piano.take.value.sound === "ready");
  // Once more, with the program and the browser doing nothing else.
  await browser.startTracing(page, { categories: ["-*", "disabled-by-default-devtools.timeline", "toplevel", "devtools.timeline"] });
  await page.reload();
  const ready = await (await page.waitForFunction(() => window.pop2piano?.report.value && performance.now(), null, { polling: 10 })).jsonValue();
  const shown = await (await page.waitForFunction(() => document.querySelector(".pages > .page") && performance.now(), null, { polling: 10 })).jsonValue();
  await page.waitForFunction(() => window.pop2piano.engraved.value === "done");
  await page.waitForTimeout(1000);
  const longest = tasks(await browser.stopTracing());
  const notes = await page.evaluate(() => window.pop2piano.report.value.notes.length);
  console.log(`${minutes} minutes, ${notes} notes: score visible ${Math.round(shown - ready)} ms after its cover, ${Math.round(shown)} ms after a reload; ${longest}`);
  await context.close();
}

await firstView();
for (const minutes of process.argv.slice(2)) await song(Number(minutes));
await browser.close();
await server.stop();
rmSync(folder, { recursive: true });
