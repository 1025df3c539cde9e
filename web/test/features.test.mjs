// SPDX-License-Identifier: MIT
// What the page sends for each control, practice with a MIDI keyboard, edits by hand, takes side by side, songs that fail, long songs.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { newPage, openExample, startBrowser, startServer } from "./browser.mjs";

let server, browser, page, context;
const value = (read, of) => page.evaluate(read, of);
const changed = (condition, of) => page.waitForFunction(condition, of);

before(async () => {
  server = await startServer();
  browser = await startBrowser();
  ({ page, context } = await newPage(browser, server.address));
  await openExample(page);
});
after(async () => { await browser?.close(); await server?.stop(); });

/** Holds back what the page asks for; returns the options that an action sends. */
async function sent(action) {
  let body;
  const hold = async (route) => { body = route.request().postDataJSON(); await route.fulfill({ status: 400, json: { detail: "held back by the test" } }); };
  await page.route("**/api/v1/songs/*/takes*", hold);
  const asked = page.waitForResponse((r) => r.url().includes("/takes") && r.request().method() === "POST");
  try {
    await Promise.all([asked, action()]);
  } finally {
    await page.unroute("**/api/v1/songs/*/takes*", hold);
  }
  await page.getByRole("alert").getByRole("button", { name: "Close" }).click();
  return body;
}
const click = (name) => page.getByRole("button", { name, exact: true }).click();
const choose = (label, option) => page.getByLabel(label, { exact: true }).selectOption(option);

test("every control of the arrangement sends its option", async () => {
  assert.equal((await sent(() => choose("Style", "dense-chords"))).style, "dense-chords");
  assert.equal((await sent(() => choose("Key", "easy"))).key, "easy");
  assert.equal((await sent(() => choose("Reach of a hand", "octave"))).hands, "octave");
  assert.equal((await sent(() => page.getByLabel("Fingering").click())).fingering, true);
  assert.equal((await sent(() => page.getByRole("group", { name: "Everything an octave" }).getByRole("button", { name: "Up" }).click())).transpose, 12);
  assert.equal((await sent(() => page.getByRole("group", { name: "Everything an octave" }).getByRole("button", { name: "Down" }).click())).transpose, -12);
  const again = await sent(() => click("Another version"));
  assert.deepEqual([again.seed, again.temperature], [1, 1]);
  await page.getByText("Style of each section").click();
  assert.deepEqual((await sent(() => choose("Section A", "sparse-chords"))).sections, { A: "sparse-chords" });
});

test("every repair of the beats sends its option", async () => {
  await page.locator("summary", { hasText: /^Beats$/ }).click();
  const taken = async (...wishes) => sent(async () => { for (const wish of wishes) await wish(); await click("Make the cover on these beats"); });
  assert.equal((await taken(() => click("Half as fast"))).tempo_times, 0.5);
  assert.equal((await taken(() => click("Twice as fast"))).tempo_times, 2);
  assert.equal((await taken(() => choose("Beats in a bar", "3"))).beats_per_bar, 3);
  const { beats, metre } = await value(() => ({ beats: window.pop2piano.report.value.beats, metre: window.pop2piano.report.value.beats_per_bar })), first = beats.findIndex((b) => b.number === 1);
  assert.equal((await taken(() => click("One beat later"))).downbeat, Math.max(0, beats[(first + 1) % metre].time));
  assert.equal((await taken(() => click("One beat earlier"))).downbeat, Math.max(0, beats[(first - 1 + metre) % metre].time));
  const both = await taken(() => click("Twice as fast"), () => click("One beat later"));
  assert.equal(both.tempo_times, 2);
  assert.ok(Math.abs(both.downbeat - (beats[first].time + beats[first + 1].time) / 2) < 1e-9, "a beat of the song that is twice as fast");
});

