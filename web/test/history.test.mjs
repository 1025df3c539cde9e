// SPDX-License-Identifier: MIT
// The differences that undo lives on: whatever was changed, it goes back to the first note and on to the last.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = join(dirname(dirname(fileURLToPath(import.meta.url))), "src/history.ts");
const { outputFiles } = await build({ entryPoints: [source], bundle: true, format: "esm", write: false });
const { extended, kMostKept, known, nothing, redone, undone, untouched } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);

let seed = 1;
const below = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };
const note = () => ({ step: below(400), duration_steps: 1 + below(8), pitch: 21 + below(88), velocity: 1 + below(127), voice: below(2) ? "melody" : "accompaniment", hand: below(2) ? "left" : "right" });
const sorted = (notes) => notes.map((n) => JSON.stringify(n)).sort();
const song = (length) => Array.from({ length }, note);
function changed(notes) {
  const at = below(notes.length), kind = below(4);
  if (kind === 0) return [...notes, notes[at]];  // twice the same
  if (kind === 1 && notes.length > 1) return notes.filter((_, i) => i !== at);
  if (kind === 2) return notes.map((n) => (n.voice === "melody" ? { ...n, pitch: 21 + ((n.pitch - 21 + 12) % 88) } : n));
  return notes.map((n, i) => (i === at ? note() : n));
}

test("thousands of changes are undone to the first and done again to the last", () => {
  const states = [song(50)];
  let past = nothing;
  for (let i = 0; i < 2000; ++i) {
    const next = changed(states[i]).slice(0, 60);
    past = extended(past, states[i], next);
    states.push(next);
  }
  assert.equal(past.dropped, 0);
  past = known(JSON.parse(JSON.stringify(past)));
  let notes = states[2000];
  for (let i = 1999; i >= 0; --i) {
    ({ past, notes } = undone(past, notes));
    assert.deepEqual(sorted(notes), sorted(states[i]));
  }
  assert.ok(untouched(past) && undone(past, notes) === null);
  for (let i = 1; i <= 2000; ++i) {
    ({ past, notes } = redone(past, notes));
    assert.deepEqual(sorted(notes), sorted(states[i]));
  }
  assert.equal(redone(past, notes), null);
});

test("a change after an undo forgets what was undone", () => {
  const a = song(5), b = changed(a), c = [...a, note()];
  const back = undone(extended(nothing, a, b), b), past = extended(back.past, back.notes, c);
  assert.deepEqual([past.steps.length, past.at], [1, 1]);
  assert.deepEqual(sorted(undone(past, c).notes), sorted(a));
});

test("a change of one note is kept as that note, not as the song", () => {
  const notes = song(1500), past = extended(nothing, notes, notes.map((n, i) => (i === 700 ? { ...n, pitch: n.pitch === 60 ? 61 : 60 } : n)));
  assert.ok(JSON.stringify(past).length < 150);
});

test("the oldest go when there is no more room, and it is known that they did", () => {
  const states = [song(1000)];
  let past = nothing;
  for (let i = 0; i < 60; ++i) {
    states.push(states[i].map((n) => ({ ...n, pitch: n.pitch === 108 ? 21 : n.pitch + 1 })));
    past = extended(past, states[i], states[i + 1]);
  }
  const kept = past.steps.reduce((sum, s) => sum + s.gone.length + s.come.length, 0);
  assert.ok(kept <= kMostKept && past.dropped > 0 && past.dropped + past.at === 60 && past.at === past.steps.length);
  let notes = states[60];
  for (let move = undone(past, notes); move; move = undone(past, notes)) ({ past, notes } = move);
  assert.deepEqual(sorted(notes), sorted(states[past.dropped]));
  assert.equal(untouched(past), false);
});

test("what is no history of this kind is none", () => {
  for (const kept of [null, undefined, {}, { undo: [null], redo: [] }, 3]) assert.deepEqual(known(kept), nothing);
});
