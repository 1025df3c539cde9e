// SPDX-License-Identifier: MIT
// The page in a browser against the real server. Times are printed, not asserted; what is asserted does not depend on the machine.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newPage, openExample, startBrowser, startServer } from "./browser.mjs";

let server, browser, page, said, context;
const playSeconds = async (seconds) => {
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Space");
  await page.waitForFunction((s) => window.pop2piano.time.value > s, seconds);
};
const value = (read) => page.evaluate(read);

before(async () => {
  server = await startServer();
  browser = await startBrowser();
  ({ page, said, context } = await newPage(browser, server.address));
});
after(async () => { await browser?.close(); await server?.stop(); });

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Of the page and its colours; what Verovio draws is hidden from readers of the screen. */
async function findings(target) {
  await target.evaluate(axe);
  const { violations } = await target.evaluate(() => window.axe.run(document, { exclude: [".page"] }));
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 4).join(", ")}`);
}

test("the first view has no findings of axe and little to load", async () => {
  await page.getByRole("button", { name: "Try the example song" }).waitFor();
  assert.deepEqual(await findings(page), []);
  const bytes = await value(() => performance.getEntriesByType("resource").filter((r) => /app-|page-/.test(r.name)).reduce((sum, r) => sum + r.encodedBodySize, 0));
  console.log(`script and style: ${bytes} bytes as sent`);
  assert.ok(bytes > 0 && bytes < 300_000, `script and style: ${bytes} bytes`);
});

test("the example song becomes a score, with progress on the way", async () => {
  const start = Date.now();
  await openExample(page);
  console.log(`example to score and sound: ${Date.now() - start} ms`);
  const { engraved, all } = await value(() => ({
    engraved: new Set([...document.querySelectorAll("[data-note]")].map((n) => n.dataset.note)).size, all: window.pop2piano.report.value.notes.length,
  }));
  assert.equal(engraved, all, "every note of the report can be lit in the score");
  assert.deepEqual(await findings(page), []);
});

test("the lit notes are those that sound, within 50 ms by the audio clock", async () => {
  await playSeconds(2);
  const samples = await page.evaluate(async () => {
    const { insides, time } = window.pop2piano, result = [];
    const before = { audio: insides.context.currentTime, media: insides.media.currentTime };
    for (let i = 0; i < 40; ++i) {
      await new Promise(requestAnimationFrame);
      result.push(Math.abs(time.value - insides.heard()));
    }
    const after = { audio: insides.context.currentTime, media: insides.media.currentTime };
    return { result, drift: (after.media - before.media) - (after.audio - before.audio) };
  });
  const middle = samples.result.sort((a, b) => a - b)[20];
  console.log(`cursor to sound: median ${(middle * 1000).toFixed(1)} ms; element to audio clock: ${(samples.drift * 1000).toFixed(1)} ms`);
  const wrong = await value(() => {
    const { time, report } = window.pop2piano, lit = [...document.querySelectorAll(".lit")].map((n) => report.value.notes[Number(n.dataset.note)]);
    return lit.filter((n) => n.onset > time.value + 0.05 || n.offset < time.value - 0.05).length;
  });
  assert.equal(wrong, 0);
  await page.keyboard.press("Space");
  assert.equal(await value(() => window.pop2piano.insides.media.paused), true);
});

test("one element, two gains: balance and speed", async () => {
  const set = (name, v) => page.getByRole("slider", { name }).evaluate((input, to) => { input.value = to; input.dispatchEvent(new Event("input", { bubbles: true })); }, String(v));
  await playSeconds(0.1);
  await set("Balance", 0);
  await page.waitForFunction(() => window.pop2piano.insides.gains.pianoLeft.gain.value < 0.01 && window.pop2piano.insides.gains.song.gain.value > 0.99);
  await set("Balance", 1);
  await page.waitForFunction(() => window.pop2piano.insides.gains.song.gain.value < 0.01 && window.pop2piano.insides.gains.pianoLeft.gain.value > 0.99);
  await set("Balance", 0.5);
  await set("Speed", 0.5);
  assert.deepEqual(await value(() => [window.pop2piano.insides.media.playbackRate, window.pop2piano.insides.media.preservesPitch]), [0.5, true]);
  await set("Speed", 1);
  await page.getByRole("button", { name: "Pause" }).click();
});

test("dragging over the waveform loops whole bars, which come again", async () => {
  const box = await page.locator(".wave canvas").boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.35, box.y + 30, { steps: 4 });
  await page.mouse.up();
  const { loop, starts } = await value(() => ({ loop: window.pop2piano.loop.value, starts: window.pop2piano.report.value.bars.map((b) => b.time) }));
  assert.ok(starts.includes(loop.from) && starts.includes(loop.to), JSON.stringify(loop));
  await page.evaluate((to) => { window.pop2piano.insides.media.currentTime = to - 0.2; }, loop.to);
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Space");
  await page.waitForFunction((l) => window.pop2piano.insides.media.currentTime < l.to - 0.3 && window.pop2piano.playing.value, loop);
  await page.keyboard.press("Space");
  await page.keyboard.press("l");
  assert.equal(await value(() => window.pop2piano.loop.value), null);
});

test("a click on a note plays from there", async () => {
  const note = page.locator("[data-note]").nth(12), number = Number(await note.getAttribute("data-note"));
  await value(() => { window.sought = []; window.pop2piano.insides.media.addEventListener("seeking", (e) => window.sought.push(e.target.currentTime), { once: true }); });
  await note.locator(".notehead").first().click({ force: true });
  await page.waitForFunction(() => window.pop2piano.playing.value && window.sought.length > 0);
  const { onset, sought } = await page.evaluate((n) => ({ onset: window.pop2piano.report.value.notes[n].onset, sought: window.sought[0] }), number);
  assert.ok(Math.abs(sought - onset) < 1e-3, `${sought} ${onset}`);
  await page.getByRole("button", { name: "Pause" }).click();
});

test("dark and light style each element once, and nothing is laid out in the click", async () => {
  const all = await value(() => document.querySelectorAll("*").length);
  await browser.startTracing(page, { categories: ["-*", "blink", "devtools.timeline"] });
  await page.getByRole("button", { name: "Dark or light" }).click();
  await page.waitForFunction(() => document.querySelector("#app").dataset.theme === "dark");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  const styled = traceEvents.filter((e) => e.name === "Document::updateStyle").map((e) => e.args.counters?.elementsStyled ?? 0).reduce((a, b) => a + b, 0);
  assert.ok(styled > 0 && styled < 1.5 * all, `${styled} elements styled of ${all}`);
  const roll = () => page.locator(".roll canvas").evaluate((c) => c.toDataURL());
  const dark = await roll();
  await page.getByRole("button", { name: "Dark or light" }).click();
  await page.waitForFunction(() => document.querySelector("#app").dataset.theme === "light");
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.notEqual(await roll(), dark, "canvases follow the theme");
});

test("another level is another take, without an upload", async () => {
  const start = Date.now();
  await page.keyboard.press("1");
  await page.waitForFunction(() => window.pop2piano.take.value.summary.level === 1);
  console.log(`level 5 to 1: ${Date.now() - start} ms`);
  await page.getByRole("group", { name: "Takes" }).getByRole("button").nth(1).waitFor();
  await page.waitForFunction(() => window.pop2piano.take.value.sound === "ready");
});

test("an edit is undone and redone, also after a reload", async () => {
  const count = () => value(() => window.pop2piano.report.value.notes.length), first = await count();
  const changed = (n) => page.waitForFunction((to) => window.pop2piano.report.value?.notes.length === to, n);
  await page.keyboard.press("e");
  await page.locator(".edit-bar [role=status]").waitFor();  // which takes room
  const roll = page.locator(".roll canvas"), box = await roll.boundingBox();
  await roll.dblclick({ position: { x: box.width * 0.6, y: box.height - 4 } });
  await changed(first + 1);
  await page.waitForFunction(() => !window.pop2piano.saving.value && window.pop2piano.take.value.revision === 1);
  await page.reload();
  await changed(first + 1);
  await page.getByRole("button", { name: "Undo" }).click();
  await changed(first);
  await page.keyboard.press("Control+Shift+z");
  await changed(first + 1);
  await page.keyboard.press("Control+z");
  await changed(first);
});

test("wait mode waits for the right notes and counts the wrong ones", async () => {
  await page.getByRole("button", { name: "Practise" }).click();
  await page.waitForFunction(() => window.pop2piano.awaited.value.size > 0);
  const here = await value(() => window.pop2piano.time.value);
  const names = await page.evaluate((t) => [...new Set(window.pop2piano.report.value.notes.filter((n) => n.onset >= t - 0.001).filter((n, _, all) => n.onset <= all[0].onset + 0.06).map((n) => n.pitch % 12))], here);
  const wrong = [...Array(12).keys()].find((n) => !names.includes(n));
  await page.keyboard.press("awsedftgyhuj"[wrong]);
  assert.match(await page.locator(".practice-state").innerText(), /0 right · 1 wrong/);
  assert.equal(await value(() => window.pop2piano.time.value), here);
  const missed = await value(() => [...window.pop2piano.faults.value].map((i) => window.pop2piano.report.value.notes[i].pitch % 12));
  assert.deepEqual([...new Set(missed)].sort(), [...names].sort(), "what was missed is marked");
  await page.locator(".page g.fault").first().waitFor({ state: "attached" });
  for (const name of names) await page.keyboard.press("awsedftgyhuj"[name]);
  await page.waitForFunction((t) => window.pop2piano.time.value > t, here);
  await page.getByRole("button", { name: "Practise" }).click();
});

test("by keyboard alone: help opens and closes, focus is seen", async () => {
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await page.keyboard.press("Tab");
  assert.notEqual(await value(() => getComputedStyle(document.activeElement).outlineStyle), "none");
});

test("a link opens the cover at its bar", async () => {
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Home");
  for (let i = 0; i < 3; ++i) await page.keyboard.press("ArrowRight");
  await page.getByRole("button", { name: "Link to this bar" }).click();
  const { address, onset } = await value(() => ({ address: location.href, onset: window.pop2piano.report.value.bars[3].time }));
  assert.match(address, /\/4$/);
  const other = await newPage(browser, address);
  await other.page.waitForFunction((t) => Math.abs(window.pop2piano.time.value - t) < 0.001, onset);
  await other.context.close();
});

test("another version is another take", async () => {
  const before = await value(() => window.pop2piano.take.value.id);
  await page.getByRole("button", { name: "Another version" }).click();
  await page.waitForFunction((id) => window.pop2piano.take.value.id !== id && window.pop2piano.take.value.ready, before);
  assert.equal(await value(() => window.pop2piano.take.value.options.seed), 1);
  await page.waitForFunction(() => window.pop2piano.take.value.sound === "ready");
});

test("files can be taken away", async () => {
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "MIDI" }).click();
  assert.equal(readFileSync(await (await download).path()).subarray(0, 4).toString(), "MThd");
});

test("dark, as small as a phone, on a tablet: no findings in any view, nothing beside the screen", async () => {
  const address = page.url();
  for (const settings of [{ colorScheme: "dark" }, { viewport: { width: 390, height: 844 } }, { viewport: { width: 820, height: 1180 } }, { viewport: { width: 844, height: 390 } }]) {
    const other = await newPage(browser, address, settings);
    await other.page.locator(".score .page svg").first().waitFor();
    assert.deepEqual(await findings(other.page), []);
    const within = () => other.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    assert.ok(await within());
    await other.page.getByRole("button", { name: "Practise" }).click();
    await other.page.waitForFunction(() => window.pop2piano.awaited.value.size > 0);
    assert.deepEqual(await findings(other.page), [], "while practising");
    assert.ok(await within());
    await other.page.getByRole("button", { name: "Practise" }).click();
    await other.page.getByRole("button", { name: "Edit notes" }).click();
    await other.page.locator("summary", { hasText: /^Beats$/ }).click();
    assert.deepEqual(await findings(other.page), [], "while editing, with the beats open");
    await other.page.getByRole("button", { name: "Choose a part of the song" }).click();
    await other.page.getByRole("slider", { name: "Start" }).waitFor();
    assert.deepEqual(await findings(other.page), [], "where a part is chosen");
    assert.ok(await within());
    assert.deepEqual(other.said, []);
    await other.context.close();
  }
});

test("a title of markup is text; a file that is no song is a message", async () => {
  const id = await value(() => window.pop2piano.take.value.song), title = "<img src=x onerror=alert(1)>";
  const status = await page.evaluate(async ([song, text]) => (await fetch(`/api/v1/songs/${song}`, { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ title: text }) })).status, [id, title]);
  assert.equal(status, 200);
  await page.reload();
  await page.getByRole("heading", { name: title }).waitFor();
  assert.equal(await page.locator("#app img[src=x]").count(), 0);
  await page.getByRole("button", { name: "All songs" }).click();
  const folder = mkdtempSync(join(tmpdir(), "pop2piano-upload-"));
  writeFileSync(join(folder, "no_song.mp3"), "This is not sound.");
  await page.locator("input[type=file]").setInputFiles(join(folder, "no_song.mp3"));
  await page.locator(".making [role=alert]").getByText("no_song.mp3").waitFor();
  rmSync(folder, { recursive: true });
});

test("the page opens without its server, with the songs it has seen", async () => {
  await page.goto(server.address);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.locator(".song-row").first().waitFor();
  assert.deepEqual(said.filter((line) => !line.includes("Failed to load resource")), []);
  await context.setOffline(true);
  await page.reload();
  await page.locator(".song-row").first().waitFor();
  await context.setOffline(false);
});