test("another beat is heard at once, before anything is made", async () => {
  await page.keyboard.press("Home");
  await value(() => window.pop2piano.insides.media.pause());
  await changed(() => !window.pop2piano.playing.value);
  const clicks = () => value(() => window.pop2piano.insides.clicks), before = await clicks();
  await click("Half as fast");
  await changed((n) => window.pop2piano.playing.value && window.pop2piano.insides.clicks > n + 1, before);
  const [found, tried] = await value(() => [window.pop2piano.report.value.beats.length, window.pop2piano.trialBeats.value.length]);
  assert.ok(Math.abs(tried - found / 2) <= 0.5, `${tried} of ${found}`);
  await click("Leave the beats as they were");
  assert.equal(await value(() => window.pop2piano.trialBeats.value), null);
  await click("Pause");
});

test("each pass of a loop is faster by what was chosen", async () => {
  const bars = await value(() => window.pop2piano.report.value.bars.map((b) => b.time));
  await value(([from, to]) => { window.pop2piano.loop.value = { from, to }; }, [bars[2], bars[3]]);
  await choose("Each pass faster", "2");
  await value((at) => { window.pop2piano.insides.media.currentTime = at; }, bars[3] - 0.3);
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Space");
  await changed(() => Math.abs(window.pop2piano.speed.value - 1.02) < 1e-9 && window.pop2piano.insides.media.playbackRate === window.pop2piano.speed.value);
  await click("Pause");
  await choose("Each pass faster", "0");
  await value(() => { window.pop2piano.loop.value = null; window.pop2piano.speed.value = 1; });
});

test("chosen bars are written again, shifted, cut out", async () => {
  const bars = await value(() => window.pop2piano.report.value.bars.map((b) => b.time));
  await value(([from, to]) => { window.pop2piano.loop.value = { from, to }; }, [bars[4], bars[6]]);
  await page.getByRole("heading", { name: "bars 5–6" }).waitFor();
  assert.deepEqual((await sent(() => click("Another version of these bars"))).again, [{ bars: [5, 6], seed: 1 }]);
  const part = await sent(() => click("Cover only these bars"));
  assert.deepEqual([part.start, part.end], [bars[4], bars[6]]);
  await value(([from, to]) => { window.pop2piano.loop.value = { from, to }; }, [bars[4], bars[6]]);
  const notes = () => value(() => window.pop2piano.report.value.notes.map((n) => ({ step: n.step, pitch: n.pitch, voice: n.voice, onset: n.onset })));
  const key = (n) => `${n.step}/${n.pitch}/${n.voice}`, before = await notes();
  await page.getByRole("group", { name: "Tune an octave" }).getByRole("button", { name: "Up" }).click();
  await changed(() => window.pop2piano.take.value.revision === 1);
  const expected = before.map((n) => (n.voice === "melody" && n.onset >= bars[4] - 0.01 && n.onset < bars[6] - 0.01 ? { ...n, pitch: n.pitch + 12 } : n));
  assert.notDeepEqual(before.map(key).sort(), expected.map(key).sort());
  assert.deepEqual((await notes()).map(key).sort(), expected.map(key).sort());
  await click("Undo");
  await changed(() => window.pop2piano.take.value.revision === 2);
  assert.deepEqual((await notes()).map(key).sort(), before.map(key).sort());
});

test("bars written again leave the others as they were", async () => {
  const notes = () => value(() => window.pop2piano.report.value.notes.map((n) => `${n.step}/${n.pitch}/${n.onset}`));
  const [from, to] = await value(() => [window.pop2piano.loop.value.from, window.pop2piano.loop.value.to]), before = await notes();
  const id = await value(() => window.pop2piano.take.value.id);
  await click("Another version of these bars");
  await changed((was) => window.pop2piano.take.value.id !== was && window.pop2piano.take.value.ready, id);
  const outside = (all) => all.filter((n) => { const t = Number(n.split("/")[2]); return t < from - 0.01 || t >= to - 0.01; });
  const after = await notes();
  assert.deepEqual(outside(after), outside(before));
  assert.notDeepEqual(after, before);
});

