// Every payload that runs calls `alert`. Violations of the policy are heard of before any script of the page.
window.__ran = [];
for (const name of ["alert", "prompt", "confirm", "print"]) {
  window[name] = (what) => { window.__ran.push(name + "(" + what + ") at " + location.pathname); };
}
window.__refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__refused.push(event.violatedDirective + " " + (event.blockedURI || "inline") + " " + event.sample);
});
