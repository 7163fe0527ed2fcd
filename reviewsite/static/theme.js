// Chooses the theme before the first paint; `js` lets the style sheet show what needs a script.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var kept = localStorage.getItem("theme");
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  } catch (refused) {
    // Storage is off: the system's theme it is.
  }
})();