test("takes are compared at the same place", async () => {
  await value(() => { window.pop2piano.loop.value = null; });
  await changed(() => window.pop2piano.take.value.sound === "ready" && window.pop2piano.insides.media.readyState >= 3);
  await page.getByLabel("Position").evaluate((input) => { input.value = "7.5"; input.dispatchEvent(new Event("input", { bubbles: true })); });
  const others = page.getByRole("group", { name: "Takes" }).locator("button[aria-pressed=false]");
  for (let i = 0; i < 3; ++i) {
    const was = await value(() => window.pop2piano.take.value.id);
    await others.first().click();
    await changed((id) => window.pop2piano.take.value.id !== id, was);
    await changed(() => Math.abs(window.pop2piano.time.value - 7.5) < 0.05 && Math.abs(window.pop2piano.insides.media.currentTime - 7.5) < 0.05);
  }
});

test("one key goes to the take before, and back", async () => {
  const id = () => value(() => window.pop2piano.take.value.id), here = await id();
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("x");
  await changed((was) => window.pop2piano.take.value.id !== was, here);
  await page.keyboard.press("x");
  await changed((was) => window.pop2piano.take.value.id === was, here);
});

test("a note is dragged to another pitch, and deleted", async () => {
  await page.keyboard.press("Home");
  await page.locator(".edit-bar").getByRole("button", { name: "Edit notes" }).click();
  await page.locator(".edit-bar [role=status]").waitFor();  // which takes room
  const note = await value(() => {
    const notes = window.pop2piano.report.value.notes, near = (a, b) => a !== b && Math.abs(a.pitch - b.pitch) <= 5 && a.onset < b.offset + 0.3 && b.onset < a.offset + 0.3;
    const highest = Math.max(...notes.map((n) => n.pitch));  // a higher one would give the roll other rows
    return notes.find((n) => n.pitch + 2 <= highest && n.onset > 0.8 && n.offset - n.onset > 0.15 && !notes.some((other) => near(n, other)));
  });
  assert.ok(note, "a note with room around it");
  await page.getByLabel("Position").evaluate((input, to) => { input.value = to; input.dispatchEvent(new Event("input", { bubbles: true })); }, String(Math.max(0, note.onset - 1)));
  // Where a key stands when the note begins, as the page lies now: what the edit bar says takes more or fewer lines.
  const spot = (pitch) => value(({ onset, pitch }) => {
    const { report, time } = window.pop2piano, box = document.querySelector(".roll canvas").getBoundingClientRect(), pitches = report.value.notes.map((n) => n.pitch);
    const low = Math.min(50, ...pitches) - 2, high = Math.max(70, ...pitches) + 2, row = box.height / (high - low + 1), second = (box.width - 44) / Math.min(8, Math.max(4, box.width / 110));
    return { x: box.x + 44 + (box.width - 44) * 0.25 + (onset - time.value + 0.08) * second, y: box.y + (high - pitch + 0.5) * row, row };
  }, { onset: note.onset, pitch });
  const revision = await value(() => window.pop2piano.take.value.revision);
  const same = (n) => n.step === note.step && n.pitch === note.pitch, higher = (n) => n.step === note.step && n.pitch === note.pitch + 2;
  const from = await spot(note.pitch);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x, from.y - 2 * from.row, { steps: 4 });
  await page.mouse.up();
  await changed((r) => window.pop2piano.take.value.revision === r + 1 && !window.pop2piano.saving.value, revision);
  const notes = await value(() => window.pop2piano.report.value.notes);
  assert.ok(!notes.some(same) && notes.some(higher));
  const to = await spot(note.pitch + 2);
  await page.mouse.click(to.x, to.y);
  assert.equal(await value(() => window.pop2piano.chosen.value), notes.findIndex(higher), `drawn from ${JSON.stringify(from)}, clicked at ${JSON.stringify(to)}`);
  await page.keyboard.press("Delete");
  await changed((n) => window.pop2piano.report.value.notes.length === n, notes.length - 1);
  assert.ok(!(await value(() => window.pop2piano.report.value.notes)).some(higher));
  await page.keyboard.press("e");
});

