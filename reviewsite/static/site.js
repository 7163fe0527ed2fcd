// Small conveniences. Every page works without this file.
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function say(words) {
    const drawn = document.getElementById("drawer");
    // An open drawer lies above the notice.
    const notice = document.getElementById(drawn && drawn.open ? "drawer-notice" : "notice");
    if (!notice) return;
    notice.textContent = words;
    notice.hidden = !words;
    clearTimeout(say.timer);
    if (words) say.timer = setTimeout(() => say(""), 6000);
  }

  function toggleTheme() {
    const shown = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = shown === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch (refused) {
      // Kept for this page only.
    }
  }

  // data-copy="text", or data-copy with a CSS selector in data-copy-from.
  async function copy(button) {
    const from = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
    const text = from ? from.textContent.trim() : button.dataset.copy;
    // Pressed again while it says what became of the first time, it still goes back to its own word.
    button.dataset.word ||= button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      say("Copied to the clipboard.");
    } catch (refused) {
      button.textContent = "Select and copy";
      say("The browser did not allow copying; select the text instead.");
    }
    setTimeout(() => { button.textContent = button.dataset.word; }, 2000);
  }

  function keys() {
    const list = document.getElementById("keys");
    if (list && !list.open) list.showModal();
  }

  // The link under it leads to the same list as a page.
  function drawer() {
    const drawn = document.getElementById("drawer");
    const body = document.getElementById("drawer-body");
    if (!drawn || !body || !window.htmx || location.pathname === "/bookmarks/") return false;
    if (drawn.open) return true;
    body.textContent = "Fetching your bookmarks…";
    drawn.showModal();
    say("");
    htmx.trigger(body, "drawer");
    return true;
  }

  // One listener for all, so that swapped-in fragments need no wiring.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link && plain && drawer()) event.preventDefault();
    if (event.target.id === "drawer") event.target.close(); // the backdrop
    const target = event.target.closest("button");
    if (!target) return;
    if ("themeToggle" in target.dataset) toggleTheme();
    else if ("copy" in target.dataset || "copyFrom" in target.dataset) copy(target);
    else if ("keys" in target.dataset) keys();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "/") {
      const field = document.querySelector("[data-search]") || document.getElementById("site-search");
      if (!field) return;
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "?") {
      keys();
    } else if (event.key === "b") {
      if (!drawer()) location.assign("/bookmarks/");
    }
  });

  // Who clicks before their own part of the page has come is answered with it: a fragment that was only fetched
  // does not take away a form that is being sent, and with it the place of its answer.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const sending = event.detail.target.querySelector('form[method="post"].htmx-request');
    if (sending && event.detail.requestConfig.verb === "get") event.detail.shouldSwap = false;
  });

  // Proof of work is seldom asked for, so its script comes with the first form that asks.
  document.addEventListener("htmx:load", (event) => {
    const here = event.detail.elt;
    const forms = here.matches("form[data-work]") ? [here] : here.querySelectorAll("form[data-work]");
    forms.forEach((form) => import(form.dataset.script).then((work) => work.begin(form)));
  });

  // A fragment that did not arrive says so in words; the page itself stays as it was.
  function notFetched(event) {
    if (event.target.id === "drawer-body") event.target.textContent = "Your bookmarks could not be fetched.";
  }
  document.addEventListener("htmx:sendError", (event) => {
    notFetched(event);
    say("The server did not answer. Check the connection and try again.");
  });
  document.addEventListener("htmx:responseError", (event) => {
    notFetched(event);
    const { status, responseText } = event.detail.xhr;
    // A 503 is one line that says what is paused or gone.
    say(status === 503 ? responseText : status === 429 ? "That was too often. Wait a minute and try again."
      : "The server refused that (" + status + "). Reload the page and try again.");
  });
})();
