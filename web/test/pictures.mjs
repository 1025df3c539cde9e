// SPDX-License-Identifier: MIT
// Pictures of the page for the guide: node pictures.mjs FOLDER (see scripts/page_pictures.sh).
import { join } from "node:path";
import { newPage, openExample, startBrowser, startServer } from "./browser.mjs";

const folder = process.argv[2], server = await startServer(), browser = await startBrowser();
const sizes = { page: {}, page_dark: { colorScheme: "dark" }, page_phone: { viewport: { width: 390, height: 844 } }, page_tablet: { viewport: { width: 820, height: 1180 } } };
for (const [name, settings] of Object.entries(sizes)) {
  const { page, context } = await newPage(browser, server.address, settings), shot = (as) => page.screenshot({ path: join(folder, `${as}.png`) });
  await page.getByRole("button", { name: "Try the example song" }).waitFor();
  if (name === "page") await shot("page_songs");
  await openExample(page);
  await page.waitForFunction(() => window.pop2piano.engraved.value === "done");
  await page.evaluate(() => { window.pop2piano.insides.media.currentTime = window.pop2piano.time.value = 6; });
  await page.waitForFunction(() => document.querySelectorAll(".lit").length > 0);
  await page.waitForTimeout(500);  // the score turns to the bar
  await shot(name);
  if (name === "page") {
    await page.getByRole("group", { name: "Views" }).getByRole("button", { name: "Piano roll" }).click();
    await page.getByRole("group", { name: "Views" }).getByRole("button", { name: "Falling notes" }).click();
    await page.getByRole("button", { name: "Practise" }).click();
    await page.waitForFunction(() => window.pop2piano.awaited.value.size > 0);
    await page.keyboard.down("u");
    await page.waitForTimeout(500);
    await shot("page_practise");
    await page.keyboard.up("u");
    await page.getByRole("button", { name: "Practise" }).click();
    await page.getByRole("button", { name: "Choose a part of the song" }).click();
    await page.getByRole("slider", { name: "Start" }).fill("6");
    await page.getByRole("slider", { name: "End" }).fill("22");
    await page.setViewportSize({ width: 1200, height: 480 });
    await page.waitForTimeout(300);
    await shot("page_cut");
  }
  await context.close();
}
await browser.close();
await server.stop();