test("notes are edited by keys alone, at once, and the differences are kept", async () => {
  const saved = () => changed(() => !window.pop2piano.saving.value);
  const plain = () => value(() => window.pop2piano.report.value.notes.map((n) => [n.step, n.duration_steps, n.pitch, n.velocity, n.voice, n.hand].join("/")).sort());
  await saved();
  const before = await plain();
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Home");
  await page.keyboard.press("e");
  await page.keyboard.press(".");
  const first = await value(() => window.pop2piano.report.value.notes[0]), held = await value(() => window.pop2piano.chosen.value);
  assert.equal(held, 0);
  // All before the server has answered the first: nothing is lost, one request at a time.
  for (const key of ["ArrowUp", "ArrowRight", "]", "o", "v"]) await page.keyboard.press(key);
  const step = await value(() => Math.max(1, window.pop2piano.report.value.steps_per_beat / 4));
  const other = { melody: "accompaniment", accompaniment: "melody", left: "right", right: "left" };
  const expected = [first.step + step, first.duration_steps + step, first.pitch + 1, first.velocity, other[first.voice], other[first.hand]].join("/");
  assert.ok((await plain()).includes(expected), expected);
  await saved();
  assert.ok((await plain()).includes(expected), "as the server has it");
  const kept = await value(async () => (await (await fetch(`/api/v1/takes/${window.pop2piano.take.value.id}/edits`)).json()));
  const steps = kept.history.steps.slice(-5);
  assert.deepEqual(steps.map((s) => [s.gone.length, s.come.length]), Array(5).fill([1, 1]));
  assert.deepEqual(kept.notes.map((n) => [n.step, n.duration_steps, n.pitch, n.velocity, n.voice, n.hand].join("/")).sort(), await plain());
  for (let i = 0; i < 5; ++i) await page.keyboard.press("Control+z");
  assert.deepEqual(await plain(), before);
  await saved();
  assert.deepEqual(await plain(), before);
  await page.keyboard.press("e");
});

test("the tune of the whole song moves where no bars are chosen", async () => {
  await value(() => { window.pop2piano.loop.value = null; });
  const tune = () => value(() => window.pop2piano.report.value.notes.filter((n) => n.voice === "melody").map((n) => n.pitch).sort((a, b) => a - b));
  const before = await tune();
  await page.getByRole("group", { name: "Tune an octave" }).getByRole("button", { name: "Down" }).click();
  assert.deepEqual(await tune(), before.map((p) => p - 12));
  await click("Undo");
  assert.deepEqual(await tune(), before);
  await changed(() => !window.pop2piano.saving.value);
});

test("one hand waits while the page plays the other; another place is waited at", async () => {
  await value(() => { window.pop2piano.insides.media.pause(); });
  await page.keyboard.press("Home");
  await page.getByRole("group", { name: "Hands" }).getByRole("button", { name: "Right" }).click();
  await click("Practise");
  await changed(() => window.pop2piano.awaited.value.size > 0);
  const state = () => value(() => ({ pitches: [...window.pop2piano.awaited.value], at: window.pop2piano.time.value, sounded: window.pop2piano.insides.sounded }));
  const places = await value(() => {
    const { notes } = window.pop2piano.report.value, right = [...new Set(notes.filter((n) => n.hand === "right").map((n) => n.onset))];
    const between = right.findIndex((at, i) => i > 0 && notes.some((n) => n.hand === "left" && n.onset > at + 0.06 && n.onset < right[i + 1] - 0.01) && right[i + 1] > at + 0.1 && at > right[i - 1] + 0.1);
    return { at: right[between], next: right[between + 1], left: notes.filter((n) => n.hand === "left" && n.onset >= right[between] - 0.06 && n.onset < right[between + 1] - 0.001).length };
  });
  await page.getByLabel("Position").evaluate((input, to) => { input.value = to; input.dispatchEvent(new Event("input", { bubbles: true })); }, String(places.at - 0.005));
  const here = await state();
  assert.ok(Math.abs(here.at - places.at) < 0.02 && here.pitches.length > 0, "it waits where it was put");
  for (const pitch of here.pitches) await page.keyboard.press("awsedftgyhuj"[pitch % 12]);
  await changed((at) => Math.abs(window.pop2piano.time.value - at) < 0.02, places.next);
  await changed((least) => window.pop2piano.insides.sounded >= least, here.sounded + here.pitches.length + places.left);
  await click("Practise");
  await page.getByRole("group", { name: "Hands" }).getByRole("button", { name: "Both" }).click();
});

