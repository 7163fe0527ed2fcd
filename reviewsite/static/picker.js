// The picker's suggestions by arrow keys: a combobox as the ARIA practices describe it. The list itself is
// links that htmx fetched, so without this file Tab and Enter do; without htmx the plain form does.
(function () {
  "use strict";

  const list = (input) => document.getElementById(input.dataset.combo);
  const options = (input) => [...list(input).querySelectorAll("[data-value]")];

  function show(input, open) {
    list(input).hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) point(input, null);
  }

  function point(input, option) {
    for (const each of options(input)) each.setAttribute("aria-selected", String(each === option));
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function take(input, option) {
    input.value = option.dataset.value;
    show(input, false);
    const fields = [...input.form.querySelectorAll("[data-combo]")];
    const next = fields.find((field) => !field.value) || input.form.querySelector("button");
    next.focus();
  }

  function dress(input) {
    if (input.getAttribute("role") === "combobox") return;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", input.dataset.combo);
    show(input, false);
  }

  function owner(node) {
    const options = node.closest && node.closest(".options");
    return options && document.querySelector('[data-combo="' + options.id + '"]');
  }

  document.querySelectorAll("[data-combo]").forEach(dress);

  document.addEventListener("htmx:afterSwap", (event) => {
    const input = owner(event.target);
    // An answer that arrives after the reader has moved on opens nothing.
    if (input) show(input, document.activeElement === input && event.target.childElementCount > 0);
  });

  document.addEventListener("keydown", (event) => {
    const input = event.target.closest("[data-combo]");
    if (!input) return;
    const all = options(input);
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const open = !list(input).hidden;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      show(input, true);
      const step = event.key === "ArrowDown" ? at + 1 : at < 0 ? all.length - 1 : at - 1;
      point(input, all[(step + all.length) % all.length]);
    } else if (event.key === "Enter" && open && at >= 0) {
      event.preventDefault();
      take(input, all[at]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      show(input, false);
    }
  });

  document.addEventListener("click", (event) => {
    const option = event.target.closest(".options [data-value]");
    if (option) {
      event.preventDefault();
      take(owner(option), option);
    }
  });

  document.addEventListener("focusout", (event) => {
    const field = event.target.closest(".combo");
    const input = field && field.querySelector("[data-combo]");
    if (input && !field.contains(event.relatedTarget)) show(input, false);
  });
})();
