/* The long list: every measure of the chosen area at its last new figure; a measure chosen here is shown in every other panel. The rows are those that Python drew. */
(function () {
  "use strict";

  var parts = jsnakit.parts;

  function Spine(board) {
    this.board = board;
    this.view = board.view;
    this.holder = board.root.querySelector(".jd-spine");
    this.order = [];
    var self = this;
    this.view.head.groups.forEach(function (name, g) {
      self.view.indicators.forEach(function (i, k) { if (i.group === g) { self.order.push(k); } });
    });
    this.rows = Array.prototype.slice.call(this.holder.querySelectorAll("tbody tr:not(.jk-group-row)"));
    this.begin();
  }

  Spine.prototype.begin = function () {
    var self = this;
    this.rows.forEach(function (row, n) {
      var k = self.order[n];
      var name = row.querySelector(".jk-name");
      var unit = name.querySelector(".jk-unit");
      row.setAttribute("data-i", k);
      parts.refill(name, jsnakit.make("button", {type: "button", "class": "jd-pick", tabindex: n ? "-1" : "0"}, self.view.indicators[k].name), unit);
    });
    parts.rove(this.holder, ".jd-pick");
    this.holder.addEventListener("click", function (event) {
      var row = event.target.closest("tr[data-i]");
      if (row) { self.board.set({indicator: +row.getAttribute("data-i")}); }
    });
  };

  Spine.prototype.update = function () {
    var self = this;
    var c = this.board.choice;
    var until = c.period === null ? this.view.periods.length - 1 : c.period;
    this.holder.querySelector("thead .jk-area").textContent = this.view.areas[c.area].name;
    this.rows.forEach(function (row, n) { self.row(row, self.order[n], until); });
  };

  Spine.prototype.row = function (row, k, until) {
    var view = this.view;
    var c = this.board.choice;
    var p = view.lastNew(k, c.area, until);
    var verdict = p === null ? "no-data" : view.verdict(k, p, c.area, "middle");
    var mark = view.head.marks[verdict];
    var found = p === null ? null : view.rank(k, p, c.area);
    var chosen = k === c.indicator;
    /* The list is by fifth: a filter by another rule says nothing about it. */
    var asked = c.verdicts.filter(function (v) { return view.head.fifths.indexOf(v) >= 0; });
    var out = asked.length > 0 && asked.indexOf(verdict) < 0;
    row.setAttribute("class", (chosen ? "jk-own jd-chosen" : "") + (out ? " jd-fade" : ""));
    var button = row.querySelector(".jd-pick");
    if (chosen) {
      button.setAttribute("aria-current", "true");
      parts.settle(this.holder, ".jd-pick", button);
    } else {
      button.removeAttribute("aria-current");
    }
    var missing = {missing: true, gap: "not-published", text: view.head.gaps[1][1]};
    parts.refill(row.querySelector(".jk-area"), parts.value(p === null ? missing : view.figure(k, p, c.area), view.head.marks));
    var middle = p === null ? NaN : view.reference(k, p, "middle", c.area);
    parts.refill(row.querySelector(".jk-middle"), jsnakit.make("span", {"class": "jk-narrow"}, "Middle: "),
      middle === middle ? view.text(k, middle) : parts.value(missing, view.head.marks));
    this.strip(row.querySelector(".jk-strip"), mark, found, p === null ? 1 : view.of(k, p));
    var of = p === null ? 0 : view.of(k, p);
    row.querySelector(".jk-place").textContent = found ? view.place(k, p, c.area) + (of === this.usual() ? "" : " of " + jsnakit.words.count(of)) : mark[0];
    parts.refill(row.querySelector(".jk-year"), jsnakit.make("span", {"class": "jk-narrow"}, ", "), p === null ? "" : view.periods[p].label);
  };

  /* The number of areas that the head of the column names. */
  Spine.prototype.usual = function () {
    var view = this.view;
    return view.once("usual", function () { return Math.max.apply(null, view.indicators.map(function (i, k) { return view.of(k, i.latest); })); });
  };

  Spine.prototype.strip = function (cell, mark, found, of) {
    cell.querySelector(".jk-vh").textContent = mark[0];
    var picture = cell.querySelector(".jk-strip-draw");
    var old = picture.querySelector("svg");
    if (!found) {
      if (old) { old.remove(); }
      return;
    }
    if (!old) {
      old = jsnakit.draw("svg", {y: "50%", width: 1, height: 1, "class": "jd-over"});
      picture.appendChild(old);
    }
    old.setAttribute("x", ((found.rank - 1) / Math.max(1, of - 1) * 100).toFixed(2) + "%");
    parts.refill(old, parts.glyph(mark));
  };

  jsnakit.LinkedSpine = Spine;
})();