test("notes fall onto a keyboard that can be played", async () => {
  await page.getByRole("group", { name: "Views" }).getByRole("button", { name: "Falling notes" }).click();
  const canvas = page.locator(".falls canvas");
  await canvas.waitFor();
  const colours = () => canvas.evaluate((c) => new Set(new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer)).size);
  await changed(() => document.querySelector(".falls canvas").width > 300);
  assert.ok((await colours()) > 5);
  const box = await canvas.boundingBox();
  const sounded = await value(() => window.pop2piano.insides.sounded);
  await canvas.click({ position: { x: box.width / 2, y: box.height - 8 } });
  await changed((before) => window.pop2piano.insides.sounded === before + 1, sounded);
  await click("Practise");
  await changed(() => window.pop2piano.awaited.value.size > 0);
  await canvas.click({ position: { x: 12, y: (await canvas.boundingBox()).height - 8 } });
  assert.match(await page.locator(".practice-state").innerText(), /0 right · 1 wrong/, "in practice the keys of the page count");
  await click("Practise");
  await page.getByRole("group", { name: "Views" }).getByRole("button", { name: "Falling notes" }).click();
});

test("print asks the browser, and paper holds the score alone", async () => {
  await value(() => { window.asked = 0; window.print = () => { ++window.asked; }; });
  await click("Print");
  assert.equal(await value(() => window.asked), 1);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".transport").isVisible() || await page.locator(".panel").isVisible() || await page.locator(".roll").isVisible(), false);
  assert.equal(await page.locator(".score .page svg").first().isVisible(), true);
  await page.emulateMedia({ media: "screen" });
});

test("the title is written anew, also in the score", async () => {
  await page.getByRole("group", { name: "Takes" }).getByRole("button").nth(1).click();
  await changed(() => window.pop2piano.take.value.revision === 0);
  await click("Rename");
  await page.getByLabel("Title", { exact: true }).fill("A <b>new</b> name");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "A <b>new</b> name" }).waitFor();
  await changed(() => window.pop2piano.take.value.options.title === "A <b>new</b> name" && window.pop2piano.take.value.ready);
  const score = await value(async () => (await fetch(window.pop2piano.take.value.files.score)).text());
  assert.match(score, /A &lt;b&gt;new&lt;\/b&gt; name/);
});

test("a MIDI keyboard is waited for, in its own octave", async () => {
  const other = await newPage(browser, "about:blank");
  await other.page.addInitScript(() => {
    const input = { onmidimessage: null }, access = { inputs: new Map([["1", input]]), onstatechange: null };
    navigator.requestMIDIAccess = async () => access;
    window.midi = (pitch, velocity = 90) => input.onmidimessage({ data: new Uint8Array([velocity > 0 ? 0x90 : 0x80, pitch, velocity]) });
    window.unplug = () => { access.inputs.clear(); access.onstatechange(); };
  });
  await other.page.goto(page.url());
  await other.page.waitForFunction(() => window.pop2piano?.report.value);
  await other.page.getByRole("button", { name: "Practise" }).click();
  await other.page.getByText("MIDI keyboard connected").waitFor();
  const [pitches, here] = await other.page.evaluate(() => [[...window.pop2piano.awaited.value], window.pop2piano.time.value]);
  await other.page.evaluate((p) => { window.midi(p + 12); window.midi(p + 12, 0); }, pitches.includes(pitches[0] + 12) ? 20 : pitches[0]);
  assert.match(await other.page.locator(".practice-state").innerText(), /0 right · 1 wrong/);
  assert.equal(await other.page.evaluate(() => window.pop2piano.time.value), here);
  for (const pitch of pitches) await other.page.evaluate((p) => { window.midi(p); window.midi(p, 0); }, pitch);
  await other.page.waitForFunction((t) => window.pop2piano.time.value > t, here);
  assert.match(await other.page.locator(".practice-state").innerText(), new RegExp(`${pitches.length} right · 1 wrong`));
  await other.page.evaluate(() => window.unplug());
  await other.page.getByText("No MIDI keyboard here").waitFor();
  await other.context.close();
});

