// What stands in the page after parsing. Where text of others is shown as HTML, only what the sanitizer lets
// through (`allowed`: a selector to its elements); anywhere, nothing that could run, send or cover.
(allowed) => {
  const found = [];
  const say = (what, element) => found.push(what + ": " + element.outerHTML.slice(0, 120));
  const names = /^on|^style$|^srcdoc$|^ping$|^hx-on|^hx-vals$|^hx-ext$|^nonce$/;
  const addresses = /^(href|src|action|formaction|data|xlink:href|poster)$/;
  const schemes = /^(javascript|data|vbscript|blob|file):/;
  const elements = "iframe, object, embed, base, style, template, math, applet, frame, portal, [http-equiv]";
  const link = /^(https?:\/\/|\/(?![/\\]))/i;
  const foreign = (address) => new URL(address, location.href).origin !== location.origin;
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    for (const attribute of element.attributes) {
      const address = attribute.value.replace(/[\s\u0000-\u001f]/g, "").toLowerCase();
      if (names.test(attribute.name)) say("attribute " + attribute.name, element);
      if (addresses.test(attribute.name) && schemes.test(address)) say("address", element);
    }
    if (element.matches(elements)) say("element", element);
    const data = element.type === "application/ld+json";
    if (name === "script" && !data && (!element.src || foreign(element.src))) say("script", element);
    if (name === "form" && foreign(element.getAttribute("action") || "")) say("form", element);
    if (name === "link" && element.rel !== "canonical" && foreign(element.href)) say("link", element);
  }
  for (const [where, tags] of Object.entries(allowed)) {
    for (const element of document.querySelectorAll(where + " *")) {
      if (!tags.includes(element.localName)) say("element in " + where, element);
      for (const { name, value } of element.attributes) {
        const good = element.localName === "a" && (name === "rel" || (name === "href" && link.test(value)));
        if (!good) say("attribute in " + where, element);
      }
    }
  }
  return found;
}
