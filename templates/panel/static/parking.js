/* Answers on their way: each page parks its own in the browser until the server has them on disk, and nobody else's.
   A refusal or a conflict stays parked and is shown at its question; what a closed page left is sent from the next one,
   be it the questionnaire, a page that refuses something or the one behind a link. */
"use strict";
const Parking = (() => {
  const body = document.body;
  const PREFIX = "panel-parked.", ALIVE = "panel-alive.", OLD = "panel-unsaved-";
  const STALE = 150000;  // a hidden page may be let run once a minute only
  const me = Math.random().toString(36).slice(2) + Date.now().toString(36);
  let places = [], csrf = body.dataset.csrf || "";
  try { places = JSON.parse(body.dataset.places || "[]"); } catch { places = []; }
  const place = (scope) => places.find((p) => p.scope === scope);
  const here = places.find((p) => p.here) || null;
  const addressOf = (scope) => (place(scope)?.save || "").replace(/\/answer$/, "");

  // --- the store: one key for each page and round; without storage the answers live in this page only
  const read = (key) => { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch { return null; } };
  const write = (key, value) => {
    try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, JSON.stringify(value)); return true; } catch { return false; }
  };
  const keys = () => { try { return Object.keys(localStorage); } catch { return []; } };
  let stopped = false;
  let queue = [];  // {scope, item, value, base, at, origin, label, href, state?, message?, theirs?, version?}
  const keep = () => {
    let kept = true;
    for (const p of places) {
      const own = queue.filter((e) => e.scope === p.scope);
      kept = write(PREFIX + p.scope + "." + me, own.length ? own : null) && kept;
    }
    return kept;
  };
  const beat = () => { if (!stopped) write(ALIVE + me, Date.now()); };
  const alive = (page) => Math.abs(Date.now() - (read(ALIVE + page) || 0)) < STALE;  // a clock may be set back by a day

  /* Take over what pages left that are no more. The same question may wait twice: both are sent, the later one
     meets the earlier one as a conflict and is shown with both values. */
  const adopt = () => {
    for (const key of keys()) {
      let scope = "", left = null;
      if (key.startsWith(OLD)) {
        scope = key.slice(OLD.length);
        if (place(scope)) left = Object.entries(read(key) || {}).map(([item, e]) => ({ item, value: e.value, base: e.base, at: 0, origin: key }));
      } else if (key.startsWith(PREFIX)) {
        const [of, page] = key.slice(PREFIX.length).split(".");
        scope = of;
        if (place(scope) && page !== me && !alive(page)) { left = read(key) || []; write(ALIVE + page, null); }
      }
      if (left === null) continue;
      for (const e of left) {
        if (!queue.some((q) => q.scope === scope && q.item === e.item && q.origin === e.origin)) queue.push({ ...e, scope, state: undefined });
      }
      if (keep()) write(key, null);
    }
    queue.sort((a, b) => a.at - b.at);
  };

  // --- sending, one after the other; what cannot be reached waits and is tried again
  let busy = false, timer = 0, wait = 1000;
  const listeners = [];
  const tell = (what, entry, content) => { for (const f of listeners) f(what, entry, content || {}); };
  const waiting = () => queue.filter((e) => !e.state).length;
  /** Answers in this browser, of whatever page and expert. */
  const left = () => keys().reduce((sum, key) => {
    const found = key.startsWith(OLD) || key.startsWith(PREFIX) ? read(key) : null;
    return sum + (found ? Object.keys(found).length : 0);
  }, 0);
  const drop = (entry) => { queue = queue.filter((e) => e !== entry); keep(); };
  const later = () => { clearTimeout(timer); timer = setTimeout(send, wait); wait = Math.min(wait * 2, 15000); };
  const WORDS = { 403: "页面已过期，请刷新本页；答案留在本机，刷新后自动再试。", 413: "内容过长，服务器没有收；答案留在本机，请精简。" };
  async function send() {
    if (busy || stopped) return;
    const entry = queue.find((e) => !e.state);
    if (!entry) return;
    busy = true;
    tell("saving", entry);
    const { value, base } = entry;
    let reply = null, content = {};
    try {
      reply = await fetch(place(entry.scope).save, {
        method: "POST", credentials: "same-origin", cache: "no-store", redirect: "error",
        headers: { "content-type": "application/json", "x-csrf": csrf },
        body: JSON.stringify({ item: entry.item, value, base }),
        signal: AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined,
      });
      content = await reply.json().catch(() => ({}));
    } catch { reply = null; }
    busy = false;
    if (!reply || reply.status >= 500 || reply.status === 429) { tell("unsaved", entry); later(); return; }
    wait = 1000;
    if (reply.status === 401) {
      stopped = true;
      write(ALIVE + me, null);  // whoever comes in again may take over what waits here
      tell("signed-out", entry, content);
      return;
    }
    const newer = entry.value !== value;  // changed again while it was on its way
    if (content.state === "saved") {
      if (newer) { entry.base = content.version; keep(); } else drop(entry);
      tell("saved", entry, { ...content, newer });
    } else if (content.state === "closed") {
      if (!newer) drop(entry);  // the server keeps it among the late answers
      tell("closed", entry, content);
    } else if (!newer) {
      entry.state = content.state === "conflict" ? "conflict" : "refused";
      entry.message = content.message || WORDS[reply.status] || "没有保存；答案留在本机。";
      if (reply.status === 403) entry.message = WORDS[403];
      if (content.state === "conflict") { entry.theirs = content.value; entry.version = content.version; }
      keep();
      tell(entry.state, entry, content);
    }
    send();
  }

  /** Park an answer of this page and send it. An earlier one that was refused here has been seen: it gives way. */
  const put = (item, value, base, label, href) => {
    queue = queue.filter((e) => !(e.scope === here.scope && e.item === item && e.state));
    const old = queue.find((e) => e.scope === here.scope && e.item === item && e.origin === me);
    if (old) { old.value = value; old.at = Date.now(); } else queue.push({ scope: here.scope, item, value, base, at: Date.now(), origin: me, label, href });
    if (!keep()) tell("no-storage", null);
    clearTimeout(timer);
    send();
  };
  const resume = () => { if (stopped) return; wait = 1000; adopt(); tell("parked", null); send(); };

  const begin = () => {
    beat();
    adopt();
    setInterval(beat, 10000);
    setInterval(resume, 30000);
    window.addEventListener("pagehide", () => write(ALIVE + me, null));
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      // while this page lay aside another may have taken its answers over
      queue = places.flatMap((p) => read(PREFIX + p.scope + "." + me) || []);
      beat();
      resume();
    });
    window.addEventListener("online", resume);
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") resume(); });
  };
  if (places.length) begin();

  /** A page that knows no round asks whose answers wait here: they are sent, or it is told that they wait. */
  async function ask() {
    if (places.length || !body.dataset.ask || !left()) return;
    let reply = null, content = {};
    try {
      reply = await fetch(body.dataset.ask, { credentials: "same-origin", cache: "no-store", redirect: "error" });
      content = await reply.json();
    } catch { reply = null; }
    if (reply && reply.ok && content.places.length) {
      places = content.places;
      csrf = content.csrf;
      begin();
      tell("parked", null);
      send();
      return;
    }
    tell("outside", null);
    if (!reply || reply.status >= 500) { setTimeout(ask, wait); wait = Math.min(wait * 2, 15000); }
  }
  return { me, here, put, send, drop, ask, waiting, left, addressOf, entries: () => queue, listen: (f) => listeners.push(f), stopped: () => stopped };
})();
