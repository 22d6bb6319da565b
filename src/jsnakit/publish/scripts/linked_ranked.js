/* The ranking: the first rows and the chosen area, the rest behind a button; every row is a button that makes its area the chosen one. The markup is that of `bars.py`. */
(function () {
  "use strict";

  var parts = jsnakit.parts;
  var make = jsnakit.make;
  var draw = jsnakit.draw;
  var HIDDEN = {"aria-hidden": "true", focusable: "false"};

  function Ranked(board) {
    this.board = board;
    this.view = board.view;
    this.holder = board.root.querySelector(".jd-ranked");
    this.whole = false;
    var self = this;
    parts.rove(this.holder, ".jd-pick");
    this.holder.addEventListener("click", function (event) {
      var row = event.target.closest("tr[data-a]");
      if (row) { board.set({area: +row.getAttribute("data-a")}); }
      if (event.target.closest(".jd-whole")) {
        self.whole = !self.whole;
        self.update();
        self.holder.querySelector(".jd-whole").focus();
      }
    });
  }

  function Scale(low, high) {
    this.low = low;
    this.high = high;
  }

  Scale.prototype.at = function (n) {
    var span = this.high - this.low;
    return span > 0 ? Math.min(100, Math.max(0, (n - this.low) / span * 100)) : 0;
  };

  Scale.prototype.percent = function (n) { return this.at(n).toFixed(2) + "%"; };

  Ranked.prototype.line = function (scale) {
    var reference = this.reference;
    if (!reference) { return null; }
    var x = scale.percent(reference.value);
    return draw("svg", Object.assign({"class": "jk-ref"}, HIDDEN), draw("line", {"class": "jk-dash", x1: x, x2: x, y1: "0", y2: "100%"}));
  };

  Ranked.prototype.name = function (a, own) {
    return parts.cell("jk-name", "rowheader",
      make("button", {type: "button", "class": "jd-pick", tabindex: own ? "0" : "-1", "aria-current": own ? "true" : null}, this.view.areas[a].name));
  };

  Ranked.prototype.bar = function (figure, scale) {
    if (figure.missing) {
      return make("div", {"class": "jk-bar"}, make("span", {"class": "jk-bar-value jk-bar-none"}, parts.value(figure, this.view.head.marks)), this.line(scale));
    }
    var zero = scale.at(0);
    var end = scale.at(figure.value);
    var left = Math.min(zero, end);
    var width = Math.abs(end - zero);
    var drawn = width
      ? draw("svg", Object.assign({"class": "jk-bar-fill" + (figure.repeated ? " jk-bar-open" : ""), width: width.toFixed(2) + "%", height: 18}, HIDDEN), draw("rect", {width: "100%", height: "100%"}))
      : draw("svg", {"class": "jk-bar-tick", width: 2, height: 18, "aria-hidden": "true"}, draw("rect", {width: 2, height: "100%"}));
    return make("div", {"class": "jk-bar"}, left ? draw("svg", {width: left.toFixed(2) + "%", height: 1, "aria-hidden": "true"}) : null, drawn,
      make("span", {"class": "jk-bar-value"}, parts.value(figure, this.view.head.marks)), this.line(scale));
  };

  Ranked.prototype.dot = function (figure, verdict, scale) {
    if (figure.missing) { return null; }
    var line = figure.lower === null || figure.upper === null ? null
      : draw("line", {"class": "jk-interval", x1: scale.percent(figure.lower), x2: scale.percent(figure.upper), y1: "50%", y2: "50%"});
    return draw("svg", Object.assign({"class": "jk-dot", width: "100%", height: 20}, HIDDEN), line,
      draw("svg", {x: scale.percent(figure.value), y: "50%", width: 1, height: 1, "class": "jd-over"}, parts.glyph(this.view.head.marks[verdict])));
  };

  Ranked.prototype.limit = function (n) {
    var i = this.view.indicators[this.board.choice.indicator];
    return n === null ? "" : jsnakit.words.number(n, false, i.decimals);
  };

  Ranked.prototype.rowOf = function (a, scale, intervals) {
    var c = this.board.choice;
    var own = a === c.area;
    var figure = this.view.figure(c.indicator, this.board.period, a);
    var verdict = this.board.shown.verdicts[a];
    var mark = verdict === "no-data" ? null : this.view.head.marks[verdict];
    var row = make("tr", {role: "row", "class": own ? "jk-own" : null, "data-a": a}, this.name(a, own));
    if (intervals) {
      row.appendChild(parts.cell("jk-intcell", "cell", make("div", {"class": "jk-int"}, this.line(scale), this.dot(figure, verdict, scale))));
      row.appendChild(parts.cell("jk-num jk-value", "cell", parts.value(figure, this.view.head.marks)));
      row.appendChild(parts.cell("jk-num jk-minor", "cell", figure.lower !== null && figure.upper !== null ? this.limit(figure.lower) + " to " + this.limit(figure.upper) : null));
      row.appendChild(parts.cell("jk-verdict", "cell", mark ? mark[0] : null));
    } else {
      row.appendChild(parts.cell("jk-barcell", "cell", this.bar(figure, scale)));
      row.appendChild(parts.cell("jk-verdict", "cell", mark ? parts.mark(mark) : null));
    }
    return row;
  };

  Ranked.prototype.refhead = function (scale, words) {
    if (!this.reference) { return words; }
    var at = scale.at(this.reference.value);
    var head = draw("svg", Object.assign({"class": "jk-refhead", width: "100%", height: 17}, HIDDEN),
      draw("text", {x: at.toFixed(2) + "%", y: 13, "text-anchor": at < 12 ? "start" : at > 88 ? "end" : "middle"}, this.reference.name + " " + this.reference.text));
    var both = document.createDocumentFragment();
    both.appendChild(make("span", {"class": "jk-vh"}, words));
    both.appendChild(head);
    return both;
  };

  Ranked.prototype.tick = function (n) {
    var i = this.view.indicators[this.board.choice.indicator];
    return jsnakit.words.number(n, i.percent, n === Math.floor(n) ? 0 : i.decimals);
  };

  Ranked.prototype.foot = function (ticks, scale) {
    var self = this;
    var axis = draw("svg", Object.assign({"class": "jk-axis", width: "100%", height: 18}, HIDDEN));
    ticks.forEach(function (t, k) {
      axis.appendChild(draw("text", {x: scale.percent(t), y: 13, "text-anchor": k === 0 ? "start" : k === ticks.length - 1 ? "end" : "middle"}, self.tick(t)));
    });
    return make("tfoot", {role: "presentation", "aria-hidden": "true"}, make("tr", {}, make("td", {}), make("td", {"class": "jk-intcell"}, axis), make("td", {colspan: 3})));
  };

  Ranked.prototype.update = function () {
    var view = this.view;
    var c = this.board.choice;
    var p = this.board.period;
    var order = view.ranked(c, p);
    var intervals = view.hasIntervals(c.indicator, p);
    var n = view.reference(c.indicator, p, c.compare, c.area);
    this.reference = n === n ? {
      value: view.number(c.indicator, n), text: view.text(c.indicator, n),
      name: c.compare === "middle" ? "Middle of " + jsnakit.words.count(view.of(c.indicator, p)) + ":" : view.referenceName(c.compare, c.area) + ":"
    } : null;
    var low = Infinity;
    var high = -Infinity;
    for (var a = 0; a < view.areas.length; a++) {
      var at = view.at(c.indicator, p, a);
      [view.cube.value[at]].concat(intervals ? [view.cube.lower[at], view.cube.upper[at]] : []).forEach(function (number) {
        if (number < low) { low = number; }
        if (number > high) { high = number; }
      });
    }
    if (n === n) {
      low = Math.min(low, n);
      high = Math.max(high, n);
    }
    low = low === Infinity ? 0 : view.number(c.indicator, low);
    high = high === -Infinity ? 1 : view.number(c.indicator, high);
    var ticks = intervals ? jsnakit.ticks(low, high, 5) : null;
    var scale = intervals ? new Scale(ticks[0], ticks[ticks.length - 1]) : new Scale(Math.min(0, low), Math.max(0, high) || 1);
    this.draw(order, scale, intervals, ticks);
  };

  Ranked.prototype.draw = function (order, scale, intervals, ticks) {
    var self = this;
    var view = this.view;
    var c = this.board.choice;
    var rule = view.judgedBy(c.indicator, this.board.period, c.compare);
    var heading = rule === "fifths" ? "Fifth" : rule === "england" ? "Than England" : "Than the region";
    var first = view.head.first;
    var shown = order.filter(function (a, k) { return self.whole || k < first || a === c.area; });
    if (order.length - shown.length <= 2) { shown = order; }
    var body = make("tbody", {role: "rowgroup"});
    shown.forEach(function (a) { body.appendChild(self.rowOf(a, scale, intervals)); });
    var heads = intervals
      ? [parts.cell("jk-name", "columnheader", "Authority"), parts.cell("jk-intcell", "columnheader", this.refhead(scale, "Value and interval, drawn")),
        parts.cell("jk-num jk-value", "columnheader", "Value"), parts.cell("jk-num jk-minor", "columnheader", "95% interval"), parts.cell("jk-verdict", "columnheader", heading)]
      : [parts.cell("jk-name", "columnheader", "Authority"), parts.cell("jk-barcell", "columnheader", this.refhead(scale, "Value")), parts.cell("jk-verdict", "columnheader", heading)];
    var table = make("table", {"class": "jk-table " + (intervals ? "jk-intervals" : "jk-bars"), role: "table"},
      make("thead", {role: "rowgroup"}, make.apply(null, ["tr", {role: "row"}].concat(heads))), body, intervals ? this.foot(ticks, scale) : null);
    var note = (this.reference ? "Dashed line: " + this.reference.name + " " + this.reference.text + "." : "") +
      (intervals ? " Scale from " + this.tick(ticks[0]) + " to " + this.tick(ticks[ticks.length - 1]) + "." : "");
    var more = order.length > first + 2
      ? make("button", {type: "button", "class": "jk-button jd-whole", "aria-expanded": String(this.whole)}, this.whole ? "Show the first " + first : "Show all " + jsnakit.words.count(order.length) + " " + view.noun)
      : null;
    parts.keeping(this.holder, "data-a", function () {
      parts.refill(self.holder, note ? make("p", {"class": "jk-narrow-note"}, note.trim()) : null, table, more);
    });
  };

  jsnakit.LinkedRanked = Ranked;
})();
