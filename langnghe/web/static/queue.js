"use strict";
// Keys for the queue. Everything they do, the page's own buttons and links do too.
(() => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const form = document.getElementById("many");
  const keys = document.getElementById("keys");
  let at = -1;

  const go = (to) => {
    if (!rows.length) return;
    if (rows[at]) rows[at].classList.remove("here");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("here");
    rows[at].querySelector("[data-open]").focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  };
  const box = (row) => row && row.querySelector('input[name="cases"]');
  const chosen = () => rows.some((row) => box(row) && box(row).checked);
  const choose = () => {
    if (!chosen() && box(rows[at])) box(rows[at]).checked = true;
    return chosen();
  };
  const press = (key) => document.querySelector(`[data-key="${key}"]`);

  const acts = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    o: () => rows[at] && rows[at].querySelector("[data-open]").click(),
    x: () => { const one = box(rows[at]); if (one) one.checked = !one.checked; },
    a: () => { if (form && press("a") && choose()) form.requestSubmit(press("a")); },
    d: () => { if (press("d") && choose()) press("d").focus(); },
    u: () => { if (press("u")) press("u").click(); },
    "?": () => { if (keys) { keys.open = !keys.open; keys.scrollIntoView({ block: "nearest" }); } },
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  // Enter in the field of the reason must drop, not press the form's first button.
  const reason = press("d");
  if (reason) {
    reason.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      form.requestSubmit(form.querySelector('[name="do"][value="dismissed"]'));
    });
  }
})();