test("what is being made can be cancelled", async () => {
  const id = await value(() => window.pop2piano.take.value.song);
  const takes = () => value(async (song) => (await (await fetch(`/api/v1/songs/${song}`)).json()).jobs.filter((j) => j.kind === "cover" && (j.state === "waiting" || j.state === "running")).length, id);
  await page.locator("details", { hasText: "Twice as fast" }).evaluate((details) => { details.open = true; });
  await click("Twice as fast");
  await click("Make the cover on these beats");
  await click("Cancel");
  await page.locator(".song-row").first().waitFor();
  assert.equal(await takes(), 0);
});

test("a song that cannot be decoded says so and can be deleted", async () => {
  await page.locator("input[type=file]").setInputFiles({ name: "no song.mp3", mimeType: "audio/mpeg", buffer: Buffer.from("This is not sound.") });
  const failure = page.locator(".making [role=alert]");
  await failure.getByText("no song.mp3").waitFor();
  await failure.getByRole("button", { name: "Delete" }).click();
  await page.locator(".song-row").first().waitFor();
  await page.locator(".song-row", { hasText: "no song" }).waitFor({ state: "detached" });
});

/** The example song again and again, as a WAV file of so many seconds. */
async function longSong(seconds) {
  const rate = 24000;
  const samples = (await value(async (hertz) => {
    const { songs } = await (await fetch("/api/v1/songs")).json(), bytes = await (await fetch(songs.find((s) => s.example).original)).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 1, hertz).decodeAudioData(bytes);
    return [...sound.getChannelData(0)].map((x) => Math.round(x * 32000)).join();
  }, rate)).split(",").map(Number);
  const data = Buffer.alloc(seconds * rate * 2), head = Buffer.alloc(44);
  for (let i = 0; i < seconds * rate; ++i) data.writeInt16LE(samples[i % samples.length], 2 * i);
  head.write("RIFF", 0); head.writeUInt32LE(36 + data.length, 4); head.write("WAVEfmt ", 8); head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20); head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24); head.writeUInt32LE(rate * 2, 28); head.writeUInt16LE(2, 32); head.writeUInt16LE(16, 34); head.write("data", 36); head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

for (const minutes of [4, 10]) {
  test(`a song of ${minutes} minutes is engraved whole, a system at a time, and never measured`, async () => {
    await page.goto(server.address);
    const song = await longSong(60 * minutes);
    await value(() => {
      Object.assign(window, { long: [], added: [], frames: [], measured: 0, first: 0 });
      new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.long.push(Math.round(entry.duration)); }).observe({ type: "longtask" });
      // Its callback runs at the end of each task that changed the document.
      new MutationObserver((changes) => {
        const notes = changes.flatMap((c) => [...c.addedNodes]).filter((n) => n.classList?.contains("page")).reduce((sum, n) => sum + n.querySelectorAll("[data-note]").length, 0);
        if (notes > 0) { window.frames.push(document.timeline.currentTime); window.added.push(notes); window.last = performance.now(); window.first ||= window.last; }
      }).observe(document.body, { childList: true, subtree: true });
      for (const prototype of [Element.prototype, Range.prototype]) {
        for (const name of ["getBoundingClientRect", "getClientRects"]) {
          const plain = prototype[name];
          prototype[name] = function measured() { if (this.closest?.(".pages") ?? true) ++window.measured; return plain.call(this); };
        }
      }
    });
    const folder = mkdtempSync(join(tmpdir(), "pop2piano-long-")), file = join(folder, `long${minutes}.wav`);
    writeFileSync(file, song);
    await page.locator("input[type=file]").setInputFiles(file);
    page.setDefaultTimeout(600_000);
    await changed(() => window.pop2piano.take.value);
    rmSync(folder, { recursive: true });
    await value(() => { window.long = []; });
    const shown = await (await changed((least) => window.pop2piano.take.value?.ready && window.pop2piano.report.value?.duration > least && performance.now(), 60 * minutes - 10)).jsonValue();
    await changed(() => window.pop2piano.engraved.value === "done");
    const engraved = await value(() => new Set([...document.querySelectorAll("[data-note]")].map((n) => n.dataset.note)).size);
    const { added, frames, measured, first, last, long, systems, notes } = await value(() => ({
      added: window.added, frames: window.frames, measured: window.measured, first: window.first, last: window.last, long: window.long.sort((a, b) => b - a).slice(0, 5),
      systems: document.querySelectorAll("g.system").length, notes: window.pop2piano.report.value.notes.length,
    }));
    console.log(`${minutes} minutes: ${notes} notes; score visible after ${Math.round(first - shown)} ms, whole after ${Math.round(last - shown)} ms; the page blocked for ${long.join(", ") || "never more than 50"} ms`);
    assert.equal(engraved, notes);
    assert.equal(added.length, systems, "each system comes in a task of its own");
    assert.equal(new Set(frames).size, systems, "and in a frame of its own");
    const near = await value(() => document.querySelectorAll(".page.near").length);
    assert.ok(near > 0 && near < systems / 2, `${near} of ${systems} systems are laid out`);
    assert.ok(Math.max(...added) * 10 < added.reduce((a, b) => a + b), `notes inserted at once: ${Math.max(...added)}`);
    assert.equal(measured, 0, "places come with the drawing: nothing of the score is measured");
    await page.keyboard.press("Space");
    await changed(() => window.pop2piano.time.value > 1);
    await page.keyboard.press("Space");
  });
}

