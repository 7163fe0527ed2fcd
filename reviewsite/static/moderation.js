// The desk by keys. Without this file every button still works by itself.
(function () {
  "use strict";
  let here = null; // the text that keys mean
  const done = []; // ids of texts decided on this page, the last one last

  const waiting = () => [...document.querySelectorAll(".queue-item")];
  const chosen = () => [...document.querySelectorAll("[data-choose]:checked")];

  function settleOn(item) {
    if (here) here.classList.remove("is-here");
    here = item || null;
    if (here) here.classList.add("is-here");
  }

  function go(item) {
    if (!item) return;
    settleOn(item);
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }

  function current() {
    const focused = document.activeElement.closest(".queue-item");
    if (focused) return focused;
    return here && here.isConnected ? here : null;
  }

  function step(by) {
    const items = waiting();
    const at = items.indexOf(current());
    go(items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(at + by, 0), items.length - 1)]);
  }

  // The text after this one: those decided before it are no texts any more.
  function next(from) {
    for (let each = from.nextElementSibling; each; each = each.nextElementSibling) {
      if (each.matches(".queue-item")) return each;
    }
    return waiting().pop();
  }

  function say(words) {
    const said = document.getElementById("said");
    if (said) said.textContent = words;
  }

  function count() {
    const number = chosen().length;
    const shown = document.getElementById("chosen-count");
    if (shown) shown.textContent = number || "none";
    const all = document.querySelector("[data-choose-all]");
    if (all) all.checked = number > 0 && number === waiting().length;
  }

  function press(item, key) {
    const button = item && item.querySelector('[data-key="' + key + '"]');
    if (button) button.click();
  }

  function openReasons(details) {
    if (!details) return;
    details.open = true;
    const first = details.querySelector("button");
    if (first) first.focus();
  }

  function closeAll() {
    let closed = false;
    document.querySelectorAll("[data-reasons][open]").forEach((each) => {
      each.open = false;
      closed = true;
    });
    if (closed) go(current());
    else document.querySelectorAll("[data-choose]:checked").forEach((each) => { each.checked = false; });
    count();
  }

  function choose(item) {
    const box = item && item.querySelector("[data-choose]");
    if (box) box.checked = !box.checked;
    count();
  }

  function undoLast() {
    while (done.length) {
      const line = document.getElementById(done.pop());
      const button = line && line.querySelector('[data-key="u"]');
      if (button) return button.click();
    }
    say("There is nothing to undo on this page; see the history.");
  }

  const bulk = (key) => chosen().length && document.querySelector('#bulk [data-bulk="' + key + '"]');

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    a: () => press(current(), "a"),
    s: () => (bulk("s") ? bulk("s").click() : press(current(), "s")),
    r: () => openReasons(bulk("r") ? bulk("r").closest("details") : current() && current().querySelector("[data-reasons]")),
    x: () => choose(current()),
    u: undoLast,
    "?": () => { const list = document.getElementById("desk-keys"); if (list && !list.open) list.showModal(); },
    Escape: closeAll,
  };

  // Before the site's own keys, of which the desk replaces one.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (typing || !document.getElementById("queue")) return;
    const open = document.querySelector("[data-reasons][open]");
    if (open && /^[1-9]$/.test(event.key)) {
      const button = open.querySelectorAll("button")[Number(event.key) - 1];
      if (button && !event.repeat) button.click();
    } else if (Object.hasOwn(keys, event.key)) {
      // A key that is held walks on; it decides nothing that nobody has read.
      if (!event.repeat || event.key === "j" || event.key === "k") keys[event.key]();
    } else {
      return;
    }
    event.preventDefault();
  }, true);

  document.addEventListener("focusin", (event) => {
    const item = event.target.closest(".queue-item");
    if (item) settleOn(item);
  });

  document.addEventListener("change", (event) => {
    if ("chooseAll" in event.target.dataset) {
      document.querySelectorAll("[data-choose]").forEach((each) => { each.checked = event.target.checked; });
    }
    if ("choose" in event.target.dataset || "chooseAll" in event.target.dataset) count();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-desk-keys]")) keys["?"]();
  });

  // A text was decided, or came back: the focus goes where the next decision is.
  document.addEventListener("htmx:load", (event) => {
    const fresh = event.target;
    expire(fresh);
    if (fresh.matches(".queue-result")) {
      done.push(fresh.id);
      say(fresh.dataset.said);
      const more = next(fresh);
      const end = document.getElementById("queue-end");
      if (more) go(more);
      else if (end) {
        end.querySelector(".queue-done").hidden = false;
        end.focus();
      }
    } else if (fresh.matches(".queue-item")) {
      say("It waits again.");
      go(fresh);
    }
    count();
  });

  // Undo ends after ten minutes; the server refuses it from then on, so the button goes.
  function expire(within) {
    within.querySelectorAll("[data-until]").forEach((form) => {
      setTimeout(() => form.remove(), Math.max(0, Number(form.dataset.until) * 1000 - Date.now()));
    });
  }

  count();
})();
