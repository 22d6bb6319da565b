/* Small drawn parts that several linked panels are made of, and the keys that move about in a list of buttons. */
(function () {
  "use strict";

  function glyph(mark) { return jsnakit.draw("path", {"class": mark[1], d: mark[2]}); }

  /* The shape of a verdict; a word must stand beside it. */
  function icon(mark, size) {
    return jsnakit.draw("svg", {"class": "jk-icon", viewBox: "-9 -9 18 18", width: size || 18, height: size || 18, "aria-hidden": "true", focusable: "false"}, glyph(mark));
  }

  /* Shape and word. */
  function mark(given) { return jsnakit.make("span", {"class": "jk-mark"}, icon(given), jsnakit.make("span", {"class": "jk-word"}, given[0])); }

  /* A figure as text: the number, or the word for why there is none. */
  function value(figure, marks) {
    if (!figure.missing) {
      var note = figure.repeated ? jsnakit.make("span", {"class": "jk-vh"}, figure.gap === "estimated" ? " (estimated)" : " (carried forward)") : null;
      return jsnakit.make("span", {}, figure.text, note);
    }
    return jsnakit.make("span", {"class": "jk-gap jk-gap-" + figure.gap}, gapIcon(figure.gap, marks), jsnakit.make("span", {}, figure.text));
  }

  function gapIcon(gap, marks) {
    if (gap !== "suppressed") {
      var shown = gap === "not-submitted" ? "not-submitted" : "no-data";
      return jsnakit.draw("svg", {"class": "jk-icon", viewBox: "-9 -9 18 18", width: 14, height: 14, "aria-hidden": "true", focusable: "false"}, glyph(marks[shown] || marks["no-data"]));
    }
    var lines = "";
    for (var x = -8; x < 28; x += 5) { lines += "M" + x + " 13.5 " + (x + 13) + " .5"; }
    return jsnakit.draw("svg", {"class": "jk-icon jk-icon-clip", viewBox: "0 0 28 14", width: 28, height: 14, "aria-hidden": "true", focusable: "false"},
      jsnakit.draw("path", {d: lines, "class": "jk-hatch"}), jsnakit.draw("rect", {x: 0.5, y: 0.5, width: 27, height: 13, "class": "jk-stub"}));
  }

  /* A cell with its role written out: tables that become blocks on narrow screens lose it otherwise. */
  function cell(css, role) {
    var tag = role === "cell" ? "td" : "th";
    var scope = {rowheader: "row", columnheader: "col"}[role] || null;
    return jsnakit.make.apply(null, [tag, {"class": css || null, role: role, scope: scope}].concat(Array.prototype.slice.call(arguments, 2)));
  }

  function empty(element) { while (element.firstChild) { element.removeChild(element.firstChild); } }

  /* Takes the place of what is in an element. */
  function refill(element) {
    empty(element);
    Array.prototype.slice.call(arguments, 1).forEach(function (child) {
      if (child !== null && child !== undefined) { element.appendChild(typeof child === "object" ? child : document.createTextNode(String(child))); }
    });
  }

  /* One tab stop for all buttons of a class inside an element: arrows, Home and End move between them. */
  function rove(holder, selector) {
    function buttons() { return Array.prototype.slice.call(holder.querySelectorAll(selector)); }
    holder.addEventListener("keydown", function (event) {
      var all = buttons();
      var at = all.indexOf(document.activeElement);
      if (at < 0) { return; }
      var to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1}[event.key];
      if (to === undefined || !all[to]) { return; }
      event.preventDefault();
      settle(holder, selector, all[to]);
      all[to].focus();
    });
    holder.addEventListener("focusin", function (event) {
      if (event.target.matches && event.target.matches(selector)) { settle(holder, selector, event.target); }
    });
  }

  /* Makes one of the buttons the tab stop. */
  function settle(holder, selector, chosen) {
    Array.prototype.forEach.call(holder.querySelectorAll(selector), function (button) { button.setAttribute("tabindex", button === chosen ? "0" : "-1"); });
  }

  /* Runs what draws a part anew; a button in it that had the focus gets it back, known by its row. */
  function keeping(holder, name, draw) {
    var row = holder.contains(document.activeElement) ? document.activeElement.closest("[" + name + "]") : null;
    var at = row && row.getAttribute(name);
    draw();
    var again = at === null ? null : holder.querySelector("tr[" + name + "=\"" + at + "\"] .jd-pick");
    if (again) { again.focus(); }
  }

  function pressed(event) { return event.key === "Enter" || event.key === " "; }

  jsnakit.parts = {glyph: glyph, icon: icon, mark: mark, value: value, cell: cell, refill: refill, rove: rove, settle: settle, keeping: keeping, pressed: pressed};
})();
