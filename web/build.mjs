// SPDX-License-Identifier: MIT
// Builds the page into dist/ (or the folder that is named): the same sources give the same bytes.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "dist");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const hashed = (name, bytes) => {
  const dot = name.lastIndexOf(".");
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8).toUpperCase();
  return `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
};
const put = (name, bytes) => {
  const whole = hashed(name, bytes);
  writeFileSync(join(out, whole), bytes);
  return whole;
};

/** Verovio carries its WebAssembly as text inside the script; it becomes a file of its own, loaded as such. */
const cutVerovio = () => {
  const source = readFileSync(join(here, "node_modules/verovio/dist/verovio-module.mjs"), "utf8");
  const call = "return binaryDecode(";
  const from = source.indexOf(call) + call.length;
  const quote = source[from];
  let to = from + 1;
  while (source[to] !== quote) to += source[to] === "\\" ? 2 : 1;
  const decoderAt = source.indexOf("function binaryDecode(");
  const decoderEnd = source.indexOf("function findWasmBinary", decoderAt);
  const decoder = source.slice(decoderAt, source.lastIndexOf("}", source.indexOf("return o", decoderAt) + 12) + 1);
  if (from < call.length || decoderAt < 0 || decoderEnd < 0) throw new Error("verovio: expected its WebAssembly inside the script");
  const wasm = new Function(`${decoder};return binaryDecode(${source.slice(from, to + 1)})`)();
  const rest = source.slice(0, from - call.length) + "return globalThis.verovioWasm" + source.slice(source.indexOf(")", to) + 1);
  return { wasm: Buffer.from(wasm), rest };
};

const bundle = async (entry, define = {}, plugins = []) => {
  const result = await build({
    entryPoints: [join(here, "src", entry)], bundle: true, minify: true, format: "esm", target: "es2022", write: false,
    jsx: "automatic", jsxImportSource: "preact", define, plugins, legalComments: "none", charset: "utf8",
    absWorkingDir: here, external: ["node:*"],
  });
  return Buffer.from(result.outputFiles[0].contents);
};

const { wasm, rest } = cutVerovio();
const wasmName = put("verovio.wasm", wasm);
const engine = {
  name: "verovio-without-wasm",
  setup: (b) => b.onLoad({ filter: /verovio-module\.mjs$/ }, () => ({ contents: rest, loader: "js" })),
};
const workerName = put("score.js", await bundle("score_worker.ts", { WASM: JSON.stringify(`/${wasmName}`) }, [engine]));
const appName = put("app.js", await bundle("main.tsx", { SCORE_WORKER: JSON.stringify(`/${workerName}`) }));
const css = await build({ entryPoints: [join(here, "src/page.css")], minify: true, write: false, absWorkingDir: here });
const cssName = put("page.css", Buffer.from(css.outputFiles[0].contents));
const icon = readFileSync(join(here, "src/icon.svg"));
writeFileSync(join(out, "icon.svg"), icon);
writeFileSync(join(out, "manifest.webmanifest"), readFileSync(join(here, "src/manifest.webmanifest")));
const html = readFileSync(join(here, "src/index.html"), "utf8").replace("APP_JS", appName).replace("PAGE_CSS", cssName);
writeFileSync(join(out, "index.html"), html);
const shell = ["/", `/${appName}`, `/${cssName}`, `/${workerName}`, `/${wasmName}`, "/icon.svg", "/manifest.webmanifest"];
const version = createHash("sha256").update(html + shell.join()).digest("hex").slice(0, 8);
writeFileSync(join(out, "sw.js"), await bundle("service_worker.ts", { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(version) }));
