/* A report of the reader's own: measures and places picked from the page, as a table to print, with an address to send. Figures and verdicts are those of every other panel. */
(function () {
  "use strict";

  var make = jsnakit.make;
  var parts = jsnakit.parts;
  /* Longer addresses are not kept, and a longer report is not read. */
  var MOST_MEASURES = 25;
  var MOST_PLACES = 8;

  function Report(board) {
    this.board = board;
    this.view = board.view;
    this.holder = board.root.querySelector(".jd-report");
    this.begin();
  }

  /* The positions that the address names, in its order, each once; what it does not know is left out. */
  function listed(name, list, key, most) {
    var found = [];
    jsnakit.state.get(name).split(",").forEach(function (value) {
      for (var k = 0; k < list.length; k++) {
        if (list[k][key] === value && found.indexOf(k) < 0 && found.length < most) { found.push(k); }
      }
    });
    return found;
  }

  Report.prototype.picked = function () { return listed("picks", this.view.indicators, "id", MOST_MEASURES); };

  Report.prototype.places = function () { return listed("places", this.view.areas, "code", MOST_PLACES); };

  Report.prototype.keep = function (picked, places) {
    var view = this.view;
    jsnakit.state.set({
      picks: picked.map(function (i) { return view.indicators[i].id; }).join(","), places: places.map(function (a) { return view.areas[a].code; }).join(",")
    });
  };

  Report.prototype.begin = function () {
    var self = this;
    function test(value) { return /^[A-Za-z0-9_.,-]{1,1500}$/.test(value); }
    jsnakit.state.define("picks", test);
    jsnakit.state.define("places", test);
    this.boxes = [];
    var groups = this.view.head.groups.map(function (name, g) {
      var rows = [];
      self.view.indicators.forEach(function (m, i) { if (m.group === g) { rows.push(self.box(m, i)); } });
      return make.apply(null, ["fieldset", {"class": "jd-picks"}, make("legend", {}, name || "Measures")].concat(rows));
    });
    this.choose = make.apply(null, ["details", {"class": "jd-choose"}, make("summary", {}, "Choose measures")].concat(groups));
    this.add = make("button", {type: "button", "class": "jp-control"});
    this.add.addEventListener("click", function () {
      var places = self.places();
      self.keep(self.picked(), places.concat([self.board.choice.area]));
      jsnakit.say(self.view.areas[self.board.choice.area].name + " is in the report.");
    });
    this.print = make("button", {type: "button", "class": "jp-control"}, "Print the report");
    this.print.addEventListener("click", function () {
      var root = document.documentElement;
      root.setAttribute("data-report", "");
      window.addEventListener("afterprint", function () { root.removeAttribute("data-report"); }, {once: true});
      window.print();
    });
    this.chips = make("ul", {"class": "jd-reportplaces", "aria-label": "Places of the report"});
    this.made = make("div", {"class": "jd-made"});
    parts.refill(this.holder, make("h3", {"class": "jd-h3"}, "Build a report"),
      make("p", {"class": "jd-note"}, "Pick measures, and the places to set beside each other: find one above, then add it. The address keeps your report, so that it can be sent to someone."),
      make("div", {"class": "jd-reporttools"}, this.choose, make("div", {"class": "jd-reportbuttons"}, this.add, this.print)), this.chips, this.made);
    this.holder.hidden = false;
    this.update();
    jsnakit.state.on(function (changed) { if (changed.indexOf("picks") >= 0 || changed.indexOf("places") >= 0) { self.update(); } });
  };

  Report.prototype.box = function (measure, i) {
    var self = this;
    var id = this.board.root.id + "-pick" + i;
    var box = make("input", {type: "checkbox", id: id});
    this.boxes[i] = box;
    box.addEventListener("change", function () {
      var picked = self.picked().filter(function (k) { return k !== i; });
      if (box.checked && picked.length >= MOST_MEASURES) {
        box.checked = false;
        jsnakit.say("A report holds " + MOST_MEASURES + " measures.");
        return;
      }
      if (box.checked) { picked.push(i); }
      var places = self.places();
      self.keep(picked, places.length ? places : [self.board.choice.area]);
    });
    return make("div", {"class": "jd-pickbox"}, box, make("label", {"for": id}, measure.name));
  };

  Report.prototype.update = function () {
    var self = this;
    var view = this.view;
    var picked = this.picked();
    var places = this.places();
    var chosen = this.board.choice.area;
    this.boxes.forEach(function (box, i) { box.checked = picked.indexOf(i) >= 0; });
    this.add.textContent = "Add " + view.areas[chosen].name;
    this.add.disabled = places.indexOf(chosen) >= 0 || places.length >= MOST_PLACES;
    this.print.disabled = !picked.length || !places.length;
    parts.refill.apply(null, [this.chips].concat(places.map(function (a) {
      var away = make("button", {type: "button", "class": "jd-clear", "aria-label": "Take " + view.areas[a].name + " out of the report"}, "Take out");
      away.addEventListener("click", function () {
        self.keep(self.picked(), self.places().filter(function (k) { return k !== a; }));
        self.add.focus();
      });
      return make("li", {}, make("span", {"class": "jd-chip"}, view.areas[a].name), " ", away);
    })));
    this.chips.hidden = !places.length;
    parts.refill(this.made, picked.length && places.length ? this.table(picked, places) : null);
  };

  Report.prototype.table = function (picked, places) {
    var self = this;
    var head = make("thead", {}, make("tr", {}, make("th", {scope: "col"}, "Place"), make("th", {scope: "col", "class": "jk-num"}, "Figure"), make("th", {scope: "col"}, "Compared"),
      make("th", {scope: "col", "class": "jk-num"}, "Year")));
    var bodies = picked.map(function (i) {
      var m = self.view.indicators[i];
      var title = make("tr", {"class": "jk-group-row"}, make("th", {colspan: 4, scope: "rowgroup"}, m.name + (m.after ? ", " + m.after : "")));
      return make.apply(null, ["tbody", {}, title].concat(places.map(function (a) { return self.row(i, a); })));
    });
    return make.apply(null, ["table", {"class": "jk-table jk-plain"}, make("caption", {"class": "jk-vh"}, "The report: measures by place"), head].concat(bodies));
  };

  Report.prototype.row = function (i, a) {
    var view = this.view;
    var compare = this.board.choice.compare;
    var p = view.periodOf(i, a, null);
    var verdict = view.verdict(i, p, a, compare);
    var rule = view.judgedBy(i, p, compare);
    var place = view.rank(i, p, a) && rule === "fifths" ? make("span", {"class": "jd-rank"}, view.place(i, p, a) + " of " + jsnakit.words.count(view.of(i, p))) : null;
    return make("tr", {}, make("th", {scope: "row"}, view.areas[a].name), make("td", {"class": "jk-num"}, parts.value(view.figure(i, p, a), view.head.marks)),
      make("td", {}, parts.mark(view.head.marks[verdict]), place), make("td", {"class": "jk-num"}, view.periods[p].label));
  };

  jsnakit.LinkedReport = Report;
})();
