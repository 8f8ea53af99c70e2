"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const panel = document.getElementById("panel");
  const cells = [...document.querySelectorAll("td button")];
  const width = data.columns.length;
  const add = (parent, tag, text) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  };
  const open = (button) => {
    const wasOpen = button.getAttribute("aria-expanded") === "true";
    cells.forEach((cell) => cell.setAttribute("aria-expanded", "false"));
    panel.hidden = wasOpen;
    panel.replaceChildren();
    if (wasOpen) return;
    button.setAttribute("aria-expanded", "true");
    const row = Number(button.dataset.row), column = Number(button.dataset.column);
    add(panel, "h3", `${data.rows[row]} · ${data.columns[column]}: ${button.dataset.state}`);
    const component = data.components[column - data.layers.length];
    if (component) {
      const own = component[row];
      if (own.version) add(panel, "p", `At ${own.version}`);
      if (own.blocks) add(panel, "p", own.blocks);
      if (own.source) add(panel, "p", `Source: ${own.source}`);
      return;
    }
    const list = add(panel, "ul");
    const sites = data.layers[column].map((at) => data.sites[at]);
    sites.sort((a, b) => b.decisive - a.decisive);
    for (const site of sites) {
      const item = add(list, "li");
      add(item, "code", `${site.path}:${site.line}`);
      item.append(` ${site.symbol} (${site.kind}): ${site.listed[row] === "1" ? "listed" : "not listed"}`);
    }
    if (sites.length === 0) add(panel, "p", "This tree has no site of this layer.");
  };
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: width, ArrowUp: -width };
  cells.forEach((button, at) => {
    button.addEventListener("click", () => open(button));
    button.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) open(cells.find((cell) => cell.getAttribute("aria-expanded") === "true"));
      const next = cells[at + (steps[event.key] ?? 0)];
      if (event.key in steps && next) {
        event.preventDefault();
        cells.forEach((cell) => { cell.tabIndex = -1; });
        next.tabIndex = 0;
        next.focus();
      }
    });
  });
})();
