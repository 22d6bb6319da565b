/* Linked panels: one choice, kept in the address, that every panel follows. The page is whole before this runs; a browser without what it needs keeps it as it is. */
(function () {
  "use strict";

  var parts = jsnakit.parts;
  var boards = [];
  var NAMES = ["measure", "area", "compare", "period", "verdict", "within"];

  function find(list, test) {
    for (var k = 0; k < list.length; k++) { if (test(list[k])) { return k; } }
    return -1;
  }

  function seen(element) {
    var box = element.getBoundingClientRect();
    return box.top < window.innerHeight && box.bottom > 0;
  }

  /* Runs now what can be seen, and what cannot when there is time for it. */
  function soon(now, run) {
    if (now) { return run(); }
    return window.requestIdleCallback ? window.requestIdleCallback(run, {timeout: 500}) : setTimeout(run, 30);
  }

  function Board(root, head) {
    this.root = root;
    this.head = head;
    this.turn = 0;
    this.panels = [];
  }

  Board.prototype.knows = function (name, value) {
    var head = this.head;
    if (name === "measure") { return find(head.indicators, function (i) { return i[0] === value; }) >= 0; }
    if (name === "area") { return find(head.areas, function (a) { return a[0] === value; }) >= 0; }
    if (name === "compare") { return head.compare.indexOf(value) >= 0; }
    if (name === "period") { return find(head.periods, function (p) { return p[0] === value; }) >= 0; }
    if (name === "within") { return find(head.regions, function (r) { return r[0] === value; }) >= 0; }
    return value.split(",").every(function (v) { return Object.prototype.hasOwnProperty.call(head.marks, v); });
  };

  /* The choice that the address holds; what it leaves out is as Python drew it. */
  Board.prototype.read = function () {
    var head = this.head;
    var state = jsnakit.state;
    var self = this;
    function at(name, list, otherwise) {
      var value = state.get(name);
      var k = value && self.knows(name, value) ? find(list, function (entry) { return entry[0] === value; }) : -1;
      return k >= 0 ? k : otherwise;
    }
    var verdicts = state.get("verdict");
    this.choice = {
      indicator: at("measure", head.indicators, head.choice[0]), area: at("area", head.areas, head.place), compare: state.get("compare") || head.choice[1],
      period: at("period", head.periods, null), region: at("within", head.regions, null), verdicts: verdicts ? verdicts.split(",") : []
    };
    if (head.compare.indexOf(this.choice.compare) < 0) { this.choice.compare = head.choice[1]; }
    /* A measure that has nothing for the period chosen is shown at its latest. */
    var c = this.choice;
    if (c.period !== null && this.view.knownPeriods(c.indicator).indexOf(c.period) < 0) { c.period = null; }
    /* A verdict of another rule than the one in use filters nothing. */
    var rule = this.view.judgedBy(c.indicator, this.view.periodOf(c.indicator, c.area, c.period), c.compare);
    var usable = (rule === "fifths" ? head.fifths.concat(["not-judged"]) : head.outcomes).concat(["no-data"]);
    c.verdicts = c.verdicts.filter(function (v) { return usable.indexOf(v) >= 0; });
    this.look();
  };

  /* What every panel asks of the choice, worked out once. */
  Board.prototype.look = function () {
    var c = this.choice;
    var view = this.view;
    this.period = view.periodOf(c.indicator, c.area, c.period);
    var p = this.period;
    this.shown = {
      verdicts: view.areas.map(function (area, a) { return view.verdict(c.indicator, p, a, c.compare); }),
      inside: view.areas.map(function (area, a) { return view.inside(c, a, p); }), counts: view.counts(c, p)
    };
  };

  /* Changes the choice: the address first, and everything follows from that */
  Board.prototype.set = function (changes) {
    var c = Object.assign({}, this.choice, changes);
    var head = this.head;
    jsnakit.state.set({
      measure: c.indicator === head.choice[0] ? "" : head.indicators[c.indicator][0], area: c.area === head.place ? "" : head.areas[c.area][0],
      compare: c.compare === head.choice[1] ? "" : c.compare, period: c.period === null ? "" : head.periods[c.period][0],
      verdict: c.verdicts.join(","), within: c.region === null ? "" : head.regions[c.region][0]
    });
  };

  Board.prototype.toggle = function (verdict) {
    var now = this.choice.verdicts;
    var on = now.indexOf(verdict) >= 0;
    this.set({verdicts: on ? now.filter(function (v) { return v !== verdict; }) : now.concat([verdict])});
  };

  Board.prototype.headings = function () {
    var c = this.choice;
    var view = this.view;
    var name = view.areas[c.area].name;
    var root = this.root;
    function put(of, words) {
      var head = root.querySelector(".jd-h3-" + of);
      if (head) { head.textContent = words; }
    }
    put("map", view.title(c.indicator, this.period));
    put("trend", name + " over time: " + view.indicators[c.indicator].name);
    put("spine", name + " on every measure, by fifth");
    parts.refill(root.querySelector(".jd-key"), parts.icon(view.head.marks[this.shown.verdicts[c.area]]),
      jsnakit.make("span", {"class": "jd-keywords"}, view.sentence(c)));
  };

  Board.prototype.update = function (speak) {
    var turn = ++this.turn;
    var self = this;
    /* Asked before anything is written, or the browser would lay out the page once a panel. */
    var near = this.panels.map(function (panel) { return seen(panel.holder); });
    this.headings();
    this.controls.update();
    var filtered = this.controls.filtered();
    this.panels.forEach(function (panel, n) {
      soon(near[n], function () { if (turn === self.turn) { panel.drawn.update(); } });
    });
    if (speak) { jsnakit.say(this.view.sentence(this.choice) + filtered); }
  };

  Board.prototype.begin = function (cube) {
    var self = this;
    this.view = new jsnakit.View(this.head, cube);
    this.read();
    function panel(selector, Kind) {
      var holder = self.root.querySelector(selector);
      if (holder) { self.panels.push({holder: holder, drawn: new Kind(self)}); }
    }
    panel("svg.jk-map", jsnakit.LinkedMap);
    panel(".jd-ranked", jsnakit.LinkedRanked);
    panel(".jd-trend", jsnakit.LinkedTrend);
    panel(".jd-spine", jsnakit.LinkedSpine);
    panel(".jd-report", jsnakit.LinkedReport);
    this.controls = new jsnakit.LinkedControls(this);
    this.update(false);
    jsnakit.state.on(function (changed) {
      if (changed.some(function (name) { return NAMES.indexOf(name) >= 0; })) {
        self.read();
        self.update(true);
      }
    });
    this.root.setAttribute("data-ready", "");
  };

  jsnakit.ready(function () {
    if (typeof DecompressionStream === "undefined") { return; }
    Array.prototype.forEach.call(document.querySelectorAll("[data-linked]"), function (root) {
      boards.push(new Board(root, jsnakit.read("linked-" + root.getAttribute("data-linked"))));
    });
    NAMES.forEach(function (name) {
      jsnakit.state.define(name, function (value) { return boards.some(function (board) { return board.knows(name, value); }); });
    });
    boards.forEach(function (board) {
      var text = document.getElementById("jk-cube-" + board.root.getAttribute("data-linked")).textContent;
      jsnakit.cube.decode(text, board.head.cube, board.head.indicators.map(function (i) { return i[5]; })).then(function (cube) { board.begin(cube); });
    });
  });
})();
