// The console: who is signed in, which page is shown.
import { html, say, useEffect, useRef, useSession, useState, useWatched } from "./parts.js";
import { render } from "./vendor/preact-htm/standalone.module.js";
import { begin, session, sign_in, sign_out, take_token } from "./api.js";
import { figures, follow_figures, watch_figures } from "./live_figures.js";
import { Overview } from "./overview.js";
import { Cards } from "./cards.js";
import { Card } from "./card.js";
import { Changes } from "./changes.js";
import { Campaigns } from "./campaigns.js";
import { Campaign } from "./campaign.js";
import { DeadLetters } from "./dead_letters.js";
import { Inspector } from "./inspector.js";
import { Live } from "./live.js";

const pages = [
  { path: "", words: "Overview", list: Overview },
  { path: "cards", words: "Cards", list: Cards, one: Card },
  { path: "changes", words: "Changes", list: Changes, one: Changes },
  { path: "campaigns", words: "Campaigns", list: Campaigns, one: Campaign },
  { path: "dead-letters", words: "Dead letters", list: DeadLetters, one: DeadLetters },
  { path: "inspector", words: "Inspector", list: Inspector },
  { path: "live", words: "Live", list: Live },
];

/// #/cards/8988..?x=y: {page, id, query}
function place_of(hash) {
  const [path, query] = hash.replace(/^#\/?/, "").split("?");
  const [first, ...rest] = path.split("/");
  const page = pages.find((p) => p.path === first) ?? pages[0];
  const id = rest.length ? decodeURIComponent(rest.join("/")) : "";
  return { page, id, query: Object.fromEntries(new URLSearchParams(query ?? "")), hash };
}

function SignIn({ refused }) {
  const submit = (event) => {
    event.preventDefault();
    sign_in(new FormData(event.target).get("token").trim());
  };
  return html`<main id="main" class="sign-in" tabindex="-1">
    <div class="panel">
      <h1>otagw console</h1>
      ${refused && html`<p class="note bad" role="alert">${refused}</p>`}
      <form onSubmit=${submit}>
        <label class="field"><span>Token</span>
          <input class="mono" type="password" name="token" autocomplete="off" required autofocus spellcheck=${false} /></label>
        <div class="row"><button class="main">Sign in</button></div>
      </form>
      <p class="soft small">One of those that the gateway's settings name under <code>http.tokens</code>. It stays in this tab and is forgotten when the tab is closed.</p>
    </div>
  </main>`;
}

function ThemeSwitch() {
  const now = () => document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const [theme, set_theme] = useState(now());
  const turn = () => {
    const next = theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("otagw.theme", next);
    set_theme(next);
  };
  return html`<button class="quiet" onClick=${turn} aria-label=${`Switch to ${theme === "dark" ? "light" : "dark"} colours`}>${theme === "dark" ? "Light" : "Dark"}</button>`;
}

function Head({ at, who }) {
  useWatched(watch_figures);
  const live = session.away_since ? ["bad", "gateway away"] : figures.stream === "live" ? ["good", "live"] : ["wait", "connecting"];
  const find = (event) => {
    event.preventDefault();
    const text = new FormData(event.target).get("find").trim();
    location.hash = /^\d{18,20}$/.test(text) ? `#/cards/${text}` : `#/cards?find=${encodeURIComponent(text)}`;
  };
  return html`<header class="head">
    <a class="name" href="#/"><img src="mark.svg" alt="" width="22" height="22" />otagw</a>
    <nav aria-label="Pages"><ul>${pages.map((p) => html`
      <li><a href=${`#/${p.path}`} aria-current=${p === at.page ? "page" : null}>${p.words}</a></li>`)}</ul></nav>
    <div class="tools">
      <form role="search" onSubmit=${find}>
        <input class="find" id="find" name="find" type="search" aria-label="Find a card by ICCID or number" placeholder="ICCID or number  /" autocomplete="off" /></form>
      <span class="row small" title=${`Events of the gateway: ${live[1]}`}><i class=${`dot ${live[0]}`}></i><span class="unseen">Events of the gateway: </span>${live[1]}</span>
      <span class="who" title=${`${who.name}, role ${who.role}`}>${who.name} · ${who.role}</span>
      <${ThemeSwitch} />
      <button class="quiet" onClick=${() => sign_out()}>Sign out</button>
    </div>
  </header>`;
}

function Console() {
  const { token, me, refused, away_since } = useSession();
  const [at, set_at] = useState(place_of(location.hash));
  const first = useRef(true);
  useEffect(() => {
    const moved = () => {
      take_token();  // of a link that was opened in this tab, where the console is already
      set_at(place_of(location.hash));
    };
    const keys = (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      event.preventDefault();
      document.getElementById("find")?.focus();
    };
    addEventListener("hashchange", moved);
    addEventListener("keydown", keys);
    return () => { removeEventListener("hashchange", moved); removeEventListener("keydown", keys); };
  }, []);
  useEffect(() => (me ? follow_figures() : undefined), [me]);
  const words = at.id ? `${at.id} – ${at.page.words}` : at.page.words;
  useEffect(() => {
    document.title = `${words} – otagw`;
    if (!first.current) document.querySelector("main h1")?.focus();
    first.current = false;
    window.scrollTo(0, 0);
  }, [at.page, at.id]);
  if (!me && !token) return html`<${SignIn} refused=${refused} />`;
  if (!me) return html`<main id="main" class="sign-in" tabindex="-1">
    ${refused ? html`<p class="note bad" role="alert">${refused}</p>` : html`<p class="soft">Signing in …</p>`}
    ${refused && html`<button class="quiet" onClick=${() => sign_out()}>Use another token</button>`}</main>`;
  const Page = at.id ? at.page.one ?? at.page.list : at.page.list;
  return html`
    <${Head} at=${at} who=${me} />
    ${away_since && html`<div class="banner bad" role="alert">The gateway does not answer since ${away_since.toLocaleTimeString("en-GB")}. What you see is from then; the console tries again by itself.</div>`}
    <main id="main" tabindex="-1"><${Page} key=${`${at.page.path}/${at.id}`} id=${at.id} query=${at.query} /></main>`;
}

// The skip link moves the focus, and leaves the address alone: that is where the page is named.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main")?.focus();
});
addEventListener("unhandledrejection", (event) => say(event.reason?.message ?? "Something went wrong."));
begin();  // first: with a token there is no form to sign in that takes the focus for a moment
render(html`<${Console} />`, document.getElementById("console"));
