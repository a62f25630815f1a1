// The calls of the API under the caller's token. The token lives in this tab's session storage alone.

const place = "otagw.token";
const ranks = ["read", "operate", "keys"];
const watchers = new Set();

/// What the console knows of the caller and of the gateway: {token, me, refused, away_since}.
export const session = { token: null, me: null, refused: "", away_since: null };

export function watch(tell) {
  watchers.add(tell);
  return () => watchers.delete(tell);
}
function change(what) {
  Object.assign(session, what);
  for (const tell of watchers) tell();
}

/// A failure with a sentence for people. `status` 0: nobody answered.
export class Problem extends Error {
  constructor(status, detail, body = {}, wait_s = 0) {
    super(detail);
    Object.assign(this, { status, body, wait_s });
  }
}

/// Whether the caller may what needs this role.
export const may = (role) => session.me !== null && ranks.indexOf(session.me.role) >= ranks.indexOf(role);

/// Whole numbers beyond 2^53 (ids of packets) stay as they are written.
const parse = (text) =>
  JSON.parse(text, (_, value, written) =>
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) && written ? written.source : value);

export function headers(more = {}) {
  return { ...(session.token ? { Authorization: `Bearer ${session.token}` } : {}), ...more };
}

/// To be told of every answer, and of its absence: fills `away_since`, ends the session of a token that does not hold any more.
export function heard(status) {
  if (status === 0) {
    if (session.away_since === null) change({ away_since: new Date() });
    return;
  }
  if (session.away_since !== null) change({ away_since: null });
  if (status === 401 && session.token) sign_out("The gateway refused the token. It may have been replaced or taken away.");
}

async function problem_of(answer) {
  let body = {};
  try {
    body = parse(await answer.text());
  } catch { /* a proxy's page: the status has to do */ }
  const detail = body.detail || body.title || `The gateway answered ${answer.status}.`;
  return new Problem(answer.status, detail, body, Number(answer.headers.get("Retry-After")) || 0);
}

/// One call below /api/v1; the parsed body, or a Problem.
export async function call(method, path, body, { type = "application/json", signal } = {}) {
  const how = { method, headers: headers(body === undefined ? {} : { "Content-Type": type }), signal, cache: "no-store" };
  if (body !== undefined) how.body = typeof body === "string" ? body : JSON.stringify(body);
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, how);
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    heard(0);
    throw new Problem(0, "The gateway does not answer.");
  }
  heard(answer.status);
  if (!answer.ok) throw await problem_of(answer);
  const text = await answer.text();
  return text === "" ? {} : parse(text);
}
export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body, options) => call("POST", path, body, options);

/// A path with its parameters; those that are empty are left out.
export function with_query(path, query) {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) all.set(name, value);
  }
  const text = all.toString();
  return text ? `${path}?${text}` : path;
}
export const part = encodeURIComponent;

export async function sign_in(token) {
  change({ token, me: null, refused: "" });
  for (let pause_ms = 500; session.token === token && !session.me; pause_ms = Math.min(2 * pause_ms, 15000)) {
    try {
      const me = await get("/me");
      sessionStorage.setItem(place, token);
      change({ me });
    } catch (fault) {
      if (fault.status === 401) return change({ token: null, refused: `The token was refused: ${fault.message}` });
      if (fault.status !== 0 && fault.status !== 429 && fault.status < 500) return change({ token: null, refused: fault.message });
      change({ refused: `${fault.message} The console tries again by itself.` });  // the token may be good
      await new Promise((go) => setTimeout(go, pause_ms));
    }
  }
}

export function sign_out(why = "") {
  sessionStorage.removeItem(place);
  change({ token: null, me: null, refused: why });
}

/// A token in the address (#token=.., with &to=/cards/.. the page to begin with) is taken, and leaves the address bar and the history
/// at once. False: there is none.
export function take_token() {
  const given = /^#token=([^&]+)(?:&to=(.*))?$/.exec(location.hash);
  if (!given) return false;
  const token = decodeURIComponent(given[1]);
  history.replaceState(null, "", `${location.pathname}#${given[2] || "/"}`);
  if (token !== session.token) sign_in(token);
  return true;
}

/// With the token of the address, or with the one that this tab still knows.
export function begin() {
  const kept = sessionStorage.getItem(place);
  if (!take_token() && kept) sign_in(kept);
}
