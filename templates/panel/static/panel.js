/* Saves every answer as it is given. Answers wait in a queue, kept by the browser, until the server has them on disk. */
"use strict";
(() => {
  const body = document.body, form = document.getElementById("answers"), state = document.getElementById("state");
  document.documentElement.classList.add("script");
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
  document.querySelector(".steps [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  const url = body.dataset.save, scope = body.dataset.scope, open = body.dataset.open === "1";
  if (!url || !scope) return;

  // --- the queue: item -> {value, base}, in the browser's storage so that closing the page loses nothing
  const key = "panel-unsaved-" + scope;
  let queue = {}, busy = false, timer = 0, wait = 1000, stopped = false;
  try { queue = JSON.parse(localStorage.getItem(key) || "{}"); } catch { queue = {}; }
  const keep = () => {
    try {
      if (Object.keys(queue).length) localStorage.setItem(key, JSON.stringify(queue)); else localStorage.removeItem(key);
    } catch { /* storage switched off or full: the queue still lives in this page */ }
  };
  const say = (name, text) => { if (state) { state.dataset.state = name; state.textContent = text; } };
  const waiting = () => Object.keys(queue).length;

  // --- questions of this page
  const holder = (item) => document.querySelector(`[data-item="${CSS.escape(item)}"]`);
  const bases = form ? JSON.parse(form.elements.base.value || "{}") : {};
  const versionOf = (item) => bases[item] || 0;
  const setVersion = (item, version) => {
    bases[item] = version;
    if (form) form.elements.base.value = JSON.stringify(bases);
  };
  const mark = (item, sign, bad) => {
    const place = document.querySelector(`[data-mark="${CSS.escape(item)}"]`);
    if (place) { place.textContent = sign; place.classList.toggle("bad", !!bad); }
  };
  const fault = (item, text, button) => {
    const place = document.querySelector(`[data-fault="${CSS.escape(item)}"]`);
    if (place) {
      place.hidden = !text; place.textContent = text || "";
      if (button) place.append(" ", button);
    }
    const field = holder(item);
    if (field && field.tagName === "INPUT") field.setAttribute("aria-invalid", text ? "true" : "false");
  };
  const show = (item, value) => {
    const field = holder(item);
    if (!field) return;
    if (field.tagName !== "FIELDSET") { field.value = value; return; }
    for (const radio of field.querySelectorAll("input[type=radio]")) radio.checked = value !== "" && radio.value === value;
  };

  // --- sending, one after the other; a failure waits and tries again
  const settle = () => {
    if (waiting()) return;
    say("saved", "已保存");
  };
  const send = async () => {
    if (busy || stopped) return;
    const item = Object.keys(queue)[0];
    if (item === undefined) return;
    busy = true;
    const sent = queue[item];
    say("saving", "保存中…");
    let reply, content = {};
    try {
      reply = await fetch(url, {
        method: "POST", credentials: "same-origin", cache: "no-store", redirect: "error",
        headers: { "content-type": "application/json", "x-csrf": body.dataset.csrf },
        body: JSON.stringify({ item, value: sent.value, base: sent.base }),
        signal: AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined,
      });
      content = await reply.json();
    } catch { reply = null; }
    busy = false;
    if (!reply || reply.status >= 500 || reply.status === 429) {
      say("unsaved", `未保存（${waiting()} 项），将重试`);
      mark(item, "…", true);
      clearTimeout(timer);
      timer = setTimeout(send, wait);
      wait = Math.min(wait * 2, 15000);
      return;
    }
    wait = 1000;
    const newer = queue[item] !== sent;  // changed again while it was on its way
    if (content.state === "saved") {
      setVersion(item, content.version);
      if (newer) { queue[item].base = content.version; keep(); } else { delete queue[item]; keep(); fault(item, ""); mark(item, content.value ? "✓" : ""); }
      settle();
      document.body.dispatchEvent(new CustomEvent("panel-saved"));
    } else if (content.state === "signed-out") {
      stopped = true;
      say("signed-out", content.message || "登录已失效，请用链接重新进入；未保存的答案留在本机。");
      return;
    } else {
      if (!newer) { delete queue[item]; keep(); }
      mark(item, "✗", true);
      refuse(item, content, newer);
    }
    send();
  };
  const refuse = (item, content, newer) => {
    if (newer) return;
    if (content.state === "conflict") {
      const button = document.createElement("button");
      button.type = "button"; button.textContent = "仍用这里的答案";
      button.addEventListener("click", () => { fault(item, ""); put(item, content.sent, content.version); });
      const other = content.value === "" ? "空白" : `“${content.value}”`;
      fault(item, `${content.message}那边的答案是${other}，这里的“${content.sent}”没有保存。`, button);
      say("refused", "有答案未保存，见标 ✗ 处");
    } else if (content.state === "closed") {
      fault(item, content.message); say("closed", "本轮已结束，之后的答案不计入结果");
    } else {
      fault(item, content.message || "没有保存。"); say("refused", "有答案未保存，见标 ✗ 处");
    }
  };
  const put = (item, value, base) => {
    queue[item] = { value, base: base === undefined ? (queue[item]?.base ?? versionOf(item)) : base };
    keep();
    mark(item, "…");
    say("saving", "保存中…");
    clearTimeout(timer);
    send();
  };

  // --- giving answers
  const pending = new Map();
  const later = (item, value, delay) => {
    clearTimeout(pending.get(item)?.timer);
    pending.set(item, { value, timer: setTimeout(() => now(item), delay) });
    if (waiting() === 0) say("saving", "保存中…");
  };
  const now = (item) => {
    const entry = pending.get(item);
    if (!entry) return;
    clearTimeout(entry.timer);
    pending.delete(item);
    put(item, entry.value);
  };
  const flush = () => { for (const item of [...pending.keys()]) now(item); };
  if (form && open) {
    form.addEventListener("input", (event) => {
      const field = event.target, item = field.closest("[data-item]")?.dataset.item;
      if (!item) return;
      later(item, field.value, field.type === "radio" ? 150 : field.tagName === "TEXTAREA" ? 900 : 500);
      sum(); outside(item, field.value);
    });
    form.addEventListener("change", (event) => {
      const item = event.target.closest("[data-item]")?.dataset.item;
      if (item && event.target.type !== "radio") now(item);
    });
    form.addEventListener("submit", (event) => {
      flush();
      if (waiting() === 0) return;  // everything is saved: the form only leads on
      event.preventDefault();
      const go = event.submitter;
      send();
      const began = Date.now();
      const look = setInterval(() => {
        if (waiting() === 0) {
          clearInterval(look);
          if (state.dataset.state === "saved") form.requestSubmit(go);
        } else if (Date.now() - began > 3000) {
          clearInterval(look);
          say("unsaved", `未保存（${waiting()} 项），将重试；连上网络后再继续`);
        }
      }, 60);
    });
  }
  window.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); else send(); });
  window.addEventListener("online", () => { wait = 1000; send(); });
  window.addEventListener("offline", () => { if (waiting()) say("unsaved", `未保存（${waiting()} 项），将重试`); else say("unsaved", "网络已断开；答案会留在本机，连上后自动保存"); });
  window.addEventListener("beforeunload", (event) => { if (waiting() && !stopped) event.preventDefault(); });

  // --- the running sum, in whole ten-thousandths so that 0.1 + 0.2 is 0.3
  const total = document.getElementById("total");
  const sum = () => {
    if (!total) return;
    let parts = 0, blank = 0, fields = document.querySelectorAll("[data-part]");
    for (const field of fields) {
      const text = field.value.trim().replace(/[０-９．]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));
      if (text === "") blank += 1;
      parts += Math.round((Number(text) || 0) * 10000);
    }
    const left = 1000000 - parts;
    total.querySelector("[data-sum]").textContent = String(parts / 10000);
    const rest = total.querySelector("[data-rest]");
    rest.textContent = blank === fields.length ? "" : left > 0 ? `还差 ${left / 10000}` : left < 0 ? `多出 ${-left / 10000}` : blank ? `还有 ${blank} 项未填` : "✓";
    total.classList.toggle("off", blank < fields.length && (left !== 0 || blank > 0));
    total.classList.toggle("full", left === 0 && blank === 0);
  };

  // --- an answer outside the quartiles of the round before is asked for a reason
  const outside = (item, value) => {
    const place = document.querySelector(`.opinion[data-for="${CSS.escape(item)}"]`), ask = place?.querySelector("[data-ask]");
    if (!ask || value.trim() === "") return;
    const far = Number(value) < Number(place.dataset.low) - 1e-9 || Number(value) > Number(place.dataset.high) + 1e-9;
    ask.hidden = !far;
    if (far) place.open = true;
  };

  // --- what an earlier visit could not save
  if (open) {
    for (const [item, entry] of Object.entries(queue)) { show(item, entry.value); mark(item, "…"); }
    if (waiting()) send();
  }
  sum();
})();
