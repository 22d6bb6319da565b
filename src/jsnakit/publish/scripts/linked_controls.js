/* What a reader chooses with: measure, area (by name or old name), comparator, period, region; the key as filter buttons; the chips that name what is filtered. */
(function () {
  "use strict";

  var parts = jsnakit.parts;
  var make = jsnakit.make;
  var MOST = 12;

  function option(value, words) { return make("option", {value: value}, words); }

  function field(id, label, control) { return make("div", {"class": "jd-field"}, make("label", {"for": id}, label), control); }

  function folded(text) { return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/&/g, "and").replace(/[^a-z0-9]+/g, " ").trim(); }

  function Controls(board) {
    this.board = board;
    this.view = board.view;
    this.id = "jd-" + board.root.getAttribute("data-linked");
    this.bar = board.root.querySelector(".jd-bar");
    this.chips = board.root.querySelector(".jd-chips");
    this.legend = board.root.querySelector(".jd-legend");
    this.samples = Object.create(null);
    this.begin();
  }

  Controls.prototype.begin = function () {
    var self = this;
    var view = this.view;
    var head = view.head;
    this.measure = make("select", {id: this.id + "-measure"});
    head.groups.forEach(function (name, g) {
      var group = document.createElement("optgroup");
      group.label = name;
      view.indicators.forEach(function (i, k) { if (i.group === g) { group.appendChild(option(k, i.name)); } });
      self.measure.appendChild(group);
    });
    this.measure.addEventListener("change", function () { self.board.set({indicator: +self.measure.value}); });
    this.period = make("select", {id: this.id + "-period"});
    this.period.addEventListener("change", function () { self.board.set({period: self.period.value === "" ? null : +self.period.value}); });
    this.compare = make("select", {id: this.id + "-compare"});
    head.compare.forEach(function (c) { self.compare.appendChild(option(c, {middle: "Middle authority", england: "England", region: "Its region"}[c])); });
    this.compare.addEventListener("change", function () { self.board.set({compare: self.compare.value, verdicts: []}); });
    this.region = make("select", {id: this.id + "-region"}, option("", "All " + jsnakit.words.count(view.areas.length) + " " + view.noun));
    head.regions.forEach(function (r, k) { self.region.appendChild(option(k, r[1])); });
    this.region.addEventListener("change", function () { self.board.set({region: self.region.value === "" ? null : +self.region.value}); });
    parts.refill(this.bar, field(this.id + "-measure", "Measure", this.measure), this.combo(),
      head.compare.length > 1 ? field(this.id + "-compare", "Compare with", this.compare) : null,
      view.periods.length > 1 ? field(this.id + "-period", "Period", this.period) : null,
      head.regions.length > 1 ? field(this.id + "-region", "Show", this.region) : null);
    this.bar.hidden = false;
    Array.prototype.forEach.call(this.legend.children, function (item) {
      var sample = item.querySelector(".jk-swatchbox");
      if (sample) { self.samples[item.getAttribute("data-verdict")] = sample; }
    });
    this.legend.addEventListener("click", function (event) {
      var button = event.target.closest("button[data-verdict]");
      if (button) { self.board.toggle(button.getAttribute("data-verdict")); }
    });
  };

  /* -- find your area ------------------------------------------------------------------------------------------------------------ */

  Controls.prototype.combo = function () {
    var self = this;
    this.list = make("ul", {id: this.id + "-areas", role: "listbox", "aria-label": "Areas found", "class": "jd-found", hidden: true});
    this.find = make("input", {id: this.id + "-area", type: "text", role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.id + "-areas"});
    this.find.spellcheck = false;
    this.find.addEventListener("input", function () { self.offer(self.find.value); });
    this.find.addEventListener("focus", function () { self.find.select(); });
    this.find.addEventListener("blur", function () { self.close(true); });
    this.find.addEventListener("keydown", function (event) { self.typed(event); });
    /* Pressed, not clicked: the field must not lose the focus first. */
    this.list.addEventListener("pointerdown", function (event) {
      var item = event.target.closest("li[data-a]");
      event.preventDefault();
      if (item) { self.take(+item.getAttribute("data-a")); }
    });
    return make("div", {"class": "jd-field jd-combo"}, make("label", {"for": this.id + "-area"}, "Find your area"), this.find, this.list);
  };

  /* Areas by name, then by a name they had; a word's beginning counts more than its middle. */
  Controls.prototype.search = function (text) {
    var wanted = folded(text);
    var found = [];
    this.view.areas.forEach(function (area, a) {
      var best = null;
      [area.name].concat(area.old, [area.code]).forEach(function (name, n) {
        var at = (" " + folded(name)).indexOf(" " + wanted);
        var inside = folded(name).indexOf(wanted);
        var cost = at === 0 ? 0 : at > 0 ? 1 : inside >= 0 ? 2 : null;
        if (cost !== null && (best === null || cost + (n ? 3 : 0) < best.cost)) { best = {a: a, cost: cost + (n ? 3 : 0), old: n && name !== area.code ? name : ""}; }
      });
      if (best) { found.push(best); }
    });
    var areas = this.view.areas;
    return found.sort(function (x, y) { return x.cost - y.cost || (areas[x.a].name < areas[y.a].name ? -1 : 1); }).slice(0, MOST);
  };

  Controls.prototype.offer = function (text) {
    var self = this;
    this.at = -1;
    if (!folded(text)) {
      this.close(false);
      return;
    }
    this.found = this.search(text);
    var items = this.found.map(function (hit, k) {
      return make("li", {id: self.id + "-hit" + k, role: "option", "aria-selected": "false", "data-a": hit.a}, self.view.areas[hit.a].name,
        hit.old ? make("span", {"class": "jd-old"}, " (" + hit.old + ")") : null);
    });
    if (!items.length) { items = [make("li", {role: "option", "aria-disabled": "true", "aria-selected": "false"}, "No area of that name")]; }
    parts.refill.apply(null, [this.list].concat(items));
    this.list.hidden = false;
    this.find.setAttribute("aria-expanded", "true");
    this.find.removeAttribute("aria-activedescendant");
  };

  Controls.prototype.typed = function (event) {
    var open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) { this.offer(this.find.value); }
      var n = this.found ? this.found.length : 0;
      if (!n) { return; }
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : this.at < 0 ? 0 : -1) + n) % n;
      var self = this;
      Array.prototype.forEach.call(this.list.children, function (item, k) {
        item.setAttribute("aria-selected", String(k === self.at));
        if (k === self.at) { item.scrollIntoView({block: "nearest"}); }
      });
      this.find.setAttribute("aria-activedescendant", this.id + "-hit" + this.at);
    } else if (event.key === "Enter" && open && this.found && this.found.length) {
      event.preventDefault();
      this.take(this.found[Math.max(0, this.at)].a);
    } else if (event.key === "Escape") {
      this.close(true);
    }
  };

  Controls.prototype.take = function (a) {
    this.close(false);
    this.board.set({area: a});
    this.find.value = this.view.areas[this.board.choice.area].name;
  };

  Controls.prototype.close = function (restore) {
    this.list.hidden = true;
    this.find.setAttribute("aria-expanded", "false");
    this.find.removeAttribute("aria-activedescendant");
    if (restore) { this.find.value = this.view.areas[this.board.choice.area].name; }
  };

  /* -- what is chosen ------------------------------------------------------------------------------------------------------------ */

  Controls.prototype.periods = function () {
    var c = this.board.choice;
    var i = c.indicator;
    var view = this.view;
    var latest = "Latest (" + view.periods[view.periodOf(i, c.area, null)].label + ")";
    if (this.periodsOf === i && this.period.firstChild.textContent === latest) { return; }
    this.periodsOf = i;
    var options = view.knownPeriods(i).slice().reverse().map(function (p) { return option(p, view.periods[p].label); });
    parts.refill.apply(null, [this.period, option("", latest)].concat(options));
  };

  Controls.prototype.sample = function (verdict) {
    var fill = this.view.head.fills[verdict];
    if (!this.samples[verdict]) {
      var box = jsnakit.draw("rect", {"class": "jd-area" + (fill === "0" || fill === "1" ? "" : " jk-fill-" + fill), x: 5, y: 5, width: 250, height: 150});
      if (fill === "0" || fill === "1") { box.setAttribute("fill", "url(#" + this.board.root.getAttribute("data-linked") + "-" + fill + ")"); }
      var edge = jsnakit.draw("rect", {"class": "jk-swatch jd-hollow", x: 5, y: 5, width: 250, height: 150});
      this.samples[verdict] = jsnakit.draw("svg", {"class": "jk-swatchbox", viewBox: "0 0 26 16", width: 26, height: 16, "aria-hidden": "true", focusable: "false"},
        jsnakit.draw("g", {transform: "scale(.1)"}, box, edge));
    }
    return this.samples[verdict];
  };

  Controls.prototype.keys = function () {
    var self = this;
    var c = this.board.choice;
    var focused = document.activeElement && this.legend.contains(document.activeElement) ? document.activeElement.getAttribute("data-verdict") : null;
    /* What is filtered by can be taken back, also where no area has it. */
    var entries = this.board.shown.counts.concat(c.verdicts.filter(function (v) { return !self.board.shown.counts.some(function (e) { return e.verdict === v; }); })
      .map(function (v) { return {verdict: v, n: 0, span: ""}; }));
    var items = entries.map(function (entry) {
      var mark = self.view.head.marks[entry.verdict];
      var on = c.verdicts.indexOf(entry.verdict) >= 0;
      return make("li", {"data-verdict": entry.verdict}, make("button", {type: "button", "class": "jd-filter", "data-verdict": entry.verdict, "aria-pressed": String(on)},
        self.view.head.map ? self.sample(entry.verdict) : null, parts.icon(mark), make("span", {"class": "jk-key-word"}, mark[0]),
        make("span", {"class": "jk-key-range"}, entry.span), make("span", {"class": "jd-count"}, jsnakit.words.count(entry.n), make("span", {"class": "jk-vh"}, " areas"))));
    });
    parts.refill.apply(null, [this.legend].concat(items));
    if (focused) {
      var again = this.legend.querySelector("button[data-verdict=\"" + focused + "\"]");
      if (again) { again.focus(); }
    }
  };

  Controls.prototype.filtered = function () {
    var c = this.board.choice;
    var view = this.view;
    var names = c.verdicts.map(function (v) { return view.head.marks[v][0]; });
    if (c.region !== null) { names.push(view.head.regions[c.region][1] + " only"); }
    this.chips.hidden = !names.length;
    if (!names.length) { return ""; }
    var n = this.board.shown.inside.filter(Boolean).length;
    var said = jsnakit.words.count(n) + " of " + jsnakit.words.count(view.areas.length) + " " + view.noun + " shown";
    var self = this;
    var clear = make("button", {type: "button", "class": "jd-clear"}, "Clear");
    clear.addEventListener("click", function () {
      self.board.set({verdicts: [], region: null});
      self.measure.focus();
    });
    parts.refill.apply(null, [this.chips, make("span", {"class": "jd-shown"}, said)].concat(names.map(function (w) { return make("span", {"class": "jd-chip"}, w); }), [clear]));
    return " " + said + ": " + names.join(", ") + ".";
  };

  Controls.prototype.update = function () {
    var c = this.board.choice;
    this.periods();
    this.measure.value = String(c.indicator);
    this.period.value = c.period === null ? "" : String(c.period);
    this.compare.value = c.compare;
    this.region.value = c.region === null ? "" : String(c.region);
    if (document.activeElement !== this.find) { this.find.value = this.view.areas[c.area].name; }
    this.keys();
  };

  jsnakit.LinkedControls = Controls;
})();
