// Pictures of each page for the documents, with real data: screenshots.mjs FOLDER
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { open_browser, open_page } from "./browser.mjs";
import { open_sandbox } from "./sandbox.mjs";

const [to] = process.argv.slice(2);
const width = 1280, charts_fill_ms = 75000;
const packet = "00281516191212b00011ce50efe71f545a1535087726f2689fbb6ae7d814bbfd985a33bf51326744119d";
mkdirSync(to, { recursive: true });

const sandbox = await open_sandbox(["--cards", "400", "--changes", "3000"]);
const browser = await open_browser();
const call = (path, body) => fetch(`${sandbox.url.replace("/console/", "")}/api/v1${path}`, {
  method: body ? "POST" : "GET", body: body && JSON.stringify(body), headers: { Authorization: `Bearer ${sandbox.token}`, "Content-Type": "application/json" } });

/// A picture of 256 colours at most, where pngquant is there: a third of the size.
async function shoot(page, name) {
  const file = join(to, `${name}.png`);
  const height = Math.min(1500, Math.max(600, await page.evaluate(() => document.querySelector("main").getBoundingClientRect().bottom + scrollY)));
  await page.setViewportSize({ width, height: Math.ceil(height) });
  await page.waitForTimeout(600);
  await page.screenshot({ path: file });
  await page.setViewportSize({ width, height: 900 });
  try {
    execFileSync("pngquant", ["--force", "--skip-if-larger", "--speed", "1", "--output", file, "256", file]);
  } catch { /* larger, but as good */ }
}

const light = await open_page(browser, { viewport: { width, height: 900 } });
await light.goto(sandbox.link);
await light.getByRole("heading", { name: "Overview" }).waitFor();
const dark = await open_page(browser, { viewport: { width, height: 900 }, colorScheme: "dark" });
await dark.goto(sandbox.link);

await call("/campaigns", { name: "spring-name", change: { op: "replace", node: "./SC/USIM/SPN", format: "chr", value: "Spring" }, cards: { all: true }, canary: { cards: 20 }, pace: "5/s" });
await call(`/cards/${sandbox.iccid}/suspend`, {});
await call("/changes", { subject: sandbox.iccid, data: { op: "replace", node: "./SC/USIM/SPN", format: "chr", value: "Waits" } });
await light.waitForTimeout(charts_fill_ms);

await shoot(light, "overview");
await shoot(dark, "overview-dark");
const pages = { cards: "/cards", card: `/cards/${sandbox.iccid}`, changes: "/changes", campaigns: "/campaigns", campaign: "/campaigns/spring-name", "dead-letters": "/dead-letters", live: "/live" };
for (const [name, where] of Object.entries(pages)) {
  await light.goto(`${sandbox.url}#${where}`);
  await light.waitForTimeout(name === "live" ? 8000 : 1500);
  if (name === "dead-letters") await light.getByRole("region", { name: "Dead letters" }).getByRole("link").first().click().catch(() => {});
  if (name === "dead-letters") await light.waitForTimeout(800);
  await shoot(light, name);
}
await light.goto(`${sandbox.url}#/inspector`);
await light.getByLabel("Hexadecimal").fill(packet);
await light.getByText("Other keys").click();
await light.getByLabel("Key of KIc").fill("000102030405060708090a0b0c0d0e0f");
await light.getByLabel("Key of KID").fill("101112131415161718191a1b1c1d1e1f");
await light.getByLabel("What it is").selectOption("command");
await light.getByRole("button", { name: "Inspect" }).click();
await light.waitForTimeout(1000);
await shoot(light, "inspector");

await browser.close();
await sandbox.stop();
