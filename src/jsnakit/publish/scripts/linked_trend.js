/* The line through time, as `trends.py` draws it: the area in ink, the comparator in grey, the middle three fifths as a band. A point chosen is the period of every panel. */
(function () {
  "use strict";

  var parts = jsnakit.parts;
  var draw = jsnakit.draw;

  function wide(words, size, bold) { return words.length * size * (bold ? 0.62 : 0.57); }

  /* At most `most` round numbers from low to high, evenly spaced. */
  jsnakit.ticks = function (low, high, most) {
    if (!(high > low)) { high = low + (Math.abs(low) || 1); }
    for (var power = Math.floor(Math.log10(high - low)) - 1; power < 400; power++) {
      for (var k = 0; k < 3; k++) {
        var size = [1, 2, 5][k] * Math.pow(10, power);
        var first = Math.floor(low / size + 1e-9);
        var last = Math.ceil(high / size - 1e-9);
        if (last - first + 1 <= most) {
          var found = [];
          for (var i = first; i <= last; i++) { found.push(Number((i * size).toPrecision(12))); }
          return found;
        }
      }
    }
    return [low, high];
  };

  function runs(known) {
    var found = [];
    known.forEach(function (here, i) {
      if (here && i && known[i - 1]) { found[found.length - 1].push(i); } else if (here) { found.push([i]); }
    });
    return found;
  }

  /* The positions nearest to those wanted that keep apart. */
  function apart(wanted, least) {
    var order = wanted.map(function (y, i) { return i; }).sort(function (a, b) { return wanted[a] - wanted[b]; });
    var placed = order.map(function (i) { return wanted[i]; });
    for (var n = 0; n < 40; n++) {
      var moved = false;
      for (var a = 0; a < placed.length - 1; a++) {
        var short = least - (placed[a + 1] - placed[a]);
        if (short > 0.01) {
          placed[a] -= short / 2;
          placed[a + 1] += short / 2;
          moved = true;
        }
      }
      if (!moved) { break; }
    }
    var out = [];
    order.forEach(function (i, k) { out[i] = placed[k]; });
    return out;
  }

  function text(x, y, words, css, anchor) {
    return draw("text", {x: x.toFixed(1), y: y.toFixed(1), "class": css, "text-anchor": anchor || null}, words);
  }

  function level(css, left, right, y) { return draw("line", {"class": css, x1: left.toFixed(1), x2: right.toFixed(1), y1: y.toFixed(1), y2: y.toFixed(1)}); }

  function Trend(board) {
    this.board = board;
    this.view = board.view;
    this.holder = board.root.querySelector(".jd-trend");
    var self = this;
    parts.rove(this.holder, ".jd-pick");
    this.holder.addEventListener("click", function (event) {
      var held = event.target.closest("[data-p]");
      if (held) { self.board.set({period: +held.getAttribute("data-p")}); }
    });
  }

  Trend.prototype.series = function () {
    var view = this.view;
    var c = this.board.choice;
    var i = c.indicator;
    var held = view.knownPeriods(i);
    function of(which) { return held.map(function (p) { return view.number(i, view.reference(i, p, which, c.area)); }); }
    return {
      periods: held, labels: held.map(function (p) { return view.periods[p].label; }), times: held.map(function (p) { return view.periods[p].at; }),
      area: held.map(function (p) { return view.figure(i, p, c.area); }), marks: held.map(function (p) { return view.verdict(i, p, c.area, c.compare); }),
      middle: of(c.compare), low: of("low"), high: of("high"), name: view.areas[c.area].name,
      middleName: c.compare === "middle" ? "middle authority" : view.referenceName(c.compare, c.area)
    };
  };

  Trend.prototype.words = function (n) { return this.view.text(this.board.choice.indicator, n * Math.pow(10, this.view.indicators[this.board.choice.indicator].decimals)); };

  Trend.prototype.picture = function (s, width, height, css) {
    var m = this.view.indicators[this.board.choice.indicator];
    var known = s.area.map(function (f, i) { return f.missing ? -1 : i; }).filter(function (i) { return i >= 0; });
    var svg = draw("svg", {"class": "jk-svg jk-trend " + css, viewBox: "0 0 " + width + " " + height, width: width, role: "img", "aria-label": this.sentence(s, known)});
    if (!known.length) {
      svg.appendChild(draw("path", {"class": "jk-m jk-m-absent", d: "M" + (width / 2 - 34) + " " + height / 2 + "h10"}));
      svg.appendChild(text(width / 2 - 22, height / 2 + 4, "no data", "jk-t-note"));
      return svg;
    }
    var numbers = [];
    s.area.forEach(function (f) { [f.value, f.lower, f.upper].forEach(function (v) { if (v !== null && !f.missing) { numbers.push(v); } }); });
    [s.middle, s.low, s.high].forEach(function (list) { list.forEach(function (v) { if (v !== null) { numbers.push(v); } }); });
    var low = Math.min.apply(null, numbers);
    var high = Math.max.apply(null, numbers);
    var room = (high - low) * 0.08 || Math.abs(high) * 0.1 || 1;
    var span = [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
    var ticks = jsnakit.ticks(span[0], span[1], 6).filter(function (t) { return span[0] <= t && t <= span[1]; }).slice(-4);
    var names = ticks.map(function (t) { return jsnakit.words.number(t, m.percent, t === Math.floor(t) ? 0 : 1); });
    var narrow = width < 500;
    var ends = this.ends(s, known, narrow);
    var plot = {
      left: Math.max.apply(null, names.map(function (n) { return wide(n, 13); }).concat([0])) + 8,
      right: width - (Math.max.apply(null, ends.map(function (e) { return wide(e[1], 13, true); })) + 22), top: 16, bottom: height - 34
    };
    plot.x = function (i) {
      var first = s.times[0];
      var last = s.times[s.times.length - 1];
      return last <= first ? (plot.left + plot.right) / 2 : plot.left + (s.times[i] - first) / (last - first) * (plot.right - plot.left);
    };
    plot.y = function (v) { return plot.bottom - (v - span[0]) / (span[1] - span[0]) * (plot.bottom - plot.top); };
    svg.appendChild(level("jk-base", plot.left, plot.right, height - 34));
    ticks.forEach(function (t, k) {
      svg.appendChild(level("jk-grid", plot.left, plot.right, plot.y(t)));
      svg.appendChild(text(plot.left - 8, plot.y(t) + 4, names[k], "jk-t-axis", "end"));
    });
    this.lines(svg, s, plot, known);
    this.labels(svg, s, plot, known, ends, width, height, narrow);
    this.hits(svg, s, plot, height);
    return svg;
  };

  Trend.prototype.lines = function (svg, s, plot, known) {
    var self = this;
    function point(i, v) { return plot.x(i).toFixed(1) + " " + plot.y(v).toFixed(1); }
    function path(css, points) { svg.appendChild(draw("path", {"class": css, d: "M" + points.join("L")})); }
    function line(values, repeated, css) {
      runs(values.map(function (v) { return v !== null; })).forEach(function (run) {
        var solid = [];
        run.forEach(function (i, k) {
          if (k && repeated[i]) {
            if (solid.length > 1) { path(css, solid); }
            path(css + " jk-line-repeated", [point(run[k - 1], values[run[k - 1]]), point(i, values[i])]);
            solid = [point(i, values[i])];
          } else {
            solid.push(point(i, values[i]));
          }
        });
        if (solid.length > 1) { path(css, solid); }
      });
    }
    runs(s.low.map(function (v, i) { return v !== null && s.high[i] !== null; })).forEach(function (run) {
      var upper = run.map(function (i) { return point(i, s.high[i]); });
      var lower = run.slice().reverse().map(function (i) { return point(i, s.low[i]); });
      path("jk-band", upper.concat(lower, ["z"]).filter(function (t) { return t !== "z"; }));
      svg.lastChild.setAttribute("d", svg.lastChild.getAttribute("d") + "z");
    });
    line(s.middle, [], "jk-line-middle");
    line(s.area.map(function (f) { return f.missing ? null : f.value; }), s.area.map(function (f) { return f.repeated; }), "jk-line");
    known.forEach(function (i) {
      var f = s.area[i];
      var x = plot.x(i).toFixed(1);
      if (f.lower !== null && f.upper !== null) { svg.appendChild(draw("line", {"class": "jk-whisker", x1: x, x2: x, y1: plot.y(f.lower).toFixed(1), y2: plot.y(f.upper).toFixed(1)})); }
      var c = self.board.choice;
      if (s.periods[i] === self.board.period) { svg.appendChild(draw("circle", {"class": "jk-ring", cx: x, cy: plot.y(f.value).toFixed(1), r: 12})); }
      var out = c.verdicts.length && c.verdicts.indexOf(s.marks[i]) < 0 ? " jd-fade" : "";
      if (f.repeated) {
        svg.appendChild(draw("circle", {"class": "jk-point-open" + out, cx: x, cy: plot.y(f.value).toFixed(1), r: i === known[known.length - 1] ? 4 : 2.8}));
      } else {
        svg.appendChild(draw("g", {"class": out.trim() || null, transform: "translate(" + x + " " + plot.y(f.value).toFixed(1) + ")"}, parts.glyph(self.view.head.marks[s.marks[i]])));
      }
    });
  };

  Trend.prototype.tail = function (s, known) {
    var last = known[known.length - 1];
    return s.area[last].text + (last === s.labels.length - 1 ? "" : " (" + s.labels[last] + ")");
  };

  /* What is written at the right end of each line: value, words, class. */
  Trend.prototype.ends = function (s, known, narrow) {
    var self = this;
    var tail = this.tail(s, known);
    var ends = [[s.area[known[known.length - 1]].value, narrow ? tail : s.name + " " + tail, "jk-t-last"]];
    var shown = s.middle.filter(function (v) { return v !== null; });
    if (shown.length) { ends.push([shown[shown.length - 1], (narrow ? "" : s.middleName + " ") + self.words(shown[shown.length - 1]), "jk-t-note"]); }
    var top = s.high.filter(function (v) { return v !== null; });
    if (top.length && !narrow) { ends.push([top[top.length - 1], "middle three fifths", "jk-t-note"]); }
    return ends;
  };

  Trend.prototype.labels = function (svg, s, plot, known, ends, width, height, narrow) {
    var first = known[0];
    if (first !== known[known.length - 1]) {
      var here = s.area[first].value;
      svg.appendChild(text(plot.x(first), plot.y(here) + (s.area[known[1]].value > here ? 18 : -10), s.area[first].text, "jk-t-own"));
    }
    apart(ends.map(function (e) { return plot.y(e[0]); }), 16).forEach(function (y, k) { svg.appendChild(text(plot.right + 18, y + 4, ends[k][1], ends[k][2])); });
    svg.appendChild(text(plot.x(0), height - 12, s.labels[0], "jk-t-axis"));
    if (s.labels.length > 1) { svg.appendChild(text(plot.x(s.labels.length - 1), height - 12, s.labels[s.labels.length - 1], "jk-t-axis", narrow ? "end" : "middle")); }
  };

  /* The whole height of each period can be clicked. */
  Trend.prototype.hits = function (svg, s, plot, height) {
    s.periods.forEach(function (p, i) {
      var from = i ? (plot.x(i - 1) + plot.x(i)) / 2 : plot.x(0) - 14;
      var to = i < s.periods.length - 1 ? (plot.x(i) + plot.x(i + 1)) / 2 : plot.x(i) + 14;
      svg.appendChild(draw("rect", {"class": "jd-hit", "data-p": p, x: from.toFixed(1), y: 0, width: Math.max(1, to - from).toFixed(1), height: height - 34}));
    });
  };

  Trend.prototype.sentence = function (s, known) {
    if (!known.length) { return s.name + ": no figures."; }
    var first = known[0];
    var last = known[known.length - 1];
    return s.name + ": " + s.area[first].text + " in " + s.labels[first] + (last === first ? "" : ", " + s.area[last].text + " in " + s.labels[last]) + ". The table below has every period.";
  };

  Trend.prototype.table = function (s) {
    var self = this;
    var open = !!this.holder.querySelector("details[open]");
    var rows = s.periods.map(function (p, i) {
      var now = p === self.board.period;
      var mark = self.view.head.marks[s.marks[i]];
      return jsnakit.make("tr", {role: "row", "data-p": p, "class": now ? "jk-own" : null},
        parts.cell("", "rowheader", jsnakit.make("button", {type: "button", "class": "jd-pick", tabindex: now ? "0" : "-1", "aria-current": now ? "true" : null}, s.labels[i])),
        parts.cell("jk-num", "cell", parts.value(s.area[i], self.view.head.marks)), parts.cell("", "cell", s.area[i].missing ? null : parts.mark(mark)),
        parts.cell("jk-num", "cell", s.middle[i] === null ? "" : self.words(s.middle[i])),
        parts.cell("jk-num", "cell", s.low[i] === null || s.high[i] === null ? "" : self.words(s.low[i]) + " to " + self.words(s.high[i])));
    });
    if (rows.length && !s.periods.some(function (p) { return p === self.board.period; })) { rows[0].querySelector(".jd-pick").setAttribute("tabindex", "0"); }
    var heads = [["", "Period"], ["jk-num", s.name], ["", "Verdict"], ["jk-num", s.middleName.slice(0, 1).toUpperCase() + s.middleName.slice(1)], ["jk-num", "Middle three fifths"]];
    var table = jsnakit.make("table", {"class": "jk-table jk-plain", role: "table"},
      jsnakit.make("thead", {role: "rowgroup"}, jsnakit.make.apply(null, ["tr", {role: "row"}].concat(heads.map(function (h) { return parts.cell(h[0], "columnheader", h[1]); })))),
      jsnakit.make.apply(null, ["tbody", {role: "rowgroup"}].concat(rows)));
    return jsnakit.make("details", {"class": "jk-twin", open: open}, jsnakit.make("summary", {"class": "jk-link"}, "Show as table"), jsnakit.make("div", {"class": "jk-scroll"}, table));
  };

  Trend.prototype.update = function () {
    var s = this.series();
    var note = "Black: " + s.name + ". Grey line: " + s.middleName + ". Band: middle three fifths.";
    var self = this;
    parts.keeping(this.holder, "data-p", function () {
      parts.refill(self.holder,
        jsnakit.make("div", {"class": "jk-figure"}, self.picture(s, 816, 330, "jk-wide-only"), self.picture(s, 350, 260, "jk-narrow-only"), jsnakit.make("p", {"class": "jk-narrow-note"}, note)),
        self.table(s));
    });
  };

  jsnakit.LinkedTrend = Trend;
})();
