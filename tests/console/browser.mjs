// A real browser for the tests: Debian's Chromium, which says of every page what it complained of.
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";

const judges = process.env.OTA_CONSOLE_JUDGES;
assert.ok(judges && existsSync(join(judges, "node_modules")), "OTA_CONSOLE_JUDGES: run fetch_driver.sh first");
const require = createRequire(join(judges, "package.json"));
const { chromium } = require("playwright-core");
const axe_source = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const program = ["/usr/bin/chromium", process.env.OTAGW_CHROMIUM ?? ""].find((p) => p && existsSync(p));
assert.ok(program, "chromium is missing: run ./dev deps, or name it in OTAGW_CHROMIUM");

/// As root Chromium starts without its sandbox only; the pages are our own.
export const open_browser = () => chromium.launch({ executablePath: program, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });

/// A page that keeps what the browser complained of in `complaints`; `forgives` are patterns of what a test brings about itself.
export async function open_page(browser, { forgives = [], ...how } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", reducedMotion: "reduce", ...how });
  const page = await context.newPage();
  page.complaints = [];
  page.heard = [];  // with what is forgiven
  const note = (text) => { page.heard.push(text); if (!forgives.some((f) => f.test(text))) page.complaints.push(text); };
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") note(m.text()); });
  page.on("pageerror", (fault) => note(`thrown: ${fault.message}`));
  page.on("requestfailed", (r) => { if (r.failure()?.errorText !== "net::ERR_ABORTED") note(`${r.url()}: ${r.failure()?.errorText}`); });
  page.setDefaultTimeout(20000);
  return page;
}

/// Waits until this is to be seen; when it does not come: what is to be seen in its place, and what the browser said.
export async function shown(page, locator) {
  try {
    await locator.waitFor();
  } catch (fault) {
    const seen = await page.locator("body").innerText().catch((why) => `nothing: ${why.message}`);
    throw new Error(`${fault.message}\npage: ${seen}\nbrowser: ${page.heard.join("\n")}`);
  }
}

/// What axe-core holds for serious or critical, a line each.
export async function serious_faults(page) {
  await page.evaluate(`${axe_source}; 0`);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
    .map((v) => `${v.id}: ${v.help} (${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.any[0]?.message ?? ""}`).join("; ")})`);
}
