/* The map: areas filled by verdict, the chosen one in ink with its value in the sea; one tab stop, arrows to the neighbour in that direction, Enter to choose. */
(function () {
  "use strict";

  var parts = jsnakit.parts;
  var SIZE = 20;

  function wide(words, size, bold) { return words.length * size * (bold ? 0.62 : 0.57); }

  function LinkedMap(board) {
    this.board = board;
    this.view = board.view;
    this.name = board.root.getAttribute("data-linked");
    this.pictures = Array.prototype.slice.call(board.root.querySelectorAll("svg.jk-map"));
    this.main = this.pictures[0];
    this.active = null;
    this.paths = Object.create(null);
    var self = this;
    this.pictures.forEach(function (svg, part) {
      Array.prototype.forEach.call(svg.querySelectorAll("path[data-a]"), function (path) {
        var a = +path.getAttribute("data-a");
        if (path.firstChild) { path.removeChild(path.firstChild); }
        (self.paths[a] = self.paths[a] || []).push({path: path, part: part, fill: null});
      });
      svg.addEventListener("click", function (event) { self.clicked(event); });
      svg.addEventListener("pointermove", function (event) { self.over(event, svg); });
      svg.addEventListener("pointerleave", function () { self.tell(null); });
    });
    this.legend = board.root.querySelector(".jd-legend");
    this.begin();
  }

  LinkedMap.prototype.begin = function () {
    var self = this;
    var main = this.main;
    main.setAttribute("role", "listbox");
    main.setAttribute("tabindex", "0");
    this.pictures.slice(1).forEach(function (svg) { svg.setAttribute("aria-hidden", "true"); });
    Object.keys(this.paths).forEach(function (a) {
      var first = self.paths[a].filter(function (held) { return held.part === 0; })[0];
      if (first) {
        first.path.setAttribute("role", "option");
        first.path.setAttribute("id", "jd-" + self.name + "-a" + a);
        first.path.setAttribute("aria-label", self.view.areas[a].name);
      }
    });
    this.ring = jsnakit.draw("path", {"class": "jd-ring", d: "M0 0"});
    this.ringBack = jsnakit.draw("path", {"class": "jd-ringback", d: "M0 0"});
    main.querySelector(".jd-own").parentNode.appendChild(this.ringBack);
    main.querySelector(".jd-own").parentNode.appendChild(this.ring);
    this.tip = jsnakit.draw("g", {"class": "jd-tip", "aria-hidden": "true"});
    main.appendChild(this.tip);
    main.addEventListener("keydown", function (event) { self.key(event); });
    main.addEventListener("focus", function () { self.move(self.board.choice.area); });
    main.addEventListener("blur", function () { self.move(null); });
  };

  LinkedMap.prototype.areaOf = function (event) {
    var held = event.target.closest ? event.target.closest("path[data-a]") : null;
    return held ? +held.getAttribute("data-a") : null;
  };

  LinkedMap.prototype.clicked = function (event) {
    var a = this.areaOf(event);
    if (a !== null) { this.board.set({area: a}); }
  };

  LinkedMap.prototype.over = function (event, svg) {
    var a = this.areaOf(event);
    this.tell(svg === this.main || a === null ? a : a);
  };

  /* The neighbour in a direction: nearest of those within half a right angle of it. */
  LinkedMap.prototype.neighbour = function (from, dx, dy) {
    var here = this.view.areas[from];
    var best = null;
    var least = Infinity;
    this.view.areas.forEach(function (area, a) {
      if (a === from || area.x === null || here.x === null) { return; }
      var x = area.x - here.x;
      var y = area.y - here.y;
      var along = x * dx + y * dy;
      var off = Math.abs(x * dy) + Math.abs(y * dx);
      if (along <= 0 || off > along * 1.2) { return; }
      var far = along + off * 1.5;
      if (far < least) {
        least = far;
        best = a;
      }
    });
    return best;
  };

  LinkedMap.prototype.key = function (event) {
    var way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (way) {
      event.preventDefault();
      var from = this.active === null ? this.board.choice.area : this.active;
      var to = this.neighbour(from, way[0], way[1]);
      if (to !== null) { this.move(to); }
    } else if (parts.pressed(event) && this.active !== null) {
      event.preventDefault();
      this.board.set({area: this.active});
    } else if (event.key === "Escape") {
      this.move(this.board.choice.area);
    }
  };

  LinkedMap.prototype.outline = function (a, part) {
    var held = (this.paths[a] || []).filter(function (h) { return h.part === part; })[0];
    return held ? held.path : null;
  };

  /* Makes an area the active one of the list: ringed, named and read. */
  LinkedMap.prototype.move = function (a) {
    var path = a === null ? null : this.outline(a, 0);
    this.active = path ? a : null;
    var d = path ? path.getAttribute("d") : "M0 0";
    this.ring.setAttribute("d", d);
    this.ringBack.setAttribute("d", d);
    if (path) {
      path.setAttribute("aria-label", this.says(a));
      this.main.setAttribute("aria-activedescendant", path.id);
    } else {
      this.main.removeAttribute("aria-activedescendant");
    }
    this.tell(this.active);
  };

  LinkedMap.prototype.words = function (a) {
    var c = this.board.choice;
    var p = this.board.period;
    var shown = this.view.figure(c.indicator, p, a);
    return shown.text + (shown.missing ? "" : this.view.indicators[c.indicator].behind);
  };

  LinkedMap.prototype.says = function (a) {
    return this.view.areas[a].name + ": " + this.words(a) + ", " + this.view.head.marks[this.board.shown.verdicts[a]][0].toLowerCase();
  };

  /* The tooltip: the name and what the map says of it. Nothing stands in it alone. */
  LinkedMap.prototype.tell = function (a) {
    if (this.told === a && a === null) { return; }
    this.told = a;
    parts.refill(this.tip);
    var area = a === null ? null : this.view.areas[a];
    if (!area || area.x === null) { return; }
    var lines = [area.name, this.words(a) + ", " + this.view.head.marks[this.board.shown.verdicts[a]][0].toLowerCase()];
    if (document.activeElement === this.main) { lines[1] += ". Enter to choose."; }
    var width = Math.max(wide(lines[0], 13, true), wide(lines[1], 12.5)) + 20;
    var size = this.view.head.map;
    var x = Math.max(0, Math.min(size[0] - width, area.x - width / 2));
    var y = area.y > 70 ? area.y - 62 : area.y + 18;
    this.tip.setAttribute("transform", "translate(" + x.toFixed(1) + " " + y.toFixed(1) + ")");
    parts.refill(this.tip, jsnakit.draw("rect", {"class": "jd-tipback", width: width.toFixed(1), height: 46}),
      jsnakit.draw("text", {"class": "jd-tipname", x: 10, y: 19}, lines[0]), jsnakit.draw("text", {"class": "jd-tipwords", x: 10, y: 36}, lines[1]));
  };

  /* Where the name finds room beside the land, as `_leaders.py` finds it. */
  LinkedMap.prototype.room = function (y, side, width) {
    var coast = this.view.head.coast[side === "west" ? 0 : 1];
    var found = side === "west" ? width : 0;
    for (var k = Math.max(0, Math.floor((y - 20) / 4)); k < Math.min(coast.length, Math.floor((y + 24) / 4) + 1); k++) {
      if (coast[k] !== null) { found = side === "west" ? Math.min(found, coast[k]) : Math.max(found, coast[k]); }
    }
    return found;
  };

  LinkedMap.prototype.label = function (a) {
    var area = this.view.areas[a];
    var holder = this.main.querySelector(".jd-label");
    parts.refill(holder);
    if (!area || area.x === null) { return; }
    var words = this.words(a);
    var size = this.view.head.map;
    var self = this;
    var span = Math.max(wide(area.name, SIZE, true), wide(words, 18)) + 4;
    var best = null;
    [0, -24, 24, -48, 48, -80, 80, -120, 120, -170, 170, -230, 230].forEach(function (shift) {
      var y = area.y + shift + 5;
      if (y < 16 || y > size[1] - 26) { return; }
      ["west", "east"].forEach(function (side) {
        var edge = self.room(y, side, size[0]);
        var x = side === "west" ? edge - 34 : edge + 34;
        if ((side === "west" ? x - span : x) < 0 || (side === "west" ? x : x + span) > size[0]) { return; }
        var cost = Math.abs(x - area.x) + Math.abs(shift) * 1.5;
        if (!best || cost < best.cost) { best = {cost: cost, side: side, x: x, y: y}; }
      });
    });
    best = best || {side: "east", x: 0, y: 18};
    var near = best.side === "west" || area.x > best.x + span ? best.x + 6 : best.x - 6;
    if (best.side === "east" && area.x > best.x + span) { near = best.x + span + 2; }
    var dx = area.x - near;
    var dy = area.y - (best.y - 5);
    var far = Math.max(1, Math.sqrt(dx * dx + dy * dy));
    var line = {x1: near.toFixed(1), y1: (best.y - 5).toFixed(1), x2: (area.x - dx / far * 5).toFixed(1), y2: (area.y - dy / far * 5).toFixed(1)};
    var anchor = best.side === "west" ? "end" : "start";
    var value = jsnakit.draw("text", {x: best.x.toFixed(1), y: best.y.toFixed(1), "class": "jk-t-calloutvalue", "text-anchor": anchor}, words);
    value.setAttribute("dy", "1.3em");
    parts.refill(holder, jsnakit.draw("line", Object.assign({"class": "jk-leader-halo"}, line)), jsnakit.draw("line", Object.assign({"class": "jk-leader"}, line)),
      jsnakit.draw("text", {x: best.x.toFixed(1), y: best.y.toFixed(1), "class": "jk-t-callout", "text-anchor": anchor}, area.name), value);
  };

  LinkedMap.prototype.fill = function (held, verdict, faded) {
    var n = this.view.head.fills[verdict];
    var wanted = n + (faded ? " jd-fade" : "");
    if (held.fill === wanted) { return; }
    held.fill = wanted;
    var patterned = n === "0" || n === "1";
    held.path.setAttribute("class", "jd-area" + (patterned ? "" : " jk-fill-" + n) + (faded ? " jd-fade" : ""));
    if (patterned) { held.path.setAttribute("fill", "url(#" + this.name + (held.part ? "-i" : "") + "-" + n + ")"); } else { held.path.removeAttribute("fill"); }
  };

  LinkedMap.prototype.update = function () {
    var self = this;
    var c = this.board.choice;
    var shown = this.board.shown;
    Object.keys(this.paths).forEach(function (a) {
      self.paths[a].forEach(function (held) { self.fill(held, shown.verdicts[a], !shown.inside[a]); });
    });
    if (this.chosen !== c.area) {
      var before = this.outline(this.chosen, 0);
      if (before) { before.removeAttribute("aria-selected"); }
      var now = this.outline(c.area, 0);
      if (now) { now.setAttribute("aria-selected", "true"); }
      this.chosen = c.area;
    }
    this.pictures.forEach(function (svg, part) {
      var path = self.outline(c.area, part);
      var d = path ? path.getAttribute("d") : null;
      parts.refill(svg.querySelector(".jd-own"), d && jsnakit.draw("path", {"class": "jk-own-halo", d: d}), d && jsnakit.draw("path", {"class": "jk-own-line", d: d}));
    });
    this.main.setAttribute("aria-label", this.view.title(c.indicator, this.board.period) + ". Areas: arrows move, Enter chooses.");
    this.label(c.area);
    if (this.told !== null && this.told !== undefined) { this.tell(this.told); }
  };

  jsnakit.LinkedMap = LinkedMap;
})();
