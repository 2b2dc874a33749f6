(() => {
  "use strict";
  const contents = document.querySelector("details.contents");
  const narrow = matchMedia("(max-width: 60rem)");
  if (narrow.matches) contents.open = false;
  narrow.addEventListener("change", (event) => { contents.open = !event.matches; });
  contents.addEventListener("click", (event) => {
    if (narrow.matches && event.target.closest("a")) contents.open = false;
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const figure = document.activeElement.closest(".figure");
    if (figure) figure.blur();
    document.body.classList.add("quiet");
    addEventListener("mousemove", () => document.body.classList.remove("quiet"), { once: true });
  });
  const links = new Map();
  for (const link of contents.querySelectorAll("a")) links.set(decodeURIComponent(link.hash.slice(1)), link);
  const targets = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  let current = null;
  const mark = () => {
    const passed = targets.filter((target) => target.getBoundingClientRect().top < innerHeight * 0.25);
    const link = passed.length ? links.get(passed[passed.length - 1].id) : null;
    if (link === current) return;
    if (current) current.removeAttribute("aria-current");
    if (link) {
      link.setAttribute("aria-current", "true");
      if (!narrow.matches) link.scrollIntoView({ block: "nearest" });
    }
    current = link;
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true });
  mark();
})();
