/* Moving a baseline: the share is looked up in the table that the server gave; after a pause the server tells the rest. */
"use strict";
(() => {
  const form = document.querySelector("[data-moving]"), data = document.getElementById("steps");
  if (!form || !data) return;
  const steps = JSON.parse(data.textContent), svg = form.querySelector("svg.moved");
  const places = (steps.step.split(".")[1] || "").length, step = Number(steps.step);
  const number = (grade) => Number(field(grade).value.normalize("NFKC")); // a Chinese input method may write ３．２
  const field = (grade) => form.elements[grade], take = form.querySelector("[data-take]");
  const to = (value) => {
    const part = (value - steps.low) / ((steps.high - steps.low) || 1), left = steps.turned ? steps.right : steps.left;
    return left + part * ((steps.turned ? steps.left : steps.right) - left);
  };
  const from = (x) => {
    const left = steps.turned ? steps.right : steps.left, right = steps.turned ? steps.left : steps.right;
    return steps.low + (x - left) / (right - left) * (steps.high - steps.low);
  };
  const share = (value) => { // the last step that meets the value
    let low = 0, high = steps.values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (steps.smaller ? steps.values[middle] <= value : steps.values[middle] >= value) low = middle + 1; else high = middle;
    }
    return low ? steps.shares[low - 1] : 0;
  };
  const percent = (tenths) => `${(tenths / 10).toFixed(1)}%`; // as the server wrote it
  const handles = Object.fromEntries([...svg.querySelectorAll(".handle")].map((h) => [h.dataset.grade, h]));
  const put = (grade) => {
    const value = number(grade), handle = handles[grade];
    const output = form.querySelector(`[data-share="${grade}"]`);
    if (field(grade).value.trim() === "" || !Number.isFinite(value)) { output.textContent = "—"; return; }
    const inside = Math.min(Math.max(value, steps.low), steps.high);
    handle.setAttribute("transform", `translate(${to(inside).toFixed(1)} 0)`);
    handle.setAttribute("aria-valuenow", value);
    handle.setAttribute("aria-valuetext", `${field(grade).value}，${percent(share(value))} 的企业达到`);
    output.textContent = percent(share(value));
  };

  // --- the exact answer, after a pause
  let due, asked = 0;
  const words = (tag, text) => { const made = document.createElement(tag); made.textContent = text; return made; };
  const ask = async () => {
    const mine = ++asked, query = new URLSearchParams(new FormData(form));
    let told;
    try {
      const reply = await fetch(`${form.dataset.try}?${query}`, { headers: { accept: "application/json" }, cache: "no-store" });
      told = await reply.json();
    } catch { told = { fault: "工作台没有应答，请稍后再试。" }; }
    if (mine !== asked) return;
    const sentence = form.querySelector("[data-sentence]"), remarks = form.querySelector("[data-remarks]");
    remarks.textContent = "";
    if (told.waiting) { due = setTimeout(ask, 700); return; }
    if (told.fault) { sentence.textContent = told.fault; return; }
    sentence.textContent = told.sentence || "与现在相同。";
    const strata = form.querySelector("[data-strata]");
    strata.textContent = "";
    for (const effect of told.effects) {
      form.querySelector(`[data-share="${effect.grade}"]`).textContent = effect.shareAfter;
      for (const remark of effect.remarks) remarks.append(words("li", remark));
      if (effect.strata.length) strata.append(words("p", `${effect.name}按分组：` + effect.strata.map((s) => `${s.stratum} ${s.before} → ${s.after}`).join("；")));
    }
    const rows = form.querySelectorAll("[data-trial] tr");
    (told.trial || []).forEach((row, n) => {
      rows[n].querySelector(".after").textContent = row.after;
      rows[n].querySelector(".part").setAttribute("width", (100 * row.part).toFixed(2));
      rows[n].classList.toggle("changed", row.after !== row.before);
    });
    form.querySelector("[data-touched]").textContent = told.touched.length
      ? `将改的单元格（二级指标）：${told.touched.map(([cell, heading, text]) => `${cell} ${heading} → ${text}`).join("；")}` : "还没有改动。";
    if (take) take.disabled = !told.effects.length;
  };
  const later = () => { clearTimeout(due); due = setTimeout(ask, 150); };
  const set = (grade, value) => {
    const inside = Math.min(Math.max(value, steps.low), steps.high);
    field(grade).value = (Math.round(inside / step) * step).toFixed(places);
    put(grade);
    later();
  };

  // --- mouse, finger, keys, number
  for (const [grade, handle] of Object.entries(handles)) {
    const at = (event) => {
      const box = svg.getBoundingClientRect();
      return from((event.clientX - box.left) / box.width * svg.viewBox.baseVal.width);
    };
    let held = 0;
    handle.addEventListener("pointerdown", (event) => {
      handle.setPointerCapture(event.pointerId);
      held = number(grade) - at(event);
      handle.classList.add("held");
      handle.focus();
      event.preventDefault();
    });
    handle.addEventListener("pointermove", (event) => { if (handle.hasPointerCapture(event.pointerId)) set(grade, at(event) + held); });
    handle.addEventListener("pointerup", () => handle.classList.remove("held"));
    handle.addEventListener("pointercancel", () => handle.classList.remove("held"));
    handle.addEventListener("keydown", (event) => {
      const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
      let count = moves[event.key];
      if (count === undefined) return;
      if (event.shiftKey) count *= 10;
      if (steps.turned && event.key.startsWith("Arrow")) count = -count; // the line goes where the arrow points
      event.preventDefault();
      set(grade, number(grade) + count * step);
    });
    field(grade).addEventListener("input", () => { put(grade); later(); });
    put(grade);
  }
  if (take) take.disabled = [...Object.keys(handles)].every((g) => field(g).value === field(g).dataset.now);
  form.addEventListener("keydown", (event) => { // Enter in a number tries it, and does not send the page
    if (event.key === "Enter" && !event.isComposing && event.target.matches("input") && event.target.id !== "basis") { event.preventDefault(); clearTimeout(due); ask(); }
  });
  form.elements.basis.addEventListener("input", later);
})();
