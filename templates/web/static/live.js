/* Parts of a page that are fetched anew, each by its id: every so often, or once an answer is saved. */
"use strict";
const Live = (() => {
  const renew = async (parts, address, signal) => {
    const reply = await fetch(address, { credentials: "same-origin", cache: "no-store", signal }).catch(() => null);
    const text = reply?.ok ? await reply.text().catch(() => "") : "";
    const made = new DOMParser().parseFromString(text, "text/html");
    for (const old of parts) {
      const fresh = made.getElementById(old.id);
      if (!fresh) continue;
      const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      old.replaceChildren(...fresh.childNodes);
      if (focused) old.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
    }
  };
  for (const first of document.querySelectorAll("[data-live]")) {
    const { live, every, also } = first.dataset;
    const parts = [first, ...(also ? [document.getElementById(also)] : [])];
    let before = null, timer = 0;
    const now = () => {
      before?.abort();  // what was asked for before the last answer would come too late
      before = new AbortController();
      renew(parts, live, before.signal);
    };
    if (every) setInterval(now, 1000 * every);
    else document.body.addEventListener("panel-saved", () => { clearTimeout(timer); timer = setTimeout(now, 250); });
  }
  return { renew };
})();
