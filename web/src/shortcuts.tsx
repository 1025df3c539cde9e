// SPDX-License-Identifier: MIT
// Keys that work without a click first; those that a focused control needs stay with it.
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { chosen, editing, editKeys, redo, undo } from "./edit";
import { balance, hands, metronome, seek, speed, time, toggle } from "./player";
import { fail, helpOpen, practising, rearrange, report, showTake, song, take, texts } from "./state";
import { barAt, loopBar } from "./transport";

const byBars = (n: number): void => {
  const bars = report.value?.bars ?? [], at = bars[Math.min(bars.length - 1, Math.max(0, barAt(time.value) + n))];
  if (at) seek(Math.max(0, at.time));
};
const faster = (by: number): void => { speed.value = Math.min(1.5, Math.max(0.4, Math.round((speed.value + by) * 100) / 100)); };

let formerTake = "", takeNow = "";
effect(() => { const id = take.value?.id ?? ""; if (id !== takeNow) { formerTake = takeNow; takeNow = id; } });
/** To the take that was shown before, or the one made last: two are compared by one key. */
function otherTake(): void {
  const all = song.value?.takes.filter((one) => one.ready && one.id !== take.value?.id) ?? [], next = all.find((one) => one.id === formerTake) ?? all[0];
  if (next) showTake(next).catch(fail);
}

const keys: Record<string, () => void> = {
  " ": toggle, ArrowLeft: () => byBars(-1), ArrowRight: () => byBars(1), Home: () => seek(0), "-": () => faster(-0.05), "+": () => faster(0.05), "=": () => faster(0.05),
  l: loopBar, m: () => { metronome.value = !metronome.value; }, h: () => { hands.value = hands.value === "both" ? "left" : hands.value === "left" ? "right" : "both"; },
  b: () => { balance.value = balance.value > 0.75 ? 0 : balance.value < 0.25 ? 0.5 : 1; }, e: () => { editing.value = !editing.value; }, x: otherTake,
};
for (let level = 1; level <= 5; ++level) keys[String(level)] = () => void rearrange({ level });

export function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.key === "?" && !target.matches("input[type=search]")) { helpOpen.value = !helpOpen.value; event.preventDefault(); return; }
  if (event.key === "Escape") { helpOpen.value = false; return; }
  if (!take.value || !report.value || helpOpen.value || practising.value || target.matches("input[type=search], input[type=text], textarea")) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") { event.preventDefault(); (event.shiftKey ? redo : undo)(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === " " && target.matches("button, summary, input, select, a")) return;
  if (/^Arrow|Home/.test(event.key) && target.matches("input, select")) return;
  if (event.key.length === 1 && target.matches("select")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, edits = editing.value && (chosen.value >= 0 || !key.startsWith("Arrow"));
  const action = (edits ? editKeys[key] : undefined) ?? keys[key];
  if (action) { event.preventDefault(); action(); }
}

export function Help() {
  const t = texts.value, dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => { if (helpOpen.value) dialog.current?.showModal(); else dialog.current?.close(); }, [helpOpen.value]);
  const list: [string, string][] = [["Space", t.key_space], ["← →", t.key_arrows], ["Home", t.key_home], ["− +", t.key_speed], ["L", t.key_loop], ["M", t.key_metronome], ["H", t.key_hands],
    ["B", t.key_balance], ["1 … 5", t.key_level], ["X", t.key_takes], ["E", t.key_edit], [", .", t.key_choose], ["← → ↑ ↓", t.key_move], ["[ ]", t.key_length], ["N, Delete", t.key_add], ["O, V", t.key_hand], ["Ctrl Z, Ctrl ⇧ Z", t.key_undo], ["?", t.key_help]];
  return (
    <dialog ref={dialog} aria-label={t.shortcuts} onClose={() => { helpOpen.value = false; }}>
      <h2>{t.shortcuts}</h2>
      <dl class="keys-list">{list.map(([k, what]) => <div><dt><kbd>{k}</kbd></dt><dd>{what}</dd></div>)}</dl>
      <button onClick={() => { helpOpen.value = false; }}>{t.close}</button>
    </dialog>
  );
}
