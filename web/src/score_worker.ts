// SPDX-License-Identifier: MIT
// Engraves MusicXML with Verovio, away from the page's thread. In: {job, xml, width, scale}; out: one message per system, with its
// drawing and the places of its notes, so that the page inserts little at a time and never has to measure what it shows.
import createVerovioModule from "verovio/wasm";
import { VerovioToolkit } from "verovio/esm";
declare const WASM: string;

interface Asked { job: number; xml: string; width: number; scale: number }
/** A drawn system: its size in any unit; of each note head its number in the report and where it is, from 0 (left) to 1. */
export interface System { job: number; page: number; pages: number; svg: string; width: number; height: number; notes: { number: number; x: number }[] }

const kHeadHalf = 0.72 * 147;  // of a quarter's head, in Verovio's units at its size of notes
let toolkit: VerovioToolkit | undefined;
let latest = 0;
let fontSent = false;

async function start(): Promise<VerovioToolkit> {
  if (toolkit) return toolkit;
  // The build cuts the WebAssembly out of Verovio's script, which then looks for it here.
  Object.assign(globalThis, { verovioWasm: new Uint8Array(await (await fetch(WASM)).arrayBuffer()) });
  toolkit = new VerovioToolkit(await createVerovioModule());
  return toolkit;
}

/** Style sheets are taken out, since the page's policy forbids those inside a document: page.css has their rules. */
function systemOf(drawn: string): Pick<System, "svg" | "width" | "height" | "notes"> {
  const size = /class="definition-scale"[^>]* viewBox="0 0 (\d+) (\d+)"/.exec(drawn), margin = /class="page-margin" transform="translate\((-?\d+), /.exec(drawn);
  if (!size || !margin) throw new Error("verovio: expected the size and the margin of a page in its drawing");
  const width = Number(size[1]), notes: System["notes"] = [];
  const svg = drawn.replace(/<style[^]*?<\/style>/g, "").replace(/<g id="n(\d+)(?:\.\d+)?" class="note">(\s*<g class="notehead">\s*<use [^>]*transform="translate\((-?\d+),)?/g,
    (_, number: string, head: string | undefined, x: string | undefined) => {
      if (x !== undefined) notes.push({ number: Number(number), x: (Number(margin[1]) + Number(x) + kHeadHalf) / width });
      return `<g data-note="${number}" class="note">${head ?? ""}`;
    }).replace(/<g id="[^"]*" class=/g, "<g class=");
  return { svg, width, height: Number(size[2]), notes };
}

/** The font of notes in words ("♩ = 120"), which Verovio puts into each drawing that has any: the page needs it once. */
function sendFont(drawn: string): void {
  const found = fontSent ? null : /@font-face[^}]*font-family: '([^']+)'[^}]*base64,([^)'"]+)/.exec(drawn);
  if (!found) return;
  fontSent = true;
  postMessage({ font: found[1], bytes: Uint8Array.from(atob(found[2]!), (c) => c.charCodeAt(0)) });
}

async function engrave({ job, xml, width, scale }: Asked): Promise<void> {
  const verovio = await start();
  if (job !== latest) return;
  // A page that has no room for two systems holds one.
  verovio.setOptions({
    scale, pageWidth: Math.round((width * 100) / scale), pageHeight: 100, adjustPageHeight: true, breaks: "auto", header: "none", footer: "none",
    pageMarginLeft: 30, pageMarginRight: 30, pageMarginTop: 15, pageMarginBottom: 15, svgViewBox: true, svgFormatRaw: true, spacingSystem: 10,
  });
  if (!verovio.loadData(xml)) throw new Error("the score could not be read");
  const pages = verovio.getPageCount();
  for (let page = 1; page <= pages && job === latest; ++page) {
    const drawn = verovio.renderToSVG(page), system: System = { job, page, pages, ...systemOf(drawn) };
    sendFont(drawn);
    postMessage(system);
    await new Promise((done) => setTimeout(done));
  }
}

addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  latest = data.job;
  engrave(data).catch((error: unknown) => postMessage({ job: data.job, error: String(error) }));
});
