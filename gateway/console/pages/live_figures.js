// The figures of the overview, kept while the console is open, so that the charts have their minutes when one comes back.
import { get } from "./api.js";
import { follow } from "./stream.js";

const kept_s = 300;
const watchers = new Set();

/// {overview, rates, samples: {at: [], taken: [], ..}, alerts: [], stream: "live" | ..}
export const figures = { overview: null, fault: null, rates: null, samples: null, alerts: [], stream: "connecting" };

export function watch_figures(tell) {
  watchers.add(tell);
  return () => watchers.delete(tell);
}
const tell_all = () => { for (const tell of watchers) tell(); };

const curves = ["taken", "closed", "packets", "segments", "receipts", "proofs"];

/// Takes one second's rates into the samples; a hole in time is a hole in the curves.
export function take_rates(rates, now_s = Math.round(Date.now() / 1000)) {
  const s = (figures.samples ??= Object.fromEntries([["at", []], ...curves.map((name) => [name, []])]));
  const last = s.at.at(-1);
  if (last !== undefined && now_s <= last) return;
  if (last !== undefined && now_s - last > 3) {
    s.at.push(last + 1);
    for (const name of curves) s[name].push(null);
  }
  s.at.push(now_s);
  for (const name of curves) s[name].push(rates[name] ?? null);
  const old = s.at.findIndex((at) => at >= now_s - kept_s);
  if (old > 0) for (const list of Object.values(s)) list.splice(0, old);
  figures.rates = rates;
  tell_all();
}

async function ask() {
  try {
    Object.assign(figures, { overview: await get("/overview"), fault: null });
    if (figures.stream !== "live" && figures.overview.rates) take_rates(figures.overview.rates);
  } catch (fault) {
    figures.fault = fault;
  }
  tell_all();
}

/// Begins to follow the gateway; returns what ends it.
export function follow_figures() {
  let over = false, timer = null;
  const turn = async () => {
    if (!document.hidden) await ask();
    if (!over) timer = setTimeout(turn, (figures.fault?.wait_s ?? 0) * 1000 || 3000);
  };
  turn();
  const end = follow("/events?type=rates,alert", ({ type, data }) => {
    if (type === "rates") take_rates(data);
    if (type === "alert") {
      figures.alerts = [{ at: new Date().toISOString(), ...data }, ...figures.alerts].slice(0, 20);
      tell_all();
    }
  }, (state) => { figures.stream = state; tell_all(); });
  return () => {
    over = true;
    clearTimeout(timer);
    end();
    Object.assign(figures, { overview: null, fault: null, rates: null, samples: null, alerts: [] });
  };
}
