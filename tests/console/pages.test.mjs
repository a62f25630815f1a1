// The console as an operator meets it, on the real program: gateway, SMSC and cards of a sandbox.
import { after, afterEach, before, beforeEach, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { open_browser, open_page, serious_faults } from "./browser.mjs";
import { open_sandbox } from "./sandbox.mjs";

const canary = `<img src=x onerror="window.pwned=1">`;
const all_pages = ["/", "/cards", "/changes", "/campaigns", "/dead-letters", "/inspector", "/live"];
let sandbox, browser, page;

before(async () => {
  sandbox = await open_sandbox(["--calm", "--cards", "60", "--changes", "120", "--accounts", "0"]);
  browser = await open_browser();
});
after(async () => {
  await browser?.close();
  if (sandbox) assert.equal(await sandbox.stop(), 0, sandbox.said.join(""));
});
beforeEach(async () => { page = await open_page(browser); });
afterEach(async () => {
  await page.context().close();
  assert.deepEqual(page.complaints, []);
});

async function visit(where) {
  await page.goto(sandbox.link);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  if (where !== "/") await page.goto(`${sandbox.url}#${where}`);
}
/// What a test brings about itself is no complaint.
const forgive = (pattern) => { page.complaints = page.complaints.filter((text) => !pattern.test(text)); };
const heading = (name) => page.getByRole("heading", { level: 1, name }).waitFor();

test("the link that the sandbox prints leads in, and the overview has the gateway's figures", async () => {
  await visit("/");
  await page.locator(".figures dd").filter({ hasText: /^60$/ }).first().waitFor();
  await page.getByText("ready", { exact: true }).waitFor();
  await page.locator(".head .tools").getByText("live").waitFor();
  const stages = await page.locator(".corridor .stage").allTextContents();
  assert.deepEqual(stages, ["Changes in", "Plan", "Send", "SMSC", "Cards", "States out"]);
  await page.getByRole("region", { name: "Routes" }).getByRole("rowheader", { name: "sandbox" }).waitFor();
  await page.getByRole("region", { name: "Failures by reason" }).getByText("no card with this ICCID is imported").waitFor();
  await page.locator(".chart canvas").first().waitFor();
});

for (const colorScheme of ["light", "dark"]) {
  test(`each page in ${colorScheme} loads without a complaint of the browser or a serious one of axe`, async () => {
    await page.context().close();
    page = await open_page(browser, { colorScheme });
    await visit("/");
    for (const where of [...all_pages, `/cards/${sandbox.iccid}`]) {
      await page.goto(`${sandbox.url}#${where}`);
      await page.locator("main h1").waitFor();
      await page.waitForTimeout(400);
      assert.deepEqual(await serious_faults(page), [], where);
    }
  });
}

test("a phone shows each page without a sideways scroll", async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  await visit("/");
  for (const where of [...all_pages, `/cards/${sandbox.iccid}`]) {
    await page.goto(`${sandbox.url}#${where}`);
    await page.locator("main h1").waitFor();
    await page.waitForTimeout(300);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, where);
  }
});

test("the command to paste changes a card, and the console shows it arrive", async () => {
  const answer = JSON.parse(execFileSync("sh", ["-c", sandbox.paste.replace("curl ", "curl -s ")], { encoding: "utf8" }));
  assert.equal(answer.accepted.length, 1);
  await page.goto(sandbox.to_card);  // the link that is printed beside the command
  await heading(sandbox.iccid);
  const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "SPN" }) });
  await row.getByText("in step").waitFor();
  await page.getByRole("region", { name: "Last changes" }).getByRole("link", { name: answer.accepted[0].id }).click();
  await page.locator("#sheet").waitFor();
  await page.locator(".facts").getByText("applied").waitFor();
});

test("a card is found by its number, and by what stands in the address", async () => {
  await visit("/cards?standing=active");
  const first = page.getByRole("region", { name: "Cards found" }).getByRole("row").nth(1);
  const iccid = await first.getByRole("rowheader").textContent(), number = await first.getByRole("cell").first().textContent();
  await page.getByLabel("Find a card").fill(number);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  await page.getByRole("link", { name: iccid }).click();
  await heading(iccid);
});

test("a change that is sent through the page arrives on the card, and text that tries to be HTML stays text", async () => {
  await visit("/changes");
  await page.getByLabel("Card (ICCID)").fill(sandbox.iccid);
  await page.getByLabel("Node").fill("./SC/USIM/SPN");
  await page.getByLabel("Value").fill("From the page");
  await page.getByText("When, how, under which id").click();
  await page.getByLabel("Id (else one is given)").fill(canary);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("link", { name: "Follow" }).click();
  await page.locator(".facts").getByText("applied").waitFor();
  await page.goto(`${sandbox.url}#/cards/${sandbox.iccid}`);
  await page.getByRole("link", { name: canary }).waitFor();
  assert.equal(await page.locator("img[src=x]").count(), 0);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  forgive(/status of 404/);  // it is asked for before it is taken in
});

