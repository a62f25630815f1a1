// A gateway that answers as it is told to, for what the real one is hard to bring to: away, refusing, slow, and with texts that try to
// become HTML. Serves the pages from the source tree. Its answers have the shapes of the API (docs/openapi.json).
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

export const token = "fake-token-of-the-tests";
export const canary = `<img src=x onerror="window.pwned=1"><b>bold</b>`;
const iccid = "89882110000000000002";
const now = () => new Date().toISOString();
const yesterday = new Date(Date.now() - 86400000).toISOString();
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const rates = () => ({ taken: 12.5, closed: 12, packets: 10, segments: 21, receipts: 20, proofs: 11 });
const card = {
  iccid, msisdn: "49155000000000", msisdn_since: now(), profile: canary, standing: "quarantined", labels: `zone=${canary}`, hold: "no-keys", profile_configured: true,
  keys_readable: true, keys: [{ kvn: 1, mac_length: 8 }], counters: [{ of: "key version 1", last: "0000000310" }], nodes: [],
  open_events: [{ seq: 7, source: "urn:x", id: canary, op: "replace", node: "./SC/USIM/SPN", phase: "waiting", attempts: 0, accepted_at: now(), expires_at: now() }],
};
const answers = {
  "/overview": {
    instance: 0, version: "0.1.0", started_at: now(), ready: false, reasons: ["routes: no route has a bind"], rates: rates(),
    totals: { taken: 5000, closed: { applied: 4000, failed: 3 }, reasons: { "no-answer": 3, [canary]: 1 }, dead_letters: 1 },
    backlog: { lag: 0, open_events: 9, outbox: 0, outstanding: 4, due: 2, parked: 0 }, oldest_unreconciled_s: 4211, cards: 1000, quarantined_cards: 1,
    paused_profiles: [{ profile: "usim-aes", reason: "card-refused" }], channels: {},
    routes: [{ name: canary, binds: { configured: 2, here: 2, open: 1, up: 0 }, window: 500, used: 120, queued: 3, rate: 100, throttled: true, last_fault: canary, totals: {} }],
  },
  "/cards": { items: [card] },
  [`/cards/${iccid}`]: card,
  [`/cards/${iccid}/explain`]: { iccid, why: [canary], next: [], act: ["operator: give it keys"] },
  [`/cards/${iccid}/nodes`]: { items: [{ uri: `./SC/${canary}`, desired: { version: 1, size: 3 }, value: { desired: "00ffff" }, in_step: false, blocked: "bad-value", device: { state: "declined", at: now(), drifts: 1 } },
    { uri: "./IMPS", desired: { version: 2, size: 90 }, reported: { version: 2, size: 90 }, in_step: true, leaves: [{ uri: "./IMPS/Name", desired: { format: "chr", size: 3, value: canary } }] }] },
  [`/cards/${iccid}/packets`]: { items: [{ id: 1, place: "in-flight", cntr: "0000000310", tar: "b00011", by: "sms", segments: 1, sendings: 2, sent_at: now(), closes_at: now() }] },
  [`/cards/${iccid}/timeline`]: { items: [{ seq: 2, at: now(), what: { what: canary, packet: 1, carries: [canary] },
    submissions: [{ segment: 1, sending: 2, route: canary, message_id: canary, at: now(), receipt: "delivered", receipt_at: now() }] }, { seq: 1, at: yesterday, what: { what: "imported", by: "tests" } }] },
  [`/cards/${iccid}/changes`]: { items: [{ seq: 7, source: "urn:x", id: canary, op: "replace", node: canary, state: "failed", reason: canary, accepted_at: now() }] },
  "/campaigns": { items: [{ name: "spn", state: "running", cards: 10, done: 4, outcomes: { applied: 4 }, created_at: now(), created_by: canary }] },
  "/dead-letters": { items: [{ place: "0/1", at: now(), reason: "bad-json", detail: canary, id: canary, subject: "" }] },
};

function api(path, query, how, answer) {
  const after = query.get("after"), asked = `${path}${after ? ` after ${after}` : ""}${query.get("open") ? " open" : ""}`;
  if (answer.req.headers.authorization !== `Bearer ${token}` || how.status === 401) return [401, { title: "Unauthorized", detail: "the token is not one of those that hold" }];
  if (how.status) return [how.status, { title: "Refused", detail: `as told: ${how.status}` }];
  const found = path === "/me" ? { name: "tests", role: how.role ?? "keys" } : how.answers?.[asked] ?? answers[path];
  return found ? [200, found] : [404, { title: "Not Found", detail: "nothing is served at this path" }];
}

async function page(path, pages, answer) {
  const name = path === "/console/" ? "index.html" : path.slice("/console/".length);
  if (name === "reasons.json") return answer.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ "no-answer": { meaning: canary, acts: "operator", retry: true } }));
  const file = normalize(name.startsWith("vendor/") ? join(pages, "..", name) : join(pages, name));
  try {
    const content = await readFile(file);
    answer.writeHead(200, { "Content-Type": types[extname(file)] ?? "text/plain", "Content-Security-Policy": policy }).end(content);
  } catch {
    answer.writeHead(404).end();
  }
}

/// {url, how, streams, tell(type, data)}; how.status: what every call is answered with; how.delay_ms: before each answer; how.role: the
/// caller's; how.answers: in place of the usual ones, by path, with " after PLACE" for a further page and " open" for the open ones.
export async function fake_gateway(pages) {
  const it = { how: {}, resumed_from: [], streams: new Set(), asked: [] };
  const server = createServer(async (asked, answer) => {
    const url = new URL(asked.url, "http://x");
    if (!url.pathname.startsWith("/api/v1")) return page(url.pathname, pages, answer);
    const path = decodeURIComponent(url.pathname.slice("/api/v1".length));
    it.asked.push(`${asked.method} ${path}${url.search}`);
    if (it.how.delay_ms) await new Promise((go) => setTimeout(go, it.how.delay_ms));
    if (path === "/events" && !it.how.status && asked.headers.authorization === `Bearer ${token}`) {
      it.resumed_from.push(asked.headers["last-event-id"] ?? null);
      answer.writeHead(200, { "Content-Type": "text/event-stream" });
      answer.write(`: hello\n\nid: ${41 + it.resumed_from.length}\nevent: taken\ndata: ${JSON.stringify({ event: canary, source: "urn:x", card: iccid, node: "./SC/USIM/SPN" })}\n\n`);
      answer.write(`event: rates\ndata: ${JSON.stringify(rates())}\n\n`);
      it.streams.add(answer);
      return answer.on("close", () => it.streams.delete(answer));
    }
    const [status, body] = api(path, url.searchParams, it.how, answer);
    answer.writeHead(status, { "Content-Type": "application/json", ...(status === 429 ? { "Retry-After": "1" } : {}) }).end(JSON.stringify(body));
  });
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  const port = server.address().port;
  it.url = `http://127.0.0.1:${port}/console/`;
  it.tell = (type, data) => { for (const stream of it.streams) stream.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`); };
  it.cut = () => { for (const stream of it.streams) stream.destroy(); };
  it.leave = () => new Promise((go) => { server.close(go); server.closeAllConnections(); });  // also when it has left already
  it.come_back = () => new Promise((go) => server.listen(port, "127.0.0.1", go));
  return it;
}
