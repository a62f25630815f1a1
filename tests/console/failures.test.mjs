// What the console does when the gateway refuses, limits, is slow, goes away or says things that look like HTML.
import { after, afterEach, before, test } from "node:test";
import assert from "node:assert/strict";
import { join } from "node:path";
import { canary, fake_gateway, token } from "./fake_gateway.mjs";
import { open_browser, open_page, serious_faults, shown } from "./browser.mjs";

const pages = join(process.env.OTA_SOURCE_DIR, "gateway/console/pages");
const iccid = "89882110000000000002";
const told_so = [/status of (401|404|429|500|503)/, /ERR_CONNECTION_REFUSED/, /ERR_INCOMPLETE_CHUNKED/, /ERR_EMPTY_RESPONSE/, /ERR_CONNECTION_RESET/];
let browser, fake, page;

before(async () => { browser = await open_browser(); });
after(async () => { await browser?.close(); });

async function visit(where, how = {}, answers = {}) {
  fake = await fake_gateway(pages);
  fake.how.answers = answers;
  page = await open_page(browser, { forgives: told_so, ...how });
  await page.goto(`${fake.url}#${where}`);
}
afterEach(async () => {
  await page.context().close();
  await fake.leave();
  assert.deepEqual(page.complaints, []);
});

test("a token of the address is taken, and leaves the address bar and the history", async () => {
  await visit(`token=${token}`);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  assert.equal(new URL(page.url()).hash, "#/");
  assert.equal(await page.evaluate(() => document.documentElement.outerHTML.includes("fake-token")), false);
  assert.equal(await page.evaluate(() => localStorage.length), 0);
  await page.reload();
  await page.getByRole("heading", { name: "Overview" }).waitFor();  // the tab still knows it
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Token").waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});

test("a link with a token that is opened in the tab of the console is taken as well, and leads to the page it names", async () => {
  await visit("/");
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.evaluate(([given, to]) => { location.hash = `#token=${given}&to=/cards/${to}`; }, [token, iccid]);
  await page.getByRole("heading", { level: 1, name: iccid }).waitFor();
  assert.equal(new URL(page.url()).hash, `#/cards/${iccid}`);
  await page.goto(`${fake.url}#token=another&to=/live`);
  await page.getByRole("alert").filter({ hasText: "not one of those that hold" }).waitFor();
  assert.equal(new URL(page.url()).hash, "#/live");
});

test("a wrong token is refused with the gateway's words, and a right one goes on", async () => {
  await visit("/");
  await page.getByLabel("Token").fill("not-one-of-them");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").filter({ hasText: "not one of those that hold" }).waitFor();
  assert.deepEqual(await serious_faults(page), []);
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
});

test("a token that is taken away while the page is open asks for another one", async () => {
  await visit(`token=${token}`);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  fake.how.status = 401;
  await page.getByRole("alert").filter({ hasText: "refused the token" }).waitFor();
  await page.getByLabel("Token").waitFor();
});

test("a gateway that goes away is told, what was seen is marked as old, and its return is noticed", async () => {
  await visit(`token=${token}`);
  await shown(page, page.locator(".figures"));
  await fake.leave();
  await page.getByRole("alert").filter({ hasText: "does not answer since" }).waitFor();
  await page.locator(".stack.stale").waitFor();
  await page.getByText("1,000").waitFor();
  await fake.come_back();
  await page.locator(".stack:not(.stale)").first().waitFor();
  await page.getByRole("alert").filter({ hasText: "does not answer since" }).waitFor({ state: "detached" });
});

test("a gateway that is away when the page opens is asked again, and the token is not lost", async () => {
  fake = await fake_gateway(pages);
  fake.how.status = 503;
  page = await open_page(browser, { forgives: told_so });
  await page.goto(`${fake.url}#token=${token}`);
  await shown(page, page.getByRole("alert").filter({ hasText: "tries again by itself" }));
  assert.deepEqual(await serious_faults(page), []);
  fake.how = {};
  await shown(page, page.locator(".figures"));
});

test("an answer that comes before the browser has drawn the page is not missed", async () => {
  fake = await fake_gateway(pages);
  page = await open_page(browser, { forgives: told_so });
  await page.addInitScript(() => { window.requestAnimationFrame = () => 0; });  // no frame: the page's effects come late
  await page.goto(`${fake.url}#token=${token}`);
  await shown(page, page.getByRole("heading", { name: "Overview" }));
});

test("too many calls are told as such and waited for", async () => {
  await visit(`token=${token}`);
  await shown(page, page.locator(".figures"));
  fake.how.status = 429;
  await page.goto(`${fake.url}#/cards/${iccid}`);
  await page.getByRole("alert").filter({ hasText: "Too many calls" }).first().waitFor();
  fake.how = {};
  await page.getByText("Why it waits").waitFor();
});

test("a slow gateway leaves the page usable and says that it is asked", async () => {
  await visit(`token=${token}`);
  await shown(page, page.locator(".figures"));
  fake.how.delay_ms = 1500;
  await page.getByRole("navigation").getByText("Cards").click();
  await page.getByText("Asking the gateway").waitFor();
  await page.getByRole("link", { name: iccid }).waitFor();
});

test("a stream that breaks comes back behind the last event it had", async () => {
  await visit(`token=${token}`);
  await shown(page, page.locator(".figures"));
  const before_cut = fake.resumed_from.length;
  fake.cut();
  await page.waitForFunction(() => document.querySelector(".head .tools")?.textContent.includes("connecting"));
  await page.waitForFunction(() => document.querySelector(".head .tools")?.textContent.includes("live"));
  assert.equal(fake.resumed_from.at(-1), String(41 + before_cut));
});

test("a tab that nobody looks at leaves its connection to others, and comes back behind the last event it had", async () => {
  await visit("/");
  await page.clock.install();
  const turn_to = (hidden) => page.evaluate((is) => {
    Object.defineProperty(document, "hidden", { value: is, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  const until = async (met) => { while (!met()) { await page.clock.runFor(100); await new Promise((go) => setTimeout(go, 20)); } };
  await until(() => fake.streams.size === 1);
  const before_leaving = fake.resumed_from.length;
  await turn_to(true);
  await page.clock.runFor(30000);
  assert.equal(fake.streams.size, 1);  // a glance at another tab costs nothing
  fake.tell("rates", { taken: 4321 });  // silence would end it too
  await page.waitForFunction(() => document.body.textContent.includes("4,321"));
  await page.clock.runFor(31000);
  await until(() => fake.streams.size === 0);
  await page.clock.runFor(120000);
  assert.equal(fake.resumed_from.length, before_leaving);
  await turn_to(false);
  await until(() => fake.streams.size === 1);
  assert.equal(fake.resumed_from.at(-1), String(41 + before_leaving));
});

test("text that tries to be HTML stays text on every page", async () => {
  await visit(`token=${token}`);
  await shown(page, page.locator(".figures"));
  for (const where of ["/", "/cards", `/cards/${iccid}`, "/campaigns", "/dead-letters", "/live"]) {
    await page.goto(`${fake.url}#${where}`);
    await page.getByText(canary, { exact: false }).first().waitFor();
    assert.equal(await page.locator("img[src=x], b:has-text('bold')").count(), 0, where);
    assert.deepEqual(await serious_faults(page), [], where);
  }
  assert.equal(await page.evaluate(() => window.pwned), undefined);
});

test("the time of an entry that is not of today stands beside what happened, not over it", async () => {
  await visit(`token=${token}`);
  await shown(page, page.locator(".figures"));
  await page.goto(`${fake.url}#/cards/${iccid}`);
  const entry = page.locator(".timeline li").filter({ hasText: "Imported" });
  await shown(page, entry);
  const ends = await entry.evaluate((li) => {
    const written = document.createRange();
    written.selectNodeContents(li.querySelector("time"));  // the text, which may be wider than its box
    return { time: written.getBoundingClientRect().right, what: li.querySelector(".what").getBoundingClientRect().left, date: written.toString() };
  });
  assert.match(ends.date, /^\d{4}-\d\d-\d\d /);
  assert.ok(ends.time <= ends.what, `the time ends at ${ends.time}, the text begins at ${ends.what}`);
});

test("the page of a card follows what happens to the card, and keeps the older entries that were asked for", async () => {
  const entry = (seq, what) => ({ seq, at: new Date().toISOString(), what: { what } });
  const timeline = `/cards/${iccid}/timeline`, changes = `/cards/${iccid}/changes`;
  const change = { seq: 7, source: "urn:x", id: "the-change", op: "replace", node: "./SC/USIM/SPN", state: "open", accepted_at: new Date().toISOString() };
  await visit(`token=${token}`, {}, { [timeline]: { items: [entry(5, "imported"), entry(4, "suspended")], next: "4" }, [`${timeline} after 4`]: { items: [entry(3, "resumed")] },
    [changes]: { items: [change] } });
  await shown(page, page.locator(".figures"));
  await page.goto(`${fake.url}#/cards/${iccid}`);
  const entries = page.locator(".timeline .what"), last = page.getByRole("region", { name: "Last changes" });
  await shown(page, last.getByText("open", { exact: true }));
  await page.getByRole("button", { name: "Older" }).click();
  await shown(page, entries.nth(2));
  fake.how.answers[timeline] = { items: [entry(6, "proof"), entry(5, "imported"), entry(4, "suspended")], next: "4" };
  fake.how.answers[changes] = { items: [{ ...change, state: "applied" }] };
  fake.tell("ended", { event: "the-change", source: "urn:x", card: iccid, node: "./SC/USIM/SPN", state: "applied" });
  await shown(page, last.getByText("applied", { exact: true }));
  await shown(page, entries.nth(3));
  assert.deepEqual(await entries.allTextContents(), ["The card's proof came", "Imported", "Suspended by an operator", "Resumed by an operator"]);
  assert.ok(fake.asked.includes(`GET /events?card=${iccid}&type=taken%2Cended`), fake.asked.join("\n"));
});

test("a campaign's form gives quiet hours, days and a canary's share, and what is written as JSON over them", async () => {
  await visit(`token=${token}`);
  await shown(page, page.locator(".figures"));
  await page.goto(`${fake.url}#/campaigns`);
  await page.getByLabel("Name", { exact: true }).fill("spring");
  await page.getByLabel("Node").fill("./SC/USIM/SPN");
  await page.getByLabel("Value", { exact: true }).fill("Spring");
  await page.getByLabel("Profile").fill("usim-aes");
  await page.getByText("Canary, times, pace").click();
  await page.getByLabel("Or their share").fill("2.5");
  await page.getByLabel("Wait for canaries").fill("2h");
  for (const day of ["sat", "sun"]) await page.getByLabel(day, { exact: true }).uncheck();
  await page.getByLabel("Quiet from").fill("12:30");
  await page.getByLabel("Quiet until").fill("13:30");
  await page.getByLabel("Zone of these hours").fill("Europe/Berlin");
  await page.getByLabel("More (JSON)").fill("{priority: 0}");
  await page.getByRole("button", { name: "Estimate" }).click();
  await page.getByRole("alert").filter({ hasText: "More (JSON) is no JSON" }).waitFor();
  await page.getByLabel("More (JSON)").fill('{"zone": {"label": "tz"}, "priority": 0, "life": "2d"}');
  const sent = page.waitForRequest((r) => r.method() === "POST" && r.url().includes("/campaigns"));
  await page.getByRole("button", { name: "Estimate" }).click();
  assert.deepEqual((await sent).postDataJSON(), {
    name: "spring", change: { op: "replace", node: "./SC/USIM/SPN", format: "chr", value: "Spring" }, cards: { profile: "usim-aes" },
    canary: { share: 0.025, wait: "2h" }, window: { from: "00:00", to: "24:00", days: ["mon", "tue", "wed", "thu", "fri"] },
    quiet_hours: { from: "12:30", to: "13:30" }, zone: { name: "Europe/Berlin", label: "tz" }, priority: 0, life: "2d",
  });
  assert.deepEqual(await serious_faults(page), []);
});

test("dead letters that were replayed are left out where that is wished", async () => {
  const letter = (place, more) => ({ place, at: new Date().toISOString(), reason: "bad-json", detail: "", id: `id-${place}`, subject: "", ...more });
  await visit(`token=${token}`, {}, {
    "/dead-letters": { items: [letter("0/1", { replayed_at: new Date().toISOString() }), letter("0/2")] }, "/dead-letters open": { items: [letter("0/2")] },
  });
  await shown(page, page.locator(".figures"));
  await page.goto(`${fake.url}#/dead-letters`);
  await shown(page, page.getByText("id-0/1"));
  await page.getByLabel("Only those not replayed yet").check();
  await page.getByText("id-0/1").waitFor({ state: "detached" });
  await shown(page, page.getByText("id-0/2"));
});

test("what the role may not do is not offered", async () => {
  await visit("/");
  fake.how.role = "read";
  await page.getByLabel("Token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByText("Profile usim-aes is paused").waitFor();
  assert.equal(await page.getByRole("button", { name: "Resume" }).count(), 0);
  await page.goto(`${fake.url}#/cards/${iccid}`);
  await page.getByText("Why it waits").waitFor();
  for (const name of ["Suspend", "Resume", "Repair", "Replace", "Erase"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("is opened for the role keys").waitFor();
  assert.equal(fake.asked.some((asked) => asked.includes("/packets/1")), false);
  await page.goto(`${fake.url}#/changes`);
  await page.getByText("takes the role operate").waitFor();
  assert.equal(await page.getByRole("button", { name: "Send" }).count(), 0);
  await page.goto(`${fake.url}#/inspector`);
  await page.getByText("takes the role keys").waitFor();
});
