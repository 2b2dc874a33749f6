/* The workbench's pages: uploads that begin when a file is chosen, progress asked for once a second. */
"use strict";
(() => {
  document.documentElement.classList.add("script");
  document.querySelector("[data-back]")?.addEventListener("click", (event) => {
    if (history.length > 1 && document.referrer.startsWith(location.origin)) { event.preventDefault(); history.back(); }
  });

  document.querySelector("[data-print]")?.addEventListener("click", () => print());

  // --- a file that is chosen or dropped is sent at once
  for (const form of document.querySelectorAll("form[data-upload]")) {
    const field = form.querySelector("input[type=file]"), drop = form.querySelector(".drop");
    const send = () => {
      if (!field.files.length) return;
      form.classList.add("sending");
      drop.querySelector("span").textContent = "正在上传并检查…";
      form.requestSubmit();
    };
    field.addEventListener("change", send);
    for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, () => drop.classList.add("over"));
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  }
  addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form.sending")) form.classList.remove("sending"); });

  // --- a second click on a button that works already does nothing
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "1";
      setTimeout(() => { delete form.dataset.sent; }, 4000);
    });
  }

  // --- on a narrow page the screen that is shown may lie beyond the edge of the list
  document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

  // --- results that are being computed: ask again
  if (document.querySelector("[data-waiting]")) setTimeout(() => location.replace(location.href), 1000);

  // --- the job that runs
  const job = document.querySelector("[data-job]");
  if (job) {
    const bar = job.querySelector("progress"), name = job.querySelector("[data-name]"), count = job.querySelector("[data-count]");
    const ask = async () => {
      try {
        const reply = await fetch(job.dataset.job, { headers: { accept: "application/json" }, cache: "no-store" });
        const state = await reply.json();
        if (state.fate !== "running") { location.reload(); return; }
        bar.value = state.whole;
        if (name.textContent !== state.name) name.textContent = state.name;
        count.textContent = `${state.number} / ${state.of} · ${state.seconds} 秒`;
        if (state.late) job.querySelector("button").disabled = true;
      } catch { /* the server is busy or gone: ask again */ }
      setTimeout(ask, 1000);
    };
    setTimeout(ask, 1000);
  }
})();