test("a part is chosen before the cover is made, by dragging and by keyboard", async () => {
  await page.goto(server.address);
  await page.getByLabel("Choose a part of the song first").check();
  const folder = mkdtempSync(join(tmpdir(), "pop2piano-part-")), file = join(folder, "part.wav");
  writeFileSync(file, await longSong(40));
  await page.locator("input[type=file]").setInputFiles(file);
  const start = page.getByRole("slider", { name: "Start" }), end = page.getByRole("slider", { name: "End" });
  await start.waitFor();
  rmSync(folder, { recursive: true });
  assert.equal(await value(() => window.pop2piano.take.value), null, "nothing is made yet");
  assert.deepEqual([await start.inputValue(), await end.inputValue()], ["0", "40"]);
  const box = await page.locator(".cut canvas").boundingBox(), y = box.y + box.height / 2;
  const drag = async (from, to) => {
    await page.mouse.move(box.x + box.width * from, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * to, y, { steps: 4 });
    await page.mouse.up();
  };
  const near = async (slider, seconds) => assert.ok(Math.abs(Number(await slider.inputValue()) - seconds) <= 0.2, await slider.inputValue());
  await drag(0.25, 0.7);
  await near(start, 10);
  await near(end, 28);
  await drag(0.7, 0.6);
  await near(start, 10);
  await near(end, 24);
  const before = Number(await start.inputValue());
  await start.focus();
  await page.keyboard.press("ArrowRight");
  assert.ok(Math.abs(Number(await start.inputValue()) - before - 0.1) < 1e-6);
  assert.match(await start.getAttribute("aria-valuetext"), /^0:10\.\d$/);
  await end.focus();
  await page.keyboard.press("Home");
  assert.ok(Math.abs(Number(await end.inputValue()) - Number(await start.inputValue()) - 5) < 1e-6, "the least part remains");
  await end.fill("25");
  const chosen = [Number(await start.inputValue()), 25];
  await click("Make the cover");
  await changed(() => window.pop2piano.take.value?.ready && window.pop2piano.report.value);
  assert.deepEqual(await value(() => [window.pop2piano.take.value.options.start, window.pop2piano.take.value.options.end]), chosen);
  assert.ok(Math.abs(await value(() => window.pop2piano.report.value.duration) - (chosen[1] - chosen[0])) < 1);
  await page.getByRole("button", { name: "Choose a part of the song" }).click();
  await near(start, chosen[0]);
  await click("Cancel");
  await page.locator(".score .page svg").first().waitFor();
});
