/* What linked panels know, and the answers they give for one choice: the same as `jsnakit.publish.linked.view` gives in Python. Nothing here judges: verdicts are read. */
(function () {
  "use strict";

  var REFERENCES = {middle: 0, low: 1, high: 2, england: 3};
  var REPEATED = 4;
  var ESTIMATED = 5;

  function decapitalised(word) { return word.slice(0, 1).toLowerCase() + word.slice(1); }

  function View(head, cube) {
    this.head = head;
    this.cube = cube;
    this.areas = head.areas.map(function (a) { return {code: a[0], name: a[1], region: a[2], x: a[3], y: a[4], old: a[5]}; });
    this.indicators = head.indicators.map(function (i) {
      return {id: i[0], name: i[1], after: i[2], percent: !!i[3], decimals: i[4], sign: i[5], group: i[6], latest: i[7], behind: i[8]};
    });
    this.periods = head.periods.map(function (p) { return {label: p[0], at: p[1]}; });
    this.noun = head.noun;
    this.memory = Object.create(null);
  }

  View.prototype.at = function (i, p, a) { return (i * this.cube.shape[1] + p) * this.cube.shape[2] + a; };

  View.prototype.known = function (i, p, a) { var n = this.cube.value[this.at(i, p, a)]; return n === n; };

  View.prototype.once = function (key, make) {
    if (!(key in this.memory)) { this.memory[key] = make.call(this); }
    return this.memory[key];
  };

  View.prototype.text = function (i, n) {
    var m = this.indicators[i];
    return jsnakit.words.number(n / Math.pow(10, m.decimals), m.percent, m.decimals);
  };

  View.prototype.number = function (i, n) { return n === n ? n / Math.pow(10, this.indicators[i].decimals) : null; };

  View.prototype.figure = function (i, p, a) {
    var at = this.at(i, p, a);
    var gap = this.head.gaps[this.cube.codes.status[at]];
    var n = this.cube.value[at];
    var missing = n !== n;
    return {
      value: this.number(i, n), lower: this.number(i, this.cube.lower[at]), upper: this.number(i, this.cube.upper[at]), missing: missing,
      gap: gap ? gap[0] : null, text: missing ? (gap || this.head.gaps[1])[1] : this.text(i, n), repeated: this.cube.codes.status[at] >= REPEATED
    };
  };

  View.prototype.lastNew = function (i, a, until) {
    for (var p = until; p >= 0; p--) {
      if (this.known(i, p, a) && this.cube.codes.status[this.at(i, p, a)] !== REPEATED) { return p; }
    }
    return null;
  };

  View.prototype.periodOf = function (i, a, chosen) {
    if (chosen !== null) { return chosen; }
    var found = this.lastNew(i, a, this.periods.length - 1);
    return found === null ? this.indicators[i].latest : found;
  };

  View.prototype.knownPeriods = function (i) {
    return this.once("periods " + i, function () {
      var found = [];
      for (var p = 0; p < this.periods.length; p++) {
        for (var a = 0; a < this.areas.length; a++) {
          if (this.cube.codes.status[this.at(i, p, a)] !== 1) { found.push(p); break; }
        }
      }
      return found;
    });
  };

  View.prototype.judgedBy = function (i, p, compare) {
    if (compare === "middle") { return "fifths"; }
    return this.once(["judged", i, p, compare].join(" "), function () {
      var plane = this.cube.codes[compare];
      for (var a = 0; a < this.areas.length; a++) { if (plane[this.at(i, p, a)]) { return compare; } }
      return "fifths";
    });
  };

  View.prototype.verdict = function (i, p, a, compare) {
    if (!this.known(i, p, a)) { return "no-data"; }
    var rule = this.judgedBy(i, p, compare);
    if (rule !== "fifths") { return this.head.outcomes[this.cube.codes[rule][this.at(i, p, a)]]; }
    var fifth = this.cube.codes.fifth[this.at(i, p, a)];
    return fifth ? this.head.fifths[fifth - 1] : "not-judged";
  };

  View.prototype.of = function (i, p) {
    return this.once(["of", i, p].join(" "), function () {
      var n = 0;
      for (var a = 0; a < this.areas.length; a++) { if (this.known(i, p, a)) { n++; } }
      return n;
    });
  };

  /* The rank and how many share it; null where there is none. */
  View.prototype.rank = function (i, p, a) {
    var doubled = this.cube.rank[this.at(i, p, a)];
    if (!doubled) { return null; }
    var ties = 0;
    for (var k = 0; k < this.areas.length; k++) { if (this.cube.rank[this.at(i, p, k)] === doubled) { ties++; } }
    return {rank: doubled / 2, ties: ties};
  };

  View.prototype.place = function (i, p, a) {
    var found = this.rank(i, p, a);
    return found ? jsnakit.words.place(found.rank, this.of(i, p), found.ties) : this.head.marks["not-judged"][0];
  };

  View.prototype.reference = function (i, p, which, a) {
    var row = i * this.cube.shape[1] + p;
    if (which === "region") {
      var at = this.areas[a].region;
      return at >= 0 ? this.cube.regions[row * this.cube.nRegions + at] : NaN;
    }
    return this.cube.references[row * 4 + REFERENCES[which]];
  };

  View.prototype.regionName = function (a) { var at = this.areas[a].region; return at >= 0 ? this.head.regions[at][1] : ""; };

  View.prototype.referenceName = function (which, a) {
    return which === "middle" ? "Middle authority" : which === "england" ? "England" : this.regionName(a) || "Region";
  };

  View.prototype.inside = function (choice, a, p) {
    if (choice.region !== null && this.areas[a].region !== choice.region) { return false; }
    return !choice.verdicts.length || choice.verdicts.indexOf(this.verdict(choice.indicator, p, a, choice.compare)) >= 0;
  };

  View.prototype.counts = function (choice, p) {
    var held = Object.create(null);
    for (var a = 0; a < this.areas.length; a++) {
      if (choice.region !== null && this.areas[a].region !== choice.region) { continue; }
      var verdict = this.verdict(choice.indicator, p, a, choice.compare);
      var n = this.cube.value[this.at(choice.indicator, p, a)];
      var span = held[verdict] || (held[verdict] = {n: 0, low: Infinity, high: -Infinity});
      span.n++;
      if (n < span.low) { span.low = n; }
      if (n > span.high) { span.high = n; }
    }
    var order = this.head.fifths.concat(this.head.outcomes.slice(1), ["not-judged", "no-data"]);
    var self = this;
    return order.filter(function (v) { return held[v]; }).map(function (v) {
      var span = held[v];
      return {verdict: v, n: span.n, span: v === "no-data" ? "" : self.text(choice.indicator, span.low) + " to " + self.text(choice.indicator, span.high)};
    });
  };

  View.prototype.ranked = function (choice, p) {
    var self = this;
    var kept = [];
    for (var a = 0; a < this.areas.length; a++) { if (a === choice.area || this.inside(choice, a, p)) { kept.push(a); } }
    function number(k) { var n = self.cube.value[self.at(choice.indicator, p, k)]; return n === n ? n : -Infinity; }
    return kept.sort(function (x, y) { return number(y) === number(x) ? (self.areas[x].code < self.areas[y].code ? -1 : 1) : number(y) - number(x); });
  };

  View.prototype.hasIntervals = function (i, p) {
    return this.once(["intervals", i, p].join(" "), function () {
      var any = false;
      for (var a = 0; a < this.areas.length; a++) {
        if (!this.known(i, p, a)) { continue; }
        any = true;
        var n = this.cube.lower[this.at(i, p, a)];
        if (n !== n) { return false; }
      }
      return any;
    });
  };

  View.prototype.title = function (i, p) {
    var m = this.indicators[i];
    return m.name + (m.after ? ", " + m.after : "") + ", " + this.periods[p].label;
  };

  View.prototype.judged = function (verdict, rule, a) {
    var word = decapitalised(this.head.marks[verdict][0]);
    if (rule === "fifths" || verdict === "not-judged") { return word; }
    return word + (verdict === "similar" ? " to " : " than ") + (rule === "england" ? "England" : this.regionName(a));
  };

  View.prototype.sentence = function (choice) {
    var i = choice.indicator;
    var a = choice.area;
    var m = this.indicators[i];
    var p = this.periodOf(i, a, choice.period);
    var shown = this.figure(i, p, a);
    var said = this.areas[a].name + ", " + m.name + ", " + this.periods[p].label + ": " + shown.text;
    if (shown.missing) { return said + "."; }
    said += m.behind;
    var status = this.cube.codes.status[this.at(i, p, a)];
    said += status === REPEATED ? " (carried forward)" : status === ESTIMATED ? " (estimated)" : "";
    said += this.rank(i, p, a) ? ", " + this.place(i, p, a) + " of " + jsnakit.words.count(this.of(i, p)) + " " + this.noun : "";
    said += " (" + this.judged(this.verdict(i, p, a, choice.compare), this.judgedBy(i, p, choice.compare), a) + ").";
    var n = this.reference(i, p, choice.compare, a);
    return said + (n === n ? " " + this.referenceName(choice.compare, a) + ": " + this.text(i, n) + "." : "");
  };

  jsnakit.View = View;
})();
