"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const cells = [...document.querySelectorAll("tbody td button")];
  const width = data.columns.length;
  const add = (parent, tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    parent.append(made);
    return made;
  };
  const line = (list, cell, name, place) => {
    const item = add(list, "li");
    add(item, "span", cell.mark, cell.className).setAttribute("aria-hidden", "true");
    const text = add(item, "div");
    add(text, "code", name);
    text.append(` ${cell.state}`);
    add(text, "small", place);
  };
  const listed = { mark: "✓", className: "yes", state: "listed" };
  const notListed = { mark: "✗", className: "no", state: "not listed" };
  const sitesOf = (panel, column, row) => {
    const all = data.layers[column].map((at) => data.sites[at]);
    const show = (sites, parent) => {
      const list = add(parent, "ul");
      for (const site of sites) {
        line(list, site.listed[row] === "1" ? listed : notListed, site.symbol || site.kind, `${site.path}:${site.line} (${site.kind.replaceAll("-", " ")})`);
      }
    };
    const decisive = all.filter((site) => site.decisive);
    const others = all.filter((site) => !site.decisive).sort((a, b) => b.listed[row] - a.listed[row]);
    if (all.length === 0) add(panel, "p", "This tree has no site of this layer.");
    if (decisive.length > 0) show(decisive, panel);
    if (others.length === 0) return;
    if (decisive.length === 0 && others.length <= 8) return show(others, panel);
    const more = add(panel, "details");
    const passed = others.filter((site) => site.listed[row] === "1").length;
    add(more, "summary", `${others.length} ${decisive.length > 0 ? "more sites" : "sites"}, ${passed} of them hold for ${data.rows[row]}`);
    show(others, more);
  };
  const componentsOf = (panel, row) => {
    const list = add(panel, "ul");
    const first = row * width + data.layers.length;
    data.components.forEach((component, at) => {
      const own = component[row], cell = cells[first + at];
      if (!own.required && cell.dataset.state === "supported") return;
      const state = own.required ? `${cell.dataset.state}, required` : cell.dataset.state;
      line(list, { mark: cell.textContent, className: cell.className, state }, data.columns[data.layers.length + at], own.version);
    });
  };
  const componentOf = (panel, own) => {
    if (own.version) add(panel, "p", `Version: ${own.version}`);
    if (own.blocks) { const said = add(panel, "p", "What is met: "); add(said, "code", own.blocks); }
    if (own.source) add(panel, "p", `Source: ${own.source}`, "dim");
  };
  let opened = null;
  const close = () => {
    if (!opened) return;
    const cell = opened.cell;
    cell.setAttribute("aria-expanded", "false");
    cell.removeAttribute("aria-controls");
    opened.row.remove();
    opened = null;
    return cell;
  };
  const open = (cell) => {
    if (close() === cell) return;
    const row = Number(cell.dataset.row), column = Number(cell.dataset.column);
    const below = document.createElement("tr");
    const holder = add(below, "td");
    holder.colSpan = width + 1;
    const panel = add(holder, "section");
    panel.id = "panel";
    const title = `${data.rows[row]} · ${data.columns[column].replaceAll("-", " ")}: ${cell.dataset.state.replaceAll("-", " ")}`;
    panel.setAttribute("aria-label", title);
    const head = add(panel, "header");
    add(head, "h3", title);
    const button = add(head, "button", "✕");
    button.type = "button";
    button.setAttribute("aria-label", "Close");
    button.addEventListener("click", () => close().focus());
    if (column >= data.layers.length) componentOf(panel, data.components[column - data.layers.length][row]);
    else if (data.columns[column] === "component") componentsOf(panel, row);
    else sitesOf(panel, column, row);
    cell.closest("tr").after(below);
    cell.setAttribute("aria-expanded", "true");
    cell.setAttribute("aria-controls", "panel");
    opened = { cell, row: below };
    panel.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close()?.focus();
  });
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: width, ArrowUp: -width };
  cells.forEach((cell, at) => {
    cell.addEventListener("click", () => { stop(cell); open(cell); });
    cell.addEventListener("keydown", (event) => {
      const start = at - (at % width);
      const ends = { Home: start, End: start + width - 1 };
      const next = event.key in ends ? ends[event.key] : at + (steps[event.key] ?? 0);
      const leaves = Math.abs(steps[event.key]) === 1 && Math.floor(next / width) !== Math.floor(at / width);
      if (!(event.key in steps || event.key in ends)) return;
      event.preventDefault();
      if (leaves || !cells[next]) return;
      stop(cells[next]);
      cells[next].focus();
    });
  });
  // One cell of the map is a stop for the tab key: the one that was used last.
  function stop(cell) {
    cells.forEach((other) => { other.tabIndex = other === cell ? 0 : -1; });
  }
})();
