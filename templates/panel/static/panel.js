/* The pages: answers are parked and sent as they are given, running figures, the keyboard, what waits and why. */
"use strict";
(() => {
  const body = document.body, form = document.getElementById("answers"), state = document.getElementById("state");
  document.documentElement.classList.add("script");
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
  document.querySelector(".steps [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  const here = Parking.here, open = body.dataset.open === "1";

  // --- questions of this page
  const say = (name, text) => { if (state) { state.dataset.state = name; state.textContent = text; } };
  const holder = (item) => document.querySelector(`[data-item="${CSS.escape(item)}"]`);
  const mine = (entry) => entry && here && entry.scope === here.scope && holder(entry.item);
  const bases = form ? JSON.parse(form.elements.base?.value || "{}") : {}, seen = {};
  const mark = (item, sign, bad) => {
    const place = document.querySelector(`[data-mark="${CSS.escape(item)}"]`);
    if (place) { place.textContent = sign; place.classList.toggle("bad", !!bad); }
  };
  const fault = (item, text, ...buttons) => {
    const place = document.querySelector(`[data-fault="${CSS.escape(item)}"]`);
    if (place) {
      place.hidden = !text; place.textContent = text || "";
      if (text) place.closest("details")?.setAttribute("open", "");
      for (const button of buttons) place.append(" ", button);
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
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button"; made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  const short = (text) => text === "" ? "空白" : `“${text.length > 40 ? text.slice(0, 40) + "…" : text}”`;

  // --- what waits and cannot be shown at its question here: a list with the way to each
  const parked = document.getElementById("parked"), late = new Map();
  let arrived = 0;
  let locked = false;  // nobody is signed in: nothing can be sent
  const list = () => {
    if (!parked) return;
    // what is only on its way is not told here: a line that comes and goes would move the page under a finger
    const stuck = Parking.entries().filter((e) => e.state && !mine(e)), away = locked ? Parking.left() : 0;
    const wrong = stuck.length + late.size + away, told = arrived && !document.querySelector("[data-fresh]");
    parked.hidden = !wrong && !told;
    parked.classList.toggle("error", wrong > 0);
    parked.textContent = "";
    const tell = (text) => { const said = document.createElement("p"); said.textContent = text; parked.append(said); };
    if (away) tell(`本机还有 ${away} 个答案没有送到服务器，都留着；用您的链接进入后自动补送。`);
    if (told) tell(`本机未送出的 ${arrived} 个答案已送到服务器。`);
    if (late.size) tell(`有 ${late.size} 个答案在本轮结束之后才送到：已留存，不计入结果（${[...late.values()].join("、")}）。`);
    if (!stuck.length) return;
    tell(`有 ${stuck.length} 个答案没有保存，仍留在本机，请到各题处理：`);
    const items = document.createElement("ul");
    for (const e of stuck) {
      const line = document.createElement("li"), link = document.createElement("a");
      link.href = e.href || way(e); link.textContent = e.label || e.item;
      const why = e.state === "conflict" ? `：另一处的答案是${short(e.theirs)}，这里的${short(e.value)}没有保存` : `：${e.message}`;
      line.append(link, why);
      items.append(line);
    }
    parked.append(items);
  };
  const way = (e) => {
    const [letter, ...at] = e.item.split("."), round = Parking.addressOf(e.scope);
    if (letter === "a" || letter === "c") return `${round}/review#${e.item}`;
    return letter === "p" ? `${round}/${at[0]}#pair-${at[1]}-${at[2]}` : `${round}/${at[0]}#${e.item}`;
  };

  // --- what becomes of an answer
  const stuckHere = () => Parking.entries().some((e) => e.state && mine(e));
  const settle = () => {
    if (Parking.entries().some((e) => !e.state && here && e.scope === here.scope) || pending.size) return;
    if (stuckHere()) say("refused", "有答案未保存，见标 ✗ 处"); else say("saved", "已保存");
  };
  const explain = (e) => {
    mark(e.item, "✗", true);
    if (e.state === "conflict") {
      seen[e.item] = e.version;
      show(e.item, e.value);
      fault(
        e.item, `${e.message || "这一题已在另一个窗口改过。"}那边的答案是${short(e.theirs)}，这里的${short(e.value)}没有保存。`,
        button("仍用这里的答案", () => { fault(e.item, ""); put(e.item, e.value); }),
        button("用那边的答案", () => {
          Parking.drop(e);
          bases[e.item] = e.version; keepBases();
          show(e.item, e.theirs); fault(e.item, ""); mark(e.item, e.theirs ? "✓" : "");
          sum(); again(e.item); settle();
        }),
      );
    } else {
      if (holder(e.item).tagName !== "FIELDSET") show(e.item, e.value);
      fault(e.item, e.message);
    }
    say("refused", "有答案未保存，见标 ✗ 处");
  };
  const again = (item) => { const next = Parking.entries().find((e) => e.state && mine(e) && e.item === item); if (next) explain(next); };
  const keepBases = () => { if (form?.elements.base) form.elements.base.value = JSON.stringify(bases); };
  /* What tells how far one has come was made before what waited arrived: once it has, those parts are fetched anew.
     Nothing else of the page changes, and under an expert who is answering its head stays where it is. */
  let sentElsewhere = false;
  const renew = async () => {
    const dated = [...document.querySelectorAll("[data-fresh]")].filter((e) => !form || e.id !== "waiting");
    if (!sentElsewhere || Parking.waiting() || !dated.length) return;
    sentElsewhere = false;
    await Live.renew(dated, location.href);
  };
  Parking.listen((what, e, content) => {
    const own = mine(e), left = Parking.waiting();
    if (what === "saving" && here && e.scope === here.scope) say("saving", "保存中…");
    if (what === "unsaved") { say("unsaved", `未保存（${left} 项），将重试`); if (own) mark(e.item, "…", true); }
    if (what === "no-storage") say("unsaved", "本机存不下，未保存的答案只在本页，请勿关闭");
    if (what === "signed-out") say("signed-out", content.message || "登录已失效，请用链接重新进入；未保存的答案留在本机。");
    if (what === "saved" && own) {
      bases[e.item] = content.version; keepBases();
      if (!content.newer) { fault(e.item, ""); mark(e.item, content.value ? "✓" : ""); note(e.item, content.note); again(e.item); }
      body.dispatchEvent(new CustomEvent("panel-saved"));
    }
    if (what === "closed" && own) { mark(e.item, "✗", true); fault(e.item, content.message); say("closed", "本轮已结束，之后的答案不计入结果"); }
    if ((what === "conflict" || what === "refused") && own) explain(e);
    if (what === "saved") settle();
    if (what === "saved" && !own) { sentElsewhere = true; arrived += 1; }
    if (what === "closed" && !own) late.set(`${e.scope}.${e.item}`, e.label || e.item);
    if (what === "outside" || what === "signed-out") locked = true;
    if (what === "parked") locked = false;
    renew();
    list();
  });
  const note = (item, text) => {
    const place = document.querySelector(`[data-note="${CSS.escape(item)}"]`);
    if (place) { place.hidden = !text; place.textContent = text || ""; }
  };
  const labelOf = (item) => {
    const field = holder(item);
    const text = field?.querySelector?.("legend")?.textContent || field?.getAttribute("aria-label") || document.querySelector(`label[for="${CSS.escape(item)}"]`)?.textContent || item;
    return text.replace(/[✓✗…]/g, "").replace(/\s+/g, " ").trim();
  };
  const put = (item, value) => {
    const place = item[0] === "p" ? holder(item)?.id : item;
    mark(item, "…");
    say("saving", "保存中…");
    Parking.put(item, value, Math.max(bases[item] || 0, seen[item] || 0), labelOf(item), `${location.pathname}#${place}`);
  };

  // --- giving answers
  const pending = new Map();
  const later = (item, value, delay) => {
    clearTimeout(pending.get(item)?.timer);
    pending.set(item, { value, timer: setTimeout(() => now(item), delay) });
    say("saving", "保存中…");
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
      sum(); outside(item, field.value); middle(field.closest(".pair"));
    });
    form.addEventListener("change", (event) => {
      const item = event.target.closest("[data-item]")?.dataset.item;
      if (item && event.target.type !== "radio") now(item);
    });
    form.addEventListener("submit", (event) => {
      flush();
      const left = () => Parking.entries().filter((e) => !e.state && e.scope === here.scope).length;
      if (left() === 0) return;  // everything is saved: the form only leads on
      event.preventDefault();
      const go = event.submitter;
      Parking.send();
      const began = Date.now();
      const look = setInterval(() => {
        if (left() === 0) {
          clearInterval(look);
          if (state.dataset.state === "saved") form.requestSubmit(go);
        } else if (Date.now() - began > 3000) {
          clearInterval(look);
          say("unsaved", `未保存（${left()} 项），将重试；连上网络后再继续`);
        }
      }, 60);
    });
  }
  window.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });
  window.addEventListener("offline", () => say("unsaved", Parking.waiting() ? `未保存（${Parking.waiting()} 项），将重试` : "网络已断开；答案会留在本机，连上后自动保存"));
  window.addEventListener("beforeunload", (event) => { if (Parking.waiting() && !Parking.stopped()) event.preventDefault(); });

  // --- numbers as the server reads them, in ten-thousand-millionths so that 0.1 + 0.2 is 0.3
  const SMALL = { "﹪": "%", "﹢": "+", "﹒": "." };
  const folded = (text) => [...text].map((c) => {
    const code = c.codePointAt(0);
    if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0);
    return code >= 0x1d7ce && code <= 0x1d7ff ? String((code - 0x1d7ce) % 10) : SMALL[c] || c.replace(/[\u00a0\u202f\u3000]/, " ");
  }).join("").trim();
  const units = (text) => {
    const found = /^\+?(?:([0-9]+)\.?([0-9]*)|\.([0-9]+)) *%?$/.exec(folded(text)), decimals = found ? (found[2] || found[3] || "").replace(/0+$/, "") : "";
    if (!found || text.length > 24 || decimals.length > 10) return null;
    const value = BigInt(found[1] || "0") * 10n ** 10n + BigInt((decimals + "0000000000").slice(0, 10));
    return value <= 100n * 10n ** 10n ? value : null;
  };
  const plain = (value) => `${value / 10n ** 10n}${value % 10n ** 10n ? "." + String(value % 10n ** 10n).padStart(10, "0").replace(/0+$/, "") : ""}`;
  const total = document.getElementById("total");
  const sum = () => {
    if (!total) return;
    let parts = 0n, blank = 0, odd = 0;
    const fields = document.querySelectorAll("[data-part]");
    for (const field of fields) {
      if (field.value.trim() === "") { blank += 1; continue; }
      const value = units(field.value);
      if (value === null) odd += 1; else parts += value;
    }
    const left = 100n * 10n ** 10n - parts, none = blank === fields.length;
    total.querySelector("[data-sum]").textContent = plain(parts);
    total.querySelector("[data-rest]").textContent = none ? "" : odd ? `有 ${odd} 项不是 0～100 的数` : left > 0n ? `还差 ${plain(left)}` : left < 0n ? `多出 ${plain(-left)}` : blank ? `还有 ${blank} 项未填` : "✓";
    total.classList.toggle("off", !none && (left !== 0n || blank > 0 || odd > 0));
    total.classList.toggle("full", left === 0n && blank === 0 && odd === 0);
  };

  // --- who was furthest out in the round before and stays outside is asked for a reason
  const outside = (item, value) => {
    const place = document.querySelector(`.opinion[data-for="${CSS.escape(item)}"]`), ask = place?.querySelector("[data-ask]"), said = units(value);
    if (!ask || said === null) return;
    const number = Number(said) / 1e10, far = number < Number(place.dataset.low) - 1e-9 || number > Number(place.dataset.high) + 1e-9;
    ask.hidden = !far;
    if (far) place.open = true;
  };

  // --- comparing by keyboard: Tab comes to the middle of a scale; 1 is equal, 2–9 go to the side chosen, again to the other
  const middle = (pair) => {
    if (!pair) return;
    const radios = [...pair.querySelectorAll("input[type=radio]")], chosen = radios.some((r) => r.checked);
    for (const radio of radios) if (chosen || radio.value === "1") radio.removeAttribute("tabindex"); else radio.tabIndex = -1;
  };
  for (const pair of document.querySelectorAll(".pair")) middle(pair);
  form?.addEventListener("keydown", (event) => {
    const pair = event.target.closest?.(".pair");
    if (!pair || !open || !/^[1-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey || event.target.type !== "radio") return;
    event.preventDefault();
    const now = event.target.checked ? event.target.value : "", right = now.startsWith("1/") ? now !== `1/${event.key}` : now === event.key;
    const wanted = pair.querySelector(`input[value="${event.key === "1" ? "1" : right ? `1/${event.key}` : event.key}"]`);
    if (wanted && !wanted.checked) { wanted.focus(); wanted.click(); }
  });

  // --- what an earlier visit or another page could not save
  if (here && open) {
    for (const e of Parking.entries()) if (mine(e)) { show(e.item, e.value); mark(e.item, "…"); }
  }
  list();
  if (Parking.waiting()) Parking.send();
  Parking.ask();
  sum();
})();
