// SPDX-License-Identifier: MIT
// Starts the server that is to be tested and a browser beside it; collects what the console says.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const browsers = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];
const freePort = () => new Promise((done) => {
  const probe = createServer().listen(0, "127.0.0.1", () => { const { port } = probe.address(); probe.close(() => done(port)); });
});

export async function startServer(program = process.env.POP2PIANO, web = process.env.POP2PIANO_WEB) {
  if (!program) throw new Error("POP2PIANO: expected the path of the program, found nothing");
  const data = mkdtempSync(join(tmpdir(), "pop2piano-page-")), port = await freePort();
  const child = spawn(program, ["serve", "--data", data, "--port", String(port), ...(web ? ["--web", web] : [])], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((done, fail) => { child.stdout.once("data", done); child.once("exit", (code) => fail(new Error(`serve: ended with ${code}`))); });
  const stop = () => new Promise((done) => {
    child.once("exit", () => { rmSync(data, { recursive: true, force: true }); done(); });
    child.kill("SIGTERM");
  });
  return { address: `http://127.0.0.1:${port}/`, stop };
}

/** In Chromium's own sandbox where it can have one: not as root, not in a container without user namespaces. */
export async function startBrowser() {
  const executablePath = browsers.find(existsSync), args = ["--autoplay-policy=no-user-gesture-required"];
  const start = (chromiumSandbox) => chromium.launch({ executablePath, chromiumSandbox, args });
  if (process.getuid() === 0) return start(false);
  return start(true).catch((error) => { if (/sandbox/i.test(error.message)) return start(false); throw error; });
}

export async function newPage(browser, address, settings = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", colorScheme: "light", ...settings });
  const page = await context.newPage(), said = [];
  page.on("console", (m) => { if (m.type() !== "debug" && m.type() !== "log") said.push(`${m.type()}: ${m.text()}`); });
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.setDefaultTimeout(120_000);
  await page.goto(address);
  return { page, context, said };
}

/** The example song, covered and with its score engraved and its recording made. */
export async function openExample(page) {
  await page.getByRole("button", { name: "Try the example song" }).click();
  await page.locator(".score .page svg").first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[data-note]").length > 50);
  await page.waitForFunction(() => window.pop2piano.take.value?.sound === "ready" && window.pop2piano.insides.media.readyState >= 3);
}