test("a change that is none is refused with its reason, beside the form", async () => {
  await visit("/changes");
  await page.getByLabel("Card (ICCID)").fill(sandbox.iccid);
  await page.getByLabel("Node").fill("no-node");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("alert").filter({ hasText: "bad-node" }).waitFor();
  forgive(/status of 422/);
});

test("a card is suspended and resumed by keys alone", async () => {
  await visit("/");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the content");
  await page.keyboard.press("/");
  await page.keyboard.type(sandbox.iccid);
  await page.keyboard.press("Enter");
  await heading(sandbox.iccid);
  for (const [verb, standing] of [["Suspend", "suspended"], ["Resume", "active"]]) {
    await page.getByRole("button", { name: `${verb} …` }).waitFor();
    for (let i = 0; i < 60 && !(await page.evaluate((v) => document.activeElement.textContent === `${v} …`, verb)); ++i) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Tab");  // past "Leave it"
    await page.keyboard.press("Enter");
    await page.locator(".title .badge").filter({ hasText: standing }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.press("Tab");
  }
});

test("a dead letter is looked into and let in again", async () => {
  await visit("/dead-letters");
  const letter = page.getByRole("region", { name: "Dead letters" }).getByRole("row").filter({ hasText: "duplicate-id-other-content" }).getByRole("link").first();
  for (let i = 0; i < 60 && await letter.count() === 0; ++i) {  // the trickle makes one after some seconds
    await page.waitForTimeout(500);
    await page.getByRole("button", { name: "Refresh" }).click();
  }
  await letter.click();
  await page.getByRole("heading", { name: "The record" }).waitFor();
  await page.getByRole("button", { name: "Replay …" }).click();
  await page.getByLabel("Under a new id").fill("made-good");
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await page.getByText("The dead letter is replayed.").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByText("replayed", { exact: true }).first().waitFor();
  await page.getByLabel("Only those not replayed yet").check();
  await page.getByText("replayed", { exact: true }).first().waitFor({ state: "detached" });
});

test("a campaign is estimated, created and followed to its end", async () => {
  await visit("/campaigns");
  await page.getByLabel("Name", { exact: true }).fill("spring-name");
  await page.getByLabel("Node").fill("./SC/USIM/SPN");
  await page.getByLabel("Value", { exact: true }).fill("Spring");
  await page.getByLabel("All cards, when nothing is given").check();
  await page.getByRole("button", { name: "Estimate" }).click();
  await page.getByText(/^60 cards, .*SMS.*Nothing was begun/).waitFor();
  await page.getByRole("button", { name: "Create" }).click();
  await heading("spring-name");
  await page.locator(".title .badge").filter({ hasText: "completed" }).waitFor({ timeout: 120000 });
  await page.getByText("60 of 60 cards done").waitFor();
  assert.deepEqual(await serious_faults(page), []);
});

test("a packet is opened field by field", async () => {
  await visit("/inspector");
  await page.getByLabel("Hexadecimal").fill("00281516191212b00011ce50efe71f545a1535087726f2689fbb6ae7d814bbfd985a33bf51326744119d");
  await page.getByLabel("What it is").selectOption("command");
  await page.getByText("Other keys").click();
  await page.getByLabel("Key of KIc").fill("000102030405060708090a0b0c0d0e0f");
  await page.getByLabel("Key of KID").fill("101112131415161718191a1b1c1d1e1f");
  await page.getByRole("button", { name: "Inspect" }).click();
  await page.getByText("The packet is what the holder of these keys made.").first().waitFor();
  await page.locator(".tree").getByText("00a4080c047fff6f46").first().waitFor();
});

test("of a packet without its keys the clear part is shown, and what is missing", async () => {
  await visit("/inspector");
  await page.getByLabel("Hexadecimal").fill("02700000281516191212b00011ce50efe71f545a1535087726f2689fbb6ae7d814bbfd985a33bf51326744119d");
  await page.getByRole("button", { name: "Inspect" }).click();
  await page.getByText("ciphered: keys are needed (kic_key of version 1, kid_key of version 1)").waitFor();
  const tree = page.locator(".tree").first();
  for (const text of ["b00011", "cryptographic-checksum", "027000"]) await tree.getByText(text).first().waitFor();
  assert.equal(await tree.getByText("CNTR (counter)").count(), 0);
});

test("what happens is shown as it happens, and what is filtered out is not", async () => {
  await visit("/live?type=ended&state=applied");
  const rows = page.getByRole("region", { name: "Events" }).locator("tbody tr");
  await rows.nth(2).waitFor({ timeout: 30000 });
  for (const text of await rows.allTextContents()) assert.match(text, /applied/);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("paused", { exact: true }).waitFor();
});

test("the colours are switched and remembered", async () => {
  await visit("/");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole("button", { name: "Switch to dark" }).click();
  assert.notEqual(await ground(), light);
  const dark = await ground();
  await page.reload();
  await heading("Overview");
  assert.equal(await ground(), dark);
});
